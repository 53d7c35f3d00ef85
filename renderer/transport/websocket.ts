// The bridge of a browser: contract messages as text over a WebSocket of the same origin, with reconnect and back-off.
import { decodeWire, encodeWire } from '../../agent-core/contract/wire-json.ts'
import type { ConsoleBridge, ToConsole } from '../../agent-core/contract/messages.ts'
import type { Clock, Timer } from '../clock.ts'

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 10_000

/** What is used of a WebSocket; tests give their own. */
export interface Socket {
  readonly readyState: number
  send(text: string): void
  close(): void
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

export interface WebSocketBridgeOptions {
  open(): Socket
  readonly clock: Clock
  readonly platform: string
  /** 0 to 1: spreads the retries of several windows. */
  readonly random: () => number
}

export interface WebSocketBridge extends ConsoleBridge {
  /** Skips the wait before the next attempt, as when the page comes back into view. */
  retryNow(): void
  dispose(): void
}

const OPEN = 1

export function createWebSocketBridge(options: WebSocketBridgeOptions): WebSocketBridge {
  const receivers = new Set<(message: ToConsole) => void>()
  const statusReceivers = new Set<(connected: boolean) => void>()
  let socket: Socket | undefined
  let retry: Timer | undefined
  let attempts = 0
  let connected = false
  let disposed = false

  const setConnected = (now: boolean): void => {
    if (connected === now) return
    connected = now
    for (const receive of statusReceivers) receive(now)
  }

  const connect = (): void => {
    retry = undefined
    const opened = options.open()
    socket = opened
    opened.addEventListener('open', () => {
      attempts = 0
      setConnected(true)
    })
    opened.addEventListener('message', ({ data }) => {
      const decoded = typeof data === 'string' ? decodeWire(data) : undefined
      // A message that does not decode means two versions talk: a fresh connection is the only way back.
      if (!decoded?.ok) return opened.close()
      for (const receive of receivers) receive(decoded.value as ToConsole)
    })
    opened.addEventListener('close', () => {
      socket = undefined
      setConnected(false)
      if (!disposed) retry = options.clock.after(retryDelay(attempts++, options.random()), connect)
    })
  }
  connect()

  return {
    host: 'web',
    platform: options.platform,
    send(message) {
      if (socket?.readyState === OPEN) socket.send(encodeWire(message))
    },
    onMessage(receive) {
      receivers.add(receive)
      return () => receivers.delete(receive)
    },
    onStatus(receive) {
      statusReceivers.add(receive)
      receive(connected)
      return () => statusReceivers.delete(receive)
    },
    retryNow() {
      if (!retry) return
      retry.dispose()
      connect()
    },
    dispose() {
      disposed = true
      retry?.dispose()
      socket?.close()
    },
  }
}

/** Doubles from 250 ms to 10 s, ±20 %. */
export const retryDelay = (attempts: number, random: number): number =>
  Math.round(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10)) * (0.8 + 0.4 * random))
