// http_request from inside a lane: the lane waits, the agent's thread asks, with a shorter time-out than the lane's.
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { HttpReply, HttpRequest } from '../environment.ts'
import type { BridgeData } from './messages.ts'

const MOST_MS = 5000
const SLACK_MS = 500

/** Most time for a request of a batch or task: it must end, with nil, before the script itself is stopped. */
const requestLimit = (budgetMs: number): number => Math.min(MOST_MS, budgetMs / 2)

export interface BridgedRequest {
  readonly id: number
  readonly timeoutMs: number
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | undefined
}

export type BridgedReply = { readonly id: number; readonly reply: HttpReply | undefined }

/** The lane's side. `budgetMs`: what the batch or task that runs now may take. */
export function bridgedRequests({ port, ready }: BridgeData, budgetMs: () => number): HttpRequest {
  const flag = new Int32Array(ready)
  let id = 0
  return ({ method, url, headers, body }) => {
    id++
    const timeoutMs = requestLimit(budgetMs())
    Atomics.store(flag, 0, 0)
    const out = port as unknown as MessagePort
    const request: BridgedRequest = { id, timeoutMs, method, url, headers: [...headers], body }
    out.postMessage(request, [])
    Atomics.wait(flag, 0, 0, timeoutMs + SLACK_MS)
    // An answer that came too late for its request may lie before the one awaited.
    for (let got = receiveMessageOnPort(out); got; got = receiveMessageOnPort(out)) {
      const { id: answered, reply } = got.message as BridgedReply
      if (answered === id) return reply
    }
    return undefined
  }
}

export type AskServer = (request: BridgedRequest, signal: AbortSignal) => Promise<HttpReply | undefined>

/** The agent's side: answers what the lane asks. */
export function serveRequests(port: MessagePort, ready: SharedArrayBuffer, ask: AskServer): void {
  const flag = new Int32Array(ready)
  port.on('message', (request: BridgedRequest) => {
    const answer = (reply: HttpReply | undefined): void => {
      port.postMessage({ id: request.id, reply } satisfies BridgedReply, [])
      Atomics.store(flag, 0, 1)
      Atomics.notify(flag, 0)
    }
    ask(request, AbortSignal.timeout(request.timeoutMs)).then(answer, () => answer(undefined))
  })
  port.unref()
}
