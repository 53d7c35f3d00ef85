// @vitest-environment happy-dom
// The page as a person works it: keys, palette, fixes, live samples, a long run, what leaving it says.
import { disposePinia, getActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContractHandlers } from '../../../agent-core/contract/server.ts'
import { usePageCommands } from '../../stores/page-commands.ts'
import { useToasts } from '../../stores/toasts.ts'
import { mountConsole, type ConsoleOptions, type MountedConsole } from '../../testing/mount-console.ts'
import PipelinesPage from './PipelinesPage.vue'
import { useStudio } from './studio.ts'

const SCRIPT = { category: 'logging', namespace: 'default', name: 'nginx.p' } as const
let page: MountedConsole

async function open(options: ConsoleOptions = {}): Promise<ReturnType<typeof useStudio>> {
  page = await mountConsole(PipelinesPage, options)
  const studio = useStudio()
  await studio.openScript(SCRIPT, true)
  await page.settle()
  return studio
}
const press = async (key: string, rest: KeyboardEventInit = {}): Promise<void> => {
  window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true, ...rest }))
  await page.settle()
}
const button = (text: string): HTMLButtonElement => {
  const found = [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === text)
  if (!found) throw new Error(`no button ${text}`)
  return found
}
const click = async (text: string): Promise<void> => {
  button(text).click()
  await page.settle()
}

beforeEach(() => localStorage.clear())
afterEach(() => {
  page.wrapper.unmount()
  disposePinia(getActivePinia()!)
  document.body.innerHTML = ''
})

describe('actions', () => {
  it('are in the palette with their keys while the page is shown', async () => {
    const studio = await open()
    const commands = usePageCommands()
    const offered = () => commands.commands.map(({ id }) => id.replace('pipelines.', ''))
    expect(offered()).toContain('addSample')
    expect(offered()).toContain('open.default/logging/iis.p')
    expect(offered()).not.toContain('save')
    studio.edit('drop()')
    await page.settle()
    expect(commands.commands.find(({ id }) => id === 'pipelines.save')).toMatchObject({
      label: 'Save the script',
      key: { key: 's', mod: true },
    })
    page.wrapper.unmount()
    expect(commands.commands).toEqual([])
  })

  it('go by key, also on a Mac where Option types signs', async () => {
    const studio = await open()
    const before = studio.entries.length
    await press('a', { altKey: true })
    expect(studio.entries.length).toBe(before + 1)
    page.wrapper.unmount()
    const mac = await open({ platform: 'darwin' })
    const there = mac.entries.length
    await press('å', { altKey: true, code: 'KeyA' })
    expect(mac.entries.length).toBe(there + 1)
    await press('s', { metaKey: true })
    expect(page.calls('pipelines.save')).toEqual([])
  })
})

describe('problems', () => {
  it('are fixed where they are listed', async () => {
    const studio = await open()
    await click('Problems1')
    await click('Replace with add_key(big_reply, true)')
    expect(studio.text).toContain('  add_key(big_reply, true)\n')
  })
})

describe('samples', () => {
  it('come from the tap, shown by what they say', async () => {
    const studio = await open()
    await press('w', { altKey: true })
    await click('Capture')
    expect(document.querySelectorAll('.picker input[type=checkbox]')).toHaveLength(5)
    document.querySelector<HTMLInputElement>('.picker input[type=checkbox]')!.click()
    await page.settle()
    await click('Add 4')
    const live = studio.entries.filter(({ origin }) => origin === 'tap')
    expect(live).toHaveLength(4)
    expect(live[0]!.summary).toContain('7.190.71.63')
  })

  it('that are cases go when that is confirmed', async () => {
    const studio = await open()
    studio.selectedId = 'case:large-reply'
    await page.settle()
    const remove = document.querySelector<HTMLElement>('[aria-label="Remove this sample"]')!
    remove.click()
    await page.settle()
    expect(page.calls('pipelines.deleteCase')).toEqual([])
    expect(document.body.textContent).toContain('Delete the case large-reply?')
    document.querySelector<HTMLElement>('.sample-panel .diag.warn .link')!.click()
    await page.settle()
    expect(page.calls('pipelines.deleteCase')).toEqual([{ script: SCRIPT, name: 'large-reply' }])
  })

  it('that are one too many are told', async () => {
    const studio = await open()
    const sample = { format: 'message', text: 'x' } as const
    const added = studio.addSamples(
      Array.from({ length: 250 }, () => ({ origin: 'file' as const, sample, name: 'f' })),
    )
    expect(added).toBe(200 - 1)
    expect(studio.entries).toHaveLength(200)
  })
})

it('a long run says so and can be stopped', async () => {
  let given: AbortSignal | undefined
  const handlers: Partial<ContractHandlers> = {
    'pipelines.run': (_args, { signal }) => {
      given = signal
      return new Promise<never>(() => {})
    },
  }
  const studio = await open({ handlers })
  await press('Enter', { ctrlKey: true })
  expect(document.querySelector('.sample-panel progress')).toBeNull()
  await page.advance(500)
  expect(document.querySelector('.sample-panel progress')).not.toBeNull()
  await press('.', { ctrlKey: true })
  expect([studio.running, given!.aborted]).toEqual([false, true])
  expect(document.querySelector('.sample-panel progress')).toBeNull()
})

it('the comparison is honest about what the store keeps, and takes raw points instead', async () => {
  await open()
  await press('i', { altKey: true })
  const opened = () =>
    page.bridge.sent.flatMap((one) =>
      one.t === 'open' && one.stream === 'pipelines.impact' ? [one.args] : [],
    )
  expect(opened()).toEqual([expect.objectContaining({ from: 'stored', mine: true, source: null })])
  expect(document.body.textContent).toContain('this one has worked on them already')
  await click('Use raw points')
  await click('Compare')
  expect(opened()[1]).toMatchObject({ from: 'collected' })
  expect(document.body.textContent).toContain('before any script')
})

describe('unsaved edits', () => {
  const closing = (): boolean => {
    const event = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(event)
    return event.defaultPrevented
  }
  it('hold up a browser window that closes, and nothing else does', async () => {
    const studio = await open()
    expect(closing()).toBe(false)
    studio.edit('drop()')
    expect(closing()).toBe(true)
    studio.discard()
    expect(closing()).toBe(false)
  })
  it('never hold up the desktop window: its drafts stay', async () => {
    const studio = await open({ host: 'electron' })
    studio.edit('drop()')
    expect(closing()).toBe(false)
    expect(localStorage.length).toBeGreaterThan(0)
  })
  it('are told of when another script is opened', async () => {
    const studio = await open()
    studio.edit('drop()')
    await studio.openScript({ ...SCRIPT, name: 'iis.p' }, true)
    await page.settle()
    expect(useToasts().toasts).toMatchObject([
      { text: 'pipelines.toast.kept', params: { name: 'logging/nginx.p' } },
    ])
    await studio.openScript(SCRIPT, true)
    expect(studio.text).toBe('drop()')
  })
  it('are told of when the page is left, and are there again', async () => {
    const studio = await open()
    studio.edit('drop()')
    page.wrapper.unmount()
    expect(useToasts().toasts.map(({ text }) => text)).toEqual(['pipelines.toast.kept'])
    expect(studio.text).toBe('drop()')
  })
})
