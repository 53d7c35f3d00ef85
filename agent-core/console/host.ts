// What a transport (Electron IPC, WebSocket) needs of the agent's console: one connection a page.
import type { ToConsole } from '../contract/messages.ts'
import type { Disposable } from '../kernel/disposable.ts'

export interface ConsoleConnection extends Disposable {
  /** Takes whatever the transport received; what is no contract message is ignored. */
  receive(message: unknown): void
}

export interface ConsoleHost {
  /** `send` gets plain data and is not called after the connection's dispose(). */
  connect(send: (message: ToConsole) => void): ConsoleConnection
}
