// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { contractError } from '../../agent-core/contract/errors.ts'
import {
  mountConsole,
  setHidden,
  type ConsoleOptions,
  type MountedConsole,
} from '../testing/mount-console.ts'
import { useActions } from './actions.ts'
import { useConnection } from './connection.ts'
import { useOverview } from './overview.ts'
import { useSettings } from './settings.ts'
import { useToasts } from './toasts.ts'

interface Stores {
  connection: ReturnType<typeof useConnection>
  overview: ReturnType<typeof useOverview>
  settings: ReturnType<typeof useSettings>
  toasts: ReturnType<typeof useToasts>
  actions: ReturnType<typeof useActions>
}

async function withStores(options: ConsoleOptions = {}): Promise<MountedConsole & Stores> {
  let stores: Stores | undefined
  const Probe = defineComponent(() => {
    stores = {
      connection: useConnection(),
      overview: useOverview(),
      settings: useSettings(),
      toasts: useToasts(),
      actions: useActions(),
    }
    return () => h('p')
  })
  const mounted = await mountConsole(Probe, options)
  return { ...mounted, ...stores! }
}
const refuse = (): never => {
  throw contractError('KERNEL_BUG', 'read-only')
}

afterEach(() => {
  setHidden(false)
  delete document.documentElement.dataset['theme']
})

describe('the connection', () => {
  it('is lost only after it stood, and reads the agent again when it is back', async () => {
    const { connection, bridge, settle, calls } = await withStores()
    expect([connection.connected, connection.lost, connection.agent?.host]).toEqual([
      true,
      false,
      'ops-ws-07',
    ])
    bridge.setConnected(false)
    expect([connection.connected, connection.lost]).toEqual([false, true])
    bridge.setConnected(true)
    await settle()
    expect([connection.lost, calls('agent.info').length]).toEqual([false, 2])
  })

  it('lets the clock tick only while somebody looks', async () => {
    const { connection, advance } = await withStores()
    const start = connection.now
    await advance(1000)
    expect(connection.now - start).toBe(1000)
    setHidden(true)
    await advance(5000)
    expect(connection.now - start).toBe(1000)
    setHidden(false)
    expect(connection.now - start).toBe(6000)
  })
})

describe('the snapshot', () => {
  it('is listened to only while somebody looks, and kept meanwhile', async () => {
    const { overview, open, settle } = await withStores()
    expect([open('overview.watch'), overview.snapshot?.state]).toEqual([1, 'running'])
    setHidden(true)
    await settle()
    expect([open('overview.watch'), overview.snapshot?.state]).toEqual([0, 'running'])
    setHidden(false)
    await settle()
    expect(open('overview.watch')).toBe(1)
  })

  it('is asked for again after the agent ended it', async () => {
    let opened = 0
    const { overview, advance } = await withStores({
      handlers: {
        'overview.watch': (_args, _emit, { end }) => {
          opened++
          end(contractError('KERNEL_BUG', 'no figures'))
          return { dispose: () => {} }
        },
      },
    })
    expect([opened, overview.error?.message]).toEqual([1, 'Unexpected error: no figures'])
    await advance(3000)
    expect(opened).toBe(2)
  })
})

describe('settings', () => {
  it('are applied to the page', async () => {
    const { settings, settle } = await withStores()
    await settle()
    const root = document.documentElement
    expect([root.dataset['theme'], root.lang]).toEqual(['light', 'en'])
    await settings.write({ theme: 'system', language: 'zh' })
    expect([root.dataset['theme'], root.lang]).toEqual([undefined, 'zh-CN'])
  })

  it('are taken back when they cannot be saved, and that is told', async () => {
    const { settings, toasts, settle } = await withStores({ handlers: { 'settings.write': refuse } })
    await settings.write({ theme: 'dark' })
    await settle()
    expect(document.documentElement.dataset['theme']).toBe('light')
    expect(toasts.toasts[0]).toMatchObject({ severity: 'error', text: 'toast.settingsFailed' })
  })
})

describe('actions', () => {
  it('tell what came of them, with the remedy when they failed', async () => {
    const { actions, toasts, calls } = await withStores({ handlers: { 'inputs.restart': refuse } })
    await actions.runOnce('cpu#0')
    await actions.restart('cpu#0')
    await actions.reload()
    expect(calls('inputs.runOnce')).toEqual([{ id: 'cpu#0' }])
    expect(toasts.toasts.map(({ text, params, detail }) => [text, params, detail])).toEqual([
      ['toast.ranOnce', { id: 'cpu#0' }, undefined],
      [
        'toast.restartFailed',
        { id: 'cpu#0' },
        'Unexpected error: read-only. This is a defect of the agent. Please report it with the log.',
      ],
      ['toast.reloadedWithErrors', { count: '2' }, undefined],
    ])
  })

  it('are forgotten after a while, at most three stand', async () => {
    const { toasts, advance } = await withStores()
    for (const n of ['1', '2', '3', '4']) toasts.told('toast.copied', { n })
    expect(toasts.toasts.map(({ params }) => params['n'])).toEqual(['2', '3', '4'])
    await advance(4000)
    expect(toasts.toasts).toEqual([])
  })
})
