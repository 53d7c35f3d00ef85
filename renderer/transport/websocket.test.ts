import { describe, expect, it } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { platformOf } from './pick-bridge.ts'
import { createWebSocketBridge, retryDelay, type Socket } from './websocket.ts'

class FakeSocket implements Socket {
  readyState = 0
  readonly sent: string[] = []
  readonly #listeners = new Map<string, (event: { data: unknown }) => void>()
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
    this.#listeners.set(type, listener)
  }
  send(text: string): void {
    this.sent.push(text)
  }
  open(): void {
    this.readyState = 1
    this.#listeners.get('open')?.({ data: undefined })
  }
  message(data: unknown): void {
    this.#listeners.get('message')?.({ data })
  }
  close(): void {
    this.readyState = 3
    this.#listeners.get('close')?.({ data: undefined })
  }
}

function fixture() {
  const clock = new FakeClock()
  const sockets: FakeSocket[] = []
  const bridge = createWebSocketBridge({
    open() {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    clock,
    platform: 'linux',
    random: () => 0.5,
  })
  const status: boolean[] = []
  bridge.onStatus((connected) => status.push(connected))
  return { clock, sockets, bridge, status }
}

describe('the WebSocket bridge', () => {
  it('carries messages both ways as text', () => {
    const { sockets, bridge } = fixture()
    const received: unknown[] = []
    const stop = bridge.onMessage((message) => received.push(message))
    sockets[0]!.open()
    bridge.send({ t: 'call', id: 1, method: 'agent.info', args: { n: 5n } })
    expect(sockets[0]!.sent).toEqual([
      '{"t":"call","id":1,"method":"agent.info","args":{"n":{"$":"n","v":"5"}}}',
    ])
    sockets[0]!.message('{"t":"end","id":1}')
    stop()
    sockets[0]!.message('{"t":"end","id":2}')
    expect(received).toEqual([{ t: 'end', id: 1 }])
  })

  it('tells its state at once and on each change, and drops what is sent without a connection', () => {
    const { sockets, bridge, status } = fixture()
    bridge.send({ t: 'cancel', id: 1 })
    sockets[0]!.open()
    sockets[0]!.close()
    expect(status).toEqual([false, true, false])
    expect(sockets[0]!.sent).toEqual([])
  })

  it('reconnects with growing waits that start anew after a success', () => {
    const { clock, sockets } = fixture()
    sockets[0]!.close()
    clock.advance(249)
    expect(sockets.length).toBe(1)
    clock.advance(1)
    sockets[1]!.close()
    clock.advance(499)
    expect(sockets.length).toBe(2)
    clock.advance(1)
    sockets[2]!.open()
    sockets[2]!.close()
    clock.advance(250)
    expect(sockets.length).toBe(4)
  })

  it('retries at once when asked, once', () => {
    const { clock, sockets, bridge } = fixture()
    bridge.retryNow()
    sockets[0]!.close()
    bridge.retryNow()
    clock.advance(20_000)
    expect(sockets.length).toBe(2)
  })

  it.each(['{', '{"$":"?"}', new ArrayBuffer(1)])(
    'starts over after a message it cannot read (%s)',
    (data) => {
      const { sockets, status } = fixture()
      sockets[0]!.open()
      sockets[0]!.message(data)
      expect(status).toEqual([false, true, false])
    },
  )

  it('leaves nothing behind', () => {
    const { clock, sockets, bridge } = fixture()
    sockets[0]!.open()
    bridge.dispose()
    expect(sockets[0]!.readyState).toBe(3)
    expect(clock.pending).toBe(0)
  })

  it('waits between 250 ms and 10 s, spread by a fifth', () => {
    expect([0, 1, 2, 6, 500].map((n) => retryDelay(n, 0.5))).toEqual([250, 500, 1000, 10_000, 10_000])
    expect([retryDelay(0, 0), retryDelay(0, 1)]).toEqual([200, 300])
  })
})

it.each([
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140', 'darwin'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140', 'win32'],
  ['Mozilla/5.0 (X11; Linux x86_64) Chrome/140', 'linux'],
])('knows the platform of %s', (userAgent, platform) => {
  expect(platformOf(userAgent)).toBe(platform)
})
