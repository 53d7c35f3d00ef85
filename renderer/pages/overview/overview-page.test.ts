// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'
import type { Reply } from '../../../agent-core/contract/define.ts'
import type { AgentContract } from '../../../agent-core/contract/index.ts'
import { inventedAgent } from '../../dev/agent.ts'
import { mountConsole, type MountedConsole } from '../../testing/mount-console.ts'
import OverviewPage from './OverviewPage.vue'

type AgentInfo = Reply<AgentContract['agent.info']>

const rowNames = ({ wrapper }: MountedConsole): string[] =>
  wrapper.findAll('table[role="grid"] tbody th').map((cell) => cell.text())
const text = ({ wrapper }: MountedConsole): string => wrapper.text().replaceAll(/\s+/g, ' ')

describe('the Overview', () => {
  it('shows what fails first, each with its error', async () => {
    const page = await mountConsole(OverviewPage)
    expect(rowNames(page).slice(0, 5)).toEqual(['statsd', 'mysql', 'oracle', 'prom', 'cpu'])
    const first = page.wrapper.find('table[role="grid"] tbody tr')
    expect(first.text()).toContain('Stopped')
    expect(first.text()).toContain('6/6')
    expect(first.find('[title]').attributes('title')).toContain('address already in use')
  })

  it('says where each configuration problem is', async () => {
    const page = await mountConsole(OverviewPage)
    const places = page.wrapper.findAll('.problems .place').map((place) => place.text())
    expect(places).toEqual([
      'conf.d/db/oracle.conf:12:14',
      'conf.d/db/redis.conf:4:11',
      'conf.d/host/cpu.conf:9:3',
      'conf.d/host/cpu.conf:3:14',
    ])
    await page.wrapper.find('.problems .link').trigger('click')
    expect(page.wrapper.findAll('.problems .place').length).toBe(5)
  })

  it('names the port that is taken and who holds it', async () => {
    expect(text(await mountConsole(OverviewPage))).toContain(
      'The HTTP API cannot listen on 127.0.0.1:9529. Port in use: 127.0.0.1:9529, held by datakit (pid 4180).',
    )
    expect(text(await mountConsole(OverviewPage, { state: 'local' }))).not.toContain('cannot listen')
  })

  it('counts down to the next round', async () => {
    const page = await mountConsole(OverviewPage, { state: 'local' })
    const next = (): string =>
      page.wrapper.findAll('table[role="grid"] tbody tr')[0]!.findAll('td')[7]!.text()
    const before = Number.parseInt(next(), 10)
    await page.advance(1000)
    expect(Number.parseInt(next(), 10)).toBe(before === 0 ? 9 : before - 1)
  })

  it('opens a collector and acts on one of its instances', async () => {
    const page = await mountConsole(OverviewPage)
    await page.wrapper.findAll('table[role="grid"] tbody tr')[1]!.trigger('click')
    const inspector = page.wrapper.find('.inspector')
    expect(inspector.text()).toContain('1045 (28000): Access denied')
    expect(inspector.find('[role="img"]').attributes('aria-label')).toBe(
      '60 rounds: 12 with errors, 0 crashed',
    )
    await inspector.find('button[aria-label="Restart mysql#0"]').trigger('click')
    await inspector.find('button[aria-label="Run mysql#0 once"]').trigger('click')
    await page.settle()
    expect([page.calls('inputs.restart'), page.calls('inputs.runOnce')]).toEqual([
      [{ id: 'mysql#0' }],
      [{ id: 'mysql#0' }],
    ])
  })

  it('filters, and says when nothing fits', async () => {
    const page = await mountConsole(OverviewPage)
    const filter = page.wrapper.find('input')
    await filter.setValue('host')
    expect(rowNames(page)).toContain('host_processes')
    await filter.setValue('nothing like it')
    expect(rowNames(page)).toEqual([])
    expect(text(page)).toContain('No collector fits “nothing like it”.')
    await filter.trigger('keydown', { key: 'Escape' })
    expect(rowNames(page).length).toBe(14)
  })

  it('says that data stays here without a DataWay, and offers one', async () => {
    const page = await mountConsole(OverviewPage, { state: 'local' })
    expect(text(page)).toContain('Data stays on this machine')
    expect(page.wrapper.find('.flow').text()).toContain('Kept here')
    expect(page.wrapper.findAll('button').some((button) => button.text() === 'Connect a DataWay')).toBe(true)
  })

  it('leads through the first start once', async () => {
    const page = await mountConsole(OverviewPage, { state: 'first' })
    expect(page.wrapper.find('.first').text()).toContain('/usr/local/datakit/conf.d')
    await page.wrapper.find('.first .section-head button').trigger('click')
    await page.settle()
    expect(page.wrapper.find('.first').exists()).toBe(false)
    expect(page.calls('settings.write')).toEqual([{ firstRunDone: true }])
  })

  it('shows the samples of collectors, and on the desktop opens their folder', async () => {
    const web = await mountConsole(OverviewPage, { state: 'first' })
    const button = (page: MountedConsole, name: string) =>
      page.wrapper.findAll('.first button').find((one) => one.text() === name)
    expect(button(web, 'Open the folder')).toBeUndefined()
    await button(web, 'Show the samples')!.trigger('click')
    await web.settle()
    const dialog = document.querySelector('[role="dialog"]')!
    expect([...dialog.querySelectorAll('summary')].map((one) => one.textContent?.trim())).toEqual([
      expect.stringMatching(/^cpu\s*configured$/),
      'mysql',
    ])
    expect(dialog.textContent).toContain('/usr/local/datakit/conf.d')
    const written: string[] = []
    vi.stubGlobal('navigator', { clipboard: { writeText: (text: string) => written.push(text) } })
    dialog.querySelector<HTMLElement>('[aria-label="Copy the sample of mysql"]')!.click()
    await web.settle()
    expect(written).toEqual(['[[inputs.mysql]]\n  host = "localhost"\n'])
    const info = inventedAgent({ clock: web.clock, state: 'first', theme: 'light', language: 'en' })
    const desktop = await mountConsole(OverviewPage, {
      state: 'first',
      handlers: {
        'agent.info': (...args) => ({ ...(info['agent.info'](...args) as AgentInfo), mode: 'desktop' }),
      },
    })
    await button(desktop, 'Open the folder')!.trigger('click')
    await desktop.settle()
    expect(desktop.calls('inputs.openFolder')).toEqual([{}])
  })

  it('says what to do where nothing runs, and draws bones while it waits', async () => {
    expect(text(await mountConsole(OverviewPage, { state: 'empty' }))).toContain(
      'Copy a sample from conf.d/samples',
    )
    const waiting = await mountConsole(OverviewPage, { state: 'loading' })
    expect(waiting.wrapper.findAll('.skeleton').length).toBeGreaterThan(10)
    expect(text(waiting)).not.toContain('No collector runs')
  })

  it('speaks Chinese', async () => {
    const page = await mountConsole(OverviewPage, { language: 'zh' })
    expect(text(page)).toContain('配置问题')
    expect(page.wrapper.find('table[role="grid"] tbody tr').text()).toContain('已停止')
  })
})
