// Lanes as they are needed: batches wait here, one at a time goes to each lane, so that a script that hangs holds up
// its own lane only. A lane that ends is replaced and its batch goes on; a batch over its budget goes on unprocessed.
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import type { Category } from '../../point/category.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Result } from '../../kernel/result.ts'
import type { ScriptContext } from '../scripts/script.ts'
import type { AskServer } from './http-bridge.ts'
import { IDLE_MS, Lane, type LaneCall, type LaneEnd, type OnHeld } from './lane.ts'
import type { FilterSource } from '../../io/filter/filter.ts'
import { Slots, type Slot } from './slots.ts'
import type { BatchArgs, BatchReply, BodyRefused, EncodedBatch, LaneAnswer } from './messages.ts'
import { TaskLane } from './task-lane.ts'
import type { TaskName, Tasks } from './tasks.ts'

export interface LanePoolParts {
  readonly clock: Clock
  readonly log: Logger
  /** In the agent at least 2, so that one script cannot hold up the others. */
  readonly lanes: number
  readonly budgetMs: number
  readonly ask: AskServer
  /** What aggregation gives out without a batch. */
  readonly onCreated: (created: readonly EncodedBatch[]) => void
  /** A script was stopped: over its budget, or its lane ended under it. */
  readonly onBreach: (script: string, why: BreachKind, detail: string) => void
  /** The blacklist of a category was stopped over the budget. */
  readonly onFilterBreach: (category: Category) => void
  /** A lane went away with the state of its scripts. */
  readonly onStateLost: (scripts: number) => void
  readonly onHeld: OnHeld
}

export interface BatchJob extends Omit<BatchArgs, 'budgetMs' | 'bytes' | 'output' | 'scripts' | 'filter'> {
  /** Makes the bytes when the lane takes them, and again when its lane was lost. */
  readonly encode: () => Uint8Array
  /** Keys of the scripts it selects; of a raw body, whose points nobody has seen yet, all that it may select. */
  readonly scripts: ReadonlySet<string>
  /** One of them keeps state: only the first lane has it. */
  readonly stateful: boolean
  /** The blacklist to obey. */
  readonly filters: FilterSource | undefined
}

/**
 * `unprocessed`: it goes on as it is, because what it met was stopped. `left`: a raw body that may select a script which
 * is slow now; its points have to say which scripts they select.
 */
export type BatchOutcome = LaneReply | BodyRefused | 'unprocessed' | 'left'
/** Too much time, too much of it made, or its lane ended under it. */
export type BreachKind = 'over_budget' | 'over_size' | 'lane_ended'
/** Dispose it when its fragment has been read: the memory goes to the next batch. */
export type LaneReply = BatchReply & Disposable
type Settle = (outcome: BatchOutcome) => void

interface Waiting {
  readonly job: BatchJob
  readonly settle: Settle
  attempts: number
}

interface Place {
  lane: Lane | undefined
  job: Waiting | undefined
  since: number
  idle: Disposable | undefined
}

const DUE_MS = 1000
/** A batch that runs longer than this keeps others of its scripts from taking another lane. */
const SLOW_MS = 250
/** One in the lane, one on its way to the WAL, and one more. */
const SLOTS_A_LANE = 3
const SUSPECT_MS = 30_000
const SETTLE_MS = 2000

export class LanePool implements Disposable {
  readonly #parts: LanePoolParts
  /** The configured lanes, then as many spare ones. */
  readonly #places: readonly Place[]
  readonly #lanes: number
  readonly #queue: Waiting[] = []
  readonly #slots: Slots
  readonly #batches = new Set<Promise<unknown>>()
  /** Scripts that were stopped, and when. */
  readonly #suspects = new Map<string, number>()
  readonly #alive = new Set<Lane>()
  readonly #tasks: TaskLane
  #context: ScriptContext
  #due: Disposable | undefined
  #closed = false

