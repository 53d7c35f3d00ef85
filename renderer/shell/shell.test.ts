// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import App from '../App.vue'
import { mountConsole, type ConsoleOptions, type MountedConsole } from '../testing/mount-console.ts'

/** Palette and dialogs stand beside the component, in the body. */
const inBody = (selector: string): HTMLElement[] => [...document.body.querySelectorAll<HTMLElement>(selector)]
const press = (
  key: string,
  modifiers: KeyboardEventInit = {},
  target: EventTarget = document.body,
): boolean =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...modifiers }))
const path = ({ wrapper }: MountedConsole): string => wrapper.vm.$router.currentRoute.value.path

let mounted: MountedConsole | undefined
async function open(options: ConsoleOptions = {}): Promise<MountedConsole> {
  mounted = await mountConsole(App, options)
  return mounted
}
afterEach(() => {
  mounted?.wrapper.unmount()
  document.body.replaceChildren()
})

describe('the rail', () => {
  it('lists the pages that work and marks the present one', async () => {
    const { wrapper } = await open()
    const links = wrapper.findAll('.rail a')
    expect(links.map((link) => link.find('.label').text())).toEqual(['Overview', 'Charts', 'Pipelines'])
    expect(links.map((link) => link.attributes('aria-current'))).toEqual(['page', undefined, undefined])
    expect(document.title).toBe('Overview · DataKit')
  })

  it.each([
    [{ host: 'electron', platform: 'linux' }, { ctrlKey: true }, 'Ctrl 2'],
    [{ host: 'electron', platform: 'darwin' }, { metaKey: true }, '⌘2'],
    [{ host: 'web', platform: 'linux' }, { altKey: true }, 'Alt 2'],
  ] as const)('goes by the key that it shows (%j)', async (options, modifiers, shown) => {
    const console = await open(options)
    expect(console.wrapper.findAll('.rail a')[1]?.text()).toContain(shown)
    press('2', modifiers)
    await console.settle()
    expect(path(console)).toBe('/charts')
  })
})

describe('the command palette', () => {
  const typeInto = async (console: MountedConsole, text: string): Promise<HTMLInputElement> => {
    press('k', { ctrlKey: true })
    await console.settle()
    const input = inBody('.palette input')[0] as HTMLInputElement
    input.value = text
    input.dispatchEvent(new Event('input'))
    await console.settle()
    return input
  }

  it('restarts a collector by typing a part of its name', async () => {
    const console = await open()
    const input = await typeInto(console, 'mysql')
    expect(inBody('.palette [role="option"]').map((option) => option.textContent?.trim())).toEqual([
      expect.stringContaining('Run mysql#0 once'),
      expect.stringContaining('Restart mysql#0'),
    ])
    press('ArrowDown', {}, input)
    await console.settle()
    expect(input.getAttribute('aria-activedescendant')).toBe('command-1')
    press('Enter', {}, input)
    await console.settle()
    expect(console.calls('inputs.restart')).toEqual([{ id: 'mysql#0' }])
    expect(inBody('.palette')).toEqual([])
    expect(inBody('.toast')[0]?.textContent).toContain('mysql#0 restarted')
  })

  it('goes round at its ends, and says when nothing fits', async () => {
    const console = await open()
    const input = await typeInto(console, 'theme')
    press('ArrowUp', {}, input)
    await console.settle()
    expect(inBody('.palette [aria-selected="true"]')[0]?.textContent).toContain('Theme: Dark')
    press('Enter', {}, input)
    await console.settle()
    expect(document.documentElement.dataset['theme']).toBe('dark')
    await typeInto(console, 'qqq')
    expect(inBody('.palette .none').length).toBe(1)
  })

  it('does not offer what did not load', async () => {
    const console = await open()
    await typeInto(console, 'oracle')
    expect(inBody('.palette [role="option"]')).toEqual([])
  })
})

