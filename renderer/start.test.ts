// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { createMemoryBridge } from '../agent-core/contract/memory-bridge.ts'
import { inventedAgent } from './dev/agent.ts'
import { startConsole } from './start.ts'
import { FakeClock } from './testing/fake-clock.ts'

it('starts, and leaves nothing behind when it is disposed', async () => {
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: () => {},
    removeEventListener: () => {},
  }))
  const clock = new FakeClock()
  const agent = inventedAgent({ clock, state: 'local', theme: 'dark', language: 'zh' })
  const bridge = createMemoryBridge(agent)
  const mount = document.body.appendChild(document.createElement('div'))
  const console = startConsole({ bridge, clock, mount, cspNonce: 'abc' })
  await vi.waitFor(() => expect(mount.querySelector('h1')?.textContent).toBe('概览'))
  await vi.waitFor(() => expect(mount.querySelectorAll('tbody tr').length).toBeGreaterThan(9))
  expect(document.documentElement.dataset['theme']).toBe('dark')
  expect(JSON.parse(localStorage.getItem('datakit.look')!)).toEqual({ theme: 'dark', language: 'zh' })
  console.dispose()
  await vi.waitFor(() => expect(clock.pending).toBe(0))
  const opened = bridge.sent.filter(({ t }) => t === 'open').length
  expect([opened, bridge.sent.filter(({ t }) => t === 'close').length]).toEqual([1, 1])
  expect(mount.innerHTML).toBe('')
})
