// One browser page: messages of the contract as text frames, with a bound on what a slow page may hold up.
import type { WebSocket } from 'ws'
import { decodeWire, encodeWire } from '../../contract/wire-json.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Scope, type Disposable } from '../../kernel/disposable.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { ConsoleHost } from '../host.ts'

// Streams wait for credit, so only answers to calls pile up: above the first mark no more calls are read,
// above the second the page is given up (it reconnects and asks anew).
const PAUSE_BYTES = 1024 * 1024
const GIVE_UP_BYTES = 32 * 1024 * 1024
const DRAIN_CHECK_MS = 50
const PING_MS = 30_000

const TRY_AGAIN_LATER = 1013
const UNSUPPORTED_DATA = 1003

export function attachSocket(
  ws: WebSocket,
  options: {
    readonly host: ConsoleHost
    readonly clock: Clock
    readonly log: Logger
  },
): void {
  const { host, clock, log } = options
  const scope = new Scope()

  let drain: Disposable | undefined
  const resumeWhenDrained = (): void => {
    if (ws.bufferedAmount > PAUSE_BYTES) drain = clock.after(DRAIN_CHECK_MS, resumeWhenDrained)
    else ws.resume()
  }
  scope.defer(() => drain?.dispose())
  const connection = scope.add(
    host.connect((message) => {
      if (ws.readyState !== ws.OPEN) return
      ws.send(encodeWire(message))
      if (ws.bufferedAmount > GIVE_UP_BYTES) ws.close(TRY_AGAIN_LATER, 'too slow')
      else if (ws.bufferedAmount > PAUSE_BYTES && !ws.isPaused) {
        ws.pause()
        resumeWhenDrained()
      }
    }),
  )

  let alive = true
  scope.add(
    clock.every(PING_MS, () => {
      if (!alive) return ws.terminate()
      alive = false
      ws.ping()
    }),
  )
  ws.on('pong', () => {
    alive = true
  })
  ws.on('message', (data, isBinary) => {
    if (isBinary) return ws.close(UNSUPPORTED_DATA, 'text only')
    const message = decodeWire(String(data))
    if (message.ok) connection.receive(message.value)
    else ws.close(UNSUPPORTED_DATA, 'not a message')
  })
  ws.on('error', (error) => log.debug('console socket', { error: error.message }))
  ws.on('close', () => {
    scope.dispose().catch((error: unknown) => log.error('console connection', { error: String(error) }))
  })
}