describe('the status bar', () => {
  const bar = ({ wrapper }: MountedConsole): string[] =>
    wrapper.findAll('.statusbar > a').map((item) => item.text().replaceAll(/\s+/g, ' '))

  it('says how the agent is, item by item', async () => {
    const console = await open()
    expect(bar(console)).toEqual([
      expect.stringMatching(/^Running 3 d \d h$/),
      'DataWay fails',
      'Leader of prod-db',
      expect.stringMatching(/^WAL 6\.1 MiB ?oldest 4 s$/),
      expect.stringMatching(/^[\d,]+ points\/s sent$/),
      '3 collectors failing',
    ])
    expect(console.wrapper.find('.statusbar time').attributes('title')).toMatch(/^UTC[+-]\d\d:\d\d/)
  })

  it('says that data stays here, and counts what is collected', async () => {
    const console = await open({ state: 'local' })
    expect(bar(console)).toContain('Local only')
    expect(bar(console).at(-1)).toMatch(/points\/s collected$/)
  })
})

it('says when the agent is gone, and when it is back', async () => {
  const { wrapper, bridge, settle } = await open()
  expect(wrapper.find('[role="alert"]').text()).toBe('')
  bridge.setConnected(false)
  await settle()
  expect(wrapper.find('[role="alert"]').text()).toContain('The agent is not reachable.')
  expect(wrapper.find('.statusbar').text()).toContain('Not connected')
  bridge.setConnected(true)
  await settle()
  expect(wrapper.find('[role="alert"]').text()).toBe('')
})

it('says so when no connection ever came', async () => {
  const { wrapper, advance } = await open({ connected: false })
  await advance(3000)
  expect(wrapper.find('[role="alert"]').text()).toBe('')
  await advance(1000)
  expect(wrapper.find('[role="alert"]').text()).toContain(
    'Open the console with the address that the agent printed.',
  )
})

describe('connecting a DataWay', () => {
  const button = (name: string): HTMLButtonElement | undefined =>
    inBody('.dialog button').find((one) => one.textContent?.trim() === name) as HTMLButtonElement | undefined
  async function fill(console: MountedConsole, url: string): Promise<void> {
    const opener = console.wrapper.vm.$pinia.state.value['shell'] as { connect: boolean }
    opener.connect = true
    await console.settle()
    const input = inBody('#dataway-url')[0] as HTMLInputElement
    input.value = url
    input.dispatchEvent(new Event('input'))
    await console.settle()
  }

  it('tries the address before it offers to save it', async () => {
    const console = await open({ state: 'first' })
    await fill(console, ' https://dataway.corp.example?token=tkn_x ')
    expect(button('Save and start to send')).toBeUndefined()
    button('Test')!.click()
    await console.settle()
    expect(console.calls('dataway.test')).toEqual([{ url: 'https://dataway.corp.example?token=tkn_x' }])
    button('Save and start to send')!.click()
    await console.settle()
    expect(console.calls('dataway.save')).toEqual([{ url: 'https://dataway.corp.example?token=tkn_x' }])
    expect(console.calls('settings.write')).toEqual([{ firstRunDone: true }])
    expect(inBody('.dialog')).toEqual([])
  })

  it('shows which step failed and still lets a person save', async () => {
    const console = await open({ state: 'local' })
    await fill(console, 'ftp://x')
    button('Test')!.click()
    await console.settle()
    expect(inBody('.steps li .dot').map((dot) => dot.className)).toEqual(['dot bad', 'dot idle', 'dot idle'])
    expect(button('Save and start to send')).toBeUndefined()
    expect(button('Save anyway')).toBeDefined()
  })

  it('can be cancelled while it tries', async () => {
    let aborted = false
    const console = await open({
      state: 'local',
      handlers: {
        'dataway.test': (_args, { signal }) => {
          signal.addEventListener('abort', () => (aborted = true))
          return new Promise(() => {})
        },
      },
    })
    await fill(console, 'https://slow.example')
    button('Test')!.click()
    await console.settle()
    button('Cancel')!.click()
    await console.settle()
    expect(aborted).toBe(true)
    expect([button('Test')?.disabled, inBody('.dialog .diag')]).toEqual([false, []])
  })
})
