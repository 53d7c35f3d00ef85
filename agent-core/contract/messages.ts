// The wire between a console and the agent, the same over Electron IPC (structured clone) and WebSocket (JSON text).
//
//   console -> agent   call{id,method,args}  cancel{id}  open{id,stream,args,credit}  credit{id,n}  close{id}
//   agent -> console   reply{id,ok,value|error}  event{id,value,lost}  end{id,error?}
//
// `lost` counts events that were coalesced or dropped before this one for lack of credit.

/** Mirrors kernel ErrorInfo without importing the kernel: this room stands alone. */
export interface WireError {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly retriable: boolean
  readonly data?: Readonly<Record<string, unknown>>
}

export type ToAgent =
  | { readonly t: 'call'; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly t: 'cancel'; readonly id: number }
  | {
      readonly t: 'open'
      readonly id: number
      readonly stream: string
      readonly args: unknown
      readonly credit: number
    }
  | { readonly t: 'credit'; readonly id: number; readonly n: number }
  | { readonly t: 'close'; readonly id: number }

export type ToConsole =
  | { readonly t: 'reply'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly t: 'reply'; readonly id: number; readonly ok: false; readonly error: WireError }
  | { readonly t: 'event'; readonly id: number; readonly value: unknown; readonly lost: number }
  | { readonly t: 'end'; readonly id: number; readonly error?: WireError }

/** What preload exposes as `window.datakit` and what the WebSocket transport implements. */
export interface ConsoleBridge {
  send(message: ToAgent): void
  /** Returns the unsubscribe function. */
  onMessage(receive: (message: ToConsole) => void): () => void
  /** Calls at once with the present state, then on each change. Electron's is always connected. */
  onStatus(receive: (connected: boolean) => void): () => void
  /** Which host serves this console. */
  readonly host: 'electron' | 'web'
  readonly platform: string
}
