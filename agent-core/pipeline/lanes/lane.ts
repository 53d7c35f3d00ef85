// One worker thread and the calls that wait for it.
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import { workerEntry } from '../../kernel/worker-entry.ts'
import type { FilterSource } from '../../io/filter/filter.ts'
import type { Category } from '../../point/category.ts'
import type { HeldPoints } from '../scripts/runtime.ts'
import { scriptKey, type ScriptContext } from '../scripts/script.ts'
import { serveRequests, type AskServer } from './http-bridge.ts'
import { IN_FILTER, type FromLane, type LaneAnswer, type LaneData, type ToLane } from './messages.ts'

/** Beyond this a lane ends, which names the script that was running; it does not take the agent with it. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 24 }

/** A stopped engine answers soon after its budget; one that does not is ended. */
const GRACE_MS = 1000
/** A lane that nothing asks for ends after so long. */
export const IDLE_MS = 5 * 60_000

export type LaneEnd = { readonly kind: 'ended'; readonly script: string | undefined; readonly why: string }

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type LaneCall = WithoutId<ToLane>

/** Points in windows that came or went without a batch's reply telling so. */
export type OnHeld = (category: Category, change: number) => void

export class Lane {
  readonly ended: Promise<LaneEnd>
  /** Resolves when the thread takes calls, or has ended: a busy machine may need seconds for that. */
  readonly ready: Promise<void>
  holdsState = false
  /** Version of the context it was sent. */
  version = 0
  /** The blacklist it was sent. */
  filters: FilterSource | undefined
  readonly #worker: Worker
  readonly #running: Int32Array
  readonly #waiting = new Map<number, (answer: LaneAnswer | LaneEnd) => void>()
  #context: ScriptContext | undefined
  #nextId = 1
  #over = false
  #held: HeldPoints = {}

  constructor(name: string, ask: AskServer, onHeld: OnHeld) {
    const channel = new MessageChannel()
    const current = new SharedArrayBuffer(4)
    const ready = new SharedArrayBuffer(4)
    this.#running = new Int32Array(current)
    this.#worker = new Worker(workerEntry(import.meta.url, './lane-worker.ts'), {
      name,
      workerData: { current, bridge: { port: channel.port2 as unknown, ready } } as LaneData,
      transferList: [channel.port2],
      resourceLimits: RESOURCE_LIMITS,
      execArgv: [],
    })
    serveRequests(channel.port1, ready, ask)
    let why = ''
    const { promise, resolve: online } = Promise.withResolvers<void>()
    this.ready = promise
    this.#worker.on('message', ({ id, answer, holdsState, held }: FromLane) => {
      online()
      this.holdsState = holdsState
      // A batch's reply is booked by who waits for it.
      if (!(answer.kind === 'value' && isBatchReply(answer.value))) tellChanges(this.#held, held, onHeld)
      this.#held = held
      this.#waiting.get(id)?.(answer)
      this.#waiting.delete(id)
    })
    this.#worker.on('error', (error) => (why = errorText(error)))
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#over = true
        online()
        tellChanges(this.#held, {}, onHeld)
        channel.port1.close()
        const end: LaneEnd = {
          kind: 'ended',
          script: this.running(),
          why: why || `thread ended with code ${code}`,
        }
        for (const settle of this.#waiting.values()) settle(end)
        this.#waiting.clear()
        resolve(end)
      })
    })
  }

  /** Key of the script that runs now. */
  running(): string | undefined {
    const script = this.#context?.scripts[Atomics.load(this.#running, 0) - 1]
    return script && scriptKey(script)
  }

  /** The blacklist runs now. */
  inFilter(): boolean {
    return Atomics.load(this.#running, 0) === IN_FILTER
  }

  call(message: LaneCall, transfer: readonly ArrayBuffer[] = []): Promise<LaneAnswer | LaneEnd> {
    if (this.#over) return this.ended
    if (message.call === 'load') {
      this.#context = message.context
      this.version = message.context.version
    }
    if (message.call === 'filters') this.filters = message.filters
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#waiting.set(id, resolve)
      this.#worker.postMessage({ ...message, id } as ToLane, transfer)
    })
  }

  /** A call that ends: `GRACE_MS` after its budget at the latest, by ending the lane. */
  async within(
    budgetMs: number,
    message: LaneCall,
    clock: Pick<Clock, 'after'>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<LaneAnswer | (LaneEnd & { late?: boolean })> {
    await this.ready
    let late = false
    const timer = clock.after(budgetMs + GRACE_MS, () => {
      late = true
      void this.terminate()
    })
    const answer = await this.call(message, transfer)
    timer.dispose()
    return answer.kind === 'ended' && late ? { ...answer, late } : answer
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
    await this.ended
  }
}

const isBatchReply = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'held' in value

function tellChanges(before: HeldPoints, after: HeldPoints, onHeld: OnHeld): void {
  for (const category of Object.keys({ ...before, ...after }) as Category[]) {
    const change = (after[category] ?? 0) - (before[category] ?? 0)
    if (change !== 0) onHeld(category, change)
  }
}