  constructor(parts: LanePoolParts, context: ScriptContext) {
    this.#parts = parts
    this.#context = context
    this.#tasks = new TaskLane(parts)
    this.#lanes = Math.max(1, parts.lanes)
    this.#slots = new Slots(this.#lanes * SLOTS_A_LANE)
    this.#places = Array.from({ length: this.#lanes * 2 }, () => ({
      lane: undefined,
      job: undefined,
      since: 0,
      idle: undefined,
    }))
  }

  /** Lanes whose thread runs. */
  get running(): number {
    return this.#places.filter((place) => place.lane).length
  }

  /** Batches under way or waiting. */
  get pending(): number {
    return this.#queue.length + this.#places.filter((place) => place.job).length
  }

  setContext(context: ScriptContext): void {
    this.#context = context
    // A lane that holds state gives out what a changed script has aggregated; the others learn with their next batch.
    const first = this.#places[0]!
    if (first.lane?.holdsState && !first.job) void this.#load(first.lane)
    this.#pump()
  }

  batch(job: BatchJob): Promise<BatchOutcome> {
    if (this.#closed) return Promise.resolve('unprocessed')
    const reply = new Promise<BatchOutcome>((settle) => {
      this.#queue.push({ job, settle, attempts: 0 })
      this.#pump()
    }).finally(() => this.#batches.delete(reply))
    this.#batches.add(reply)
    return reply
  }

  /** In a lane apart from the data: see TaskLane. */
  task<K extends TaskName>(
    task: K,
    args: Tasks[K]['args'],
    budgetMs?: number,
    signal?: AbortSignal,
  ): Promise<Result<Tasks[K]['value']>> {
    return this.#tasks.run(task, args, budgetMs, signal)
  }

  /** Resolves when no batch is under way or waiting, at the latest after `ms`. */
  async settled(ms: number): Promise<void> {
    const late = new AbortController()
    const over = this.#parts.clock.sleep(ms, late.signal).catch(() => {})
    await Promise.race([Promise.all(this.#batches), over])
    late.abort()
  }

  /** Lets batches end, gives out what is aggregated, ends every lane. */
  async dispose(): Promise<void> {
    if (!this.#closed) await this.settled(SETTLE_MS)
    this.#closed = true
    this.#due?.dispose()
    for (const { settle } of this.#queue.splice(0)) settle('unprocessed')
    await this.#tasks.dispose()
    await Promise.all(
      this.#places.map(async (place) => {
        place.idle?.dispose()
        const { lane } = place
        if (!lane) return
        if (place.job) return lane.terminate()
        const answer = await lane.within(this.#parts.budgetMs, { call: 'close' }, this.#parts.clock)
        if (answer.kind === 'value') this.#parts.onCreated(answer.value as EncodedBatch[])
        await lane.terminate()
      }),
    )
    await Promise.all([...this.#alive].map((lane) => lane.terminate()))
  }

  // --- batches

  #pump(): void {
    if (this.#closed) return
    for (;;) {
      const slow = this.#slowScripts()
      const at = this.#queue.findIndex(({ job }) => (job.raw && meets(job, slow)) || this.#mayRun(job, slow))
      if (at < 0) break
      const [waiting] = this.#queue.splice(at, 1)
      const { job, settle } = waiting!
      if (this.#mayRun(job, slow)) void this.#run(this.#placeFor(job)!, waiting!)
      else settle('left')
    }
  }

  #mayRun(job: BatchJob, slow: ReadonlySet<string>): boolean {
    return !meets(job, slow) && this.#placeFor(job) !== undefined
  }

  /**
   * An idle lane that runs, else one to start. State is on the first lane; others leave it alone while they can. While
   * slow batches hold every lane up, spare ones serve what does not meet their scripts.
   */
  #placeFor(job: BatchJob): Place | undefined {
    const [first, ...others] = this.#places.slice(0, this.#lanes)
    if (job.stateful) return first!.job ? undefined : first
    const late = this.#parts.clock.monotonic() - SLOW_MS
    const heldUp = [first!, ...others].every((place) => place.job && place.since < late)
    const from = heldUp ? this.#places.slice(this.#lanes) : [...others, first!]
    const idle = from.filter((place) => !place.job)
    return idle.find((place) => place.lane) ?? idle[0]
  }

  #slowScripts(): ReadonlySet<string> {
    const now = this.#parts.clock.monotonic()
    const slow = new Set<string>()
    for (const { lane, job, since } of this.#places) {
      if (!job) continue
      // Who was stopped a moment ago gets one lane at a time, not all of them.
      for (const [script, stoppedAt] of this.#suspects)
        if (now - stoppedAt > SUSPECT_MS) this.#suspects.delete(script)
        else if (job.job.scripts.has(script)) slow.add(script)
      if (now - since <= SLOW_MS && job.attempts < 2) continue
      const running = lane?.running()
      if (lane?.inFilter()) slow.add(filterKey(job.job.category))
      else if (running !== undefined) slow.add(running)
      else if (!job.job.raw) for (const script of job.job.scripts) slow.add(script)
    }
    return slow
  }

  async #run(place: Place, waiting: Waiting): Promise<void> {
    place.job = waiting
    // A thread that starts is not slow.
    place.since = Infinity
    place.idle?.dispose()
    const lane = (place.lane ??= this.#openIn(place))
    if (lane.version !== this.#context.version) await this.#load(lane)
    const { job } = waiting
    if (job.filters && lane.filters !== job.filters) void lane.call({ call: 'filters', filters: job.filters })
    waiting.attempts++
    const { budgetMs } = this.#parts
    const encoded = job.encode()
    const slot = this.#slots.take(encoded.length)
    const bytes = slot ? new Uint8Array(slot.input, 0, encoded.length) : new Uint8Array(encoded)
    if (slot) bytes.set(encoded)
    const { category, raw, map, correctTo, showPiped, filters } = job
    const call: LaneCall = {
      call: 'batch',
      category,
      bytes,
      raw,
      map,
      correctTo,
      showPiped,
      budgetMs,
      output: slot?.output,
      scripts: job.scripts.size > 0,
      filter: filters !== undefined,
    }
    const { clock } = this.#parts
    await lane.ready
    place.since = clock.monotonic()
    const watch = clock.after(SLOW_MS + 1, () => this.#pump())
    const answer = await lane.within(budgetMs, call, clock, slot ? [] : [bytes.buffer as ArrayBuffer])
    watch.dispose()
    place.job = undefined
    this.#settle(place, waiting, answer, slot)
    if (place.lane && !place.job) this.#rest(place, place.lane)
    this.#pump()
  }

  #settle(
    place: Place,
    waiting: Waiting,
    answer: LaneAnswer | (LaneEnd & { late?: boolean }),
    slot: Slot | undefined,
  ): void {
    if (slot && answer.kind === 'ended') this.#slots.lose()
    else if (slot && !(answer.kind === 'value' && 'fragment' in (answer.value as object)))
      this.#slots.give(slot)
    switch (answer.kind) {
      case 'value': {
        const reply = answer.value as BatchReply | BodyRefused
        if ('fault' in reply) return waiting.settle(reply)
        const dispose = (): void => slot && this.#slots.give(slot)
        return waiting.settle({ ...reply, dispose })
      }
      case 'failed':
        this.#parts.log.error('a batch failed in its lane', { error: answer.message })
        return waiting.settle('unprocessed')
      case 'over_budget':
        if (answer.filter) this.#parts.onFilterBreach(waiting.job.category)
        else this.#breach(waiting, answer.script, 'over_budget', `${this.#parts.budgetMs} ms`)
        return waiting.settle('unprocessed')
      case 'over_size':
        this.#breach(waiting, answer.script, 'over_size', `it made ${answer.bytes} bytes of a batch`)
        return waiting.settle('unprocessed')
      case 'ended': {
        place.lane = undefined
        const over = answer.late === true
        // A thread that ended by itself gets the batch once more: it may have been another's fault.
        const memory = /memory/i.test(answer.why)
        if (!over && !memory && waiting.attempts < 2 && !this.#closed) {
          this.#queue.unshift(waiting)
          return
        }
        this.#breach(waiting, answer.script, over ? 'over_budget' : 'lane_ended', answer.why)
        return waiting.settle('unprocessed')
      }
    }
  }

  #breach(waiting: Waiting, script: string | undefined, why: BreachKind, detail: string): void {
    const guilty = script ?? (waiting.job.scripts.size === 1 ? [...waiting.job.scripts][0] : undefined)
    if (guilty === undefined) return
    this.#suspects.set(guilty, this.#parts.clock.monotonic())
    this.#parts.onBreach(guilty, why, detail)
  }

  #rest(place: Place, lane: Lane): void {
    if (lane.holdsState) {
      this.#due ??= this.#parts.clock.every(DUE_MS, () => void this.#askDue())
      return
    }
    place.idle = this.#parts.clock.after(IDLE_MS, () => {
      place.lane = undefined
      void lane.terminate()
    })
  }

  async #askDue(): Promise<void> {
    const { lane, job } = this.#places[0]!
    if (!lane || job) return
    const answer = await lane.call({ call: 'due' })
    if (answer.kind === 'value') this.#parts.onCreated(answer.value as EncodedBatch[])
    if (!lane.holdsState) {
      this.#due?.dispose()
      this.#due = undefined
    }
  }

  // --- lanes

  #openIn(place: Place): Lane {
    const { ask, onHeld } = this.#parts
    const lane = new Lane(`pipeline-${this.#places.indexOf(place)}`, ask, onHeld)
    this.#alive.add(lane)
    void lane.ended.then((end) => {
      this.#alive.delete(lane)
      if (place.lane !== lane) return
      place.lane = undefined
      this.#parts.log.warn('a pipeline lane ended', { why: end.why, script: end.script ?? '' })
      const kept = this.#context.scripts.filter((script) => script.stateful).length
      if (lane.holdsState) this.#parts.onStateLost(kept)
    })
    return lane
  }

  async #load(lane: Lane): Promise<void> {
    const answer = await lane.within(
      this.#parts.budgetMs,
      { call: 'load', context: this.#context },
      this.#parts.clock,
    )
    if (answer.kind === 'value') this.#parts.onCreated(answer.value as EncodedBatch[])
  }
}

const filterKey = (category: Category): string => `blacklist of ${category}`

function meets({ scripts, filters, category }: BatchJob, slow: ReadonlySet<string>): boolean {
  if (slow.size === 0) return false
  if (filters && slow.has(filterKey(category))) return true
  for (const key of scripts) if (slow.has(key)) return true
  return false
}
