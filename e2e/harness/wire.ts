// Messages between the test process (which drives Chromium) and the process that runs the main bundle.

/** A guard that a negative control takes away: main runs as if it had never set it. */
export type Guard = 'navigation' | 'window-open' | 'permissions' | 'csp' | 'sender' | 'isolation'

export interface FrameFacts {
  readonly url: string
  readonly top: boolean
}

/** `id` set: the sender waits for a reply. */
export type FromMain =
  | Reply
  | { t: 'open'; id: number; win: number; width: number; height: number; preload: string; node: boolean }
  | { t: 'load'; id: number; win: number; url: string }
  | { t: 'exec'; id: number; win: number; code: string }
  | { t: 'send'; win: number; channel: string; args: unknown[] }
  | { t: 'close'; win: number }

export type ToMain =
  | Reply
  | { t: 'navigated'; win: number; url: string }
  | { t: 'gone'; win: number }
  | { t: 'quit' }
  | { t: 'ipc'; win: number; channel: string; args: unknown[]; frame: FrameFacts }
  | { t: 'navigate'; id: number; win: number; url: string; kind: 'frame' | 'main' | 'redirect' }
  | { t: 'popup'; id: number; win: number; url: string }
  | { t: 'permission'; id: number; win: number; permission: string; kind: 'request' | 'check' }
  | { t: 'eval'; id: number; code: string; arg: unknown }

export interface Reply {
  t: 'reply'
  id: number
  value?: unknown
  error?: string
}

type Asked<M> = M extends { id: number } ? (M extends Reply ? never : Omit<M, 'id'>) : never
/** Without `id`: ask() gives it. */
export type QuestionOf<M> = Asked<M>

/** Questions that wait for their reply, either way. */
export class Questions<M extends { t: string }> {
  readonly #send: (message: M) => void
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #next = 1

  constructor(send: (message: M) => void) {
    this.#send = send
  }

  ask(question: QuestionOf<M>): Promise<unknown> {
    const id = this.#next++
    const answer = Promise.withResolvers<unknown>()
    this.#waiting.set(id, answer)
    this.#send({ ...question, id } as unknown as M)
    return answer.promise
  }

  settle(reply: Reply): void {
    const answer = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.error === undefined) answer?.resolve(reply.value)
    else answer?.reject(new Error(reply.error))
  }

  /** Nobody will answer any more. */
  abandon(reason: string): void {
    for (const answer of this.#waiting.values()) answer.reject(new Error(reason))
    this.#waiting.clear()
  }
}
