// One category's WAL: appended once, read by one cursor a DataWay. Keeps the ledger's pending, sent and dropped.
import { mkdir, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { AgentError, errorText } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Category } from '../../point/category.ts'
import type { DropReason, Ledger } from '../ledger.ts'
import { Cursor } from './cursor.ts'
import { WalLog } from './log.ts'
import { HEADER_BYTES, type RecordExtent, type WalRecord } from './record.ts'

export interface QueueOptions {
  readonly category: Category
  readonly dir: string
  readonly maxBytes: number
  readonly sync: 'interval' | 'always'
  /** Ids of the configured endpoints, one cursor each. */
  readonly endpoints: readonly string[]
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Logger
  readonly segmentBytes?: number
  /**
   * At the cap a segment that some endpoint has taken whole makes room, and those that lag lose it: a DataWay that does
   * not answer must not stop the others. Called with what each of them lost. Without it the cap refuses new data for all.
   */
  onLagging?(endpoint: string, points: number): void
  /** Points that went to the dead letters, and those that their cap pushed out. */
  onDeadLetter?(status: 'kept' | 'pushed_out', points: number): void
}

interface Reader {
  readonly id: string
  readonly cursor: Cursor
  /** Points this endpoint has not acknowledged. */
  pending: number
  /** Records that this endpoint refused and that some other one has not passed yet, oldest first. */
  readonly givenUp: GivenUpRange[]
}

interface GivenUpRange {
  readonly reason: DropReason
  readonly from: number
  to: number
  /** Points that are still to be counted; undefined: whole records. */
  points: number | undefined
}

/** Some endpoint refused for good: the whole records, or so many points of them. */
export interface GivenUp {
  readonly reason: DropReason
  readonly points?: number
}

/** Dead letters have a cap of their own; the oldest go out first, counted. */
const DEAD_LETTER_BYTES = 128 * 1024 * 1024
const DEAD_SEGMENT_BYTES = 8 * 1024 * 1024

export class CategoryQueue implements Disposable {
  readonly category: Category
  readonly #options: QueueOptions
  #log!: WalLog
  #readers: readonly Reader[] = []
  #dead: Promise<WalLog> | undefined
  #burying: Promise<void> = Promise.resolve()
  #oldest: number | undefined
  #waiters = new Set<() => void>()
  #makingRoom: Promise<boolean> | undefined

  private constructor(options: QueueOptions) {
    this.category = options.category
    this.#options = options
  }

  /**
   * Rejects with WAL_OPEN. A new endpoint starts where the slowest one before stood, so that changing an address
   * neither repeats nor skips; cursors of endpoints that are gone are removed.
   */
  static async open(options: QueueOptions): Promise<CategoryQueue> {
    const queue = new CategoryQueue(options)
    queue.#log = await WalLog.open({ ...options, onWritten: (points) => queue.#written(points) })
    try {
      await queue.#openCursors()
    } catch (error) {
      await queue.dispose()
      throw new AgentError('WAL_OPEN', `${options.dir}: ${errorText(error)}`, { cause: error })
    }
    return queue
  }

  async #openCursors(): Promise<void> {
    const options = this.#options
    const log = this.#log
    const dir = join(options.dir, 'cursors')
    await mkdir(dir, { recursive: true })
    const before = new Map<string, number>()
    for (const name of await readdir(dir)) {
      const cursor = await Cursor.open(join(dir, name))
      before.set(name.replace(/\.cursor$/, ''), cursor.position)
      await cursor.dispose()
    }
    // Outside the log (deleted files): the oldest record, since repeating is better than skipping.
    const inside = (at: number): number => (at < log.start || at > log.end ? log.start : at)
    const first = inside(Math.min(...before.values(), Number.MAX_SAFE_INTEGER))
    const readers: Reader[] = []
    for (const id of options.endpoints) {
      const cursor = await Cursor.open(join(dir, `${id}.cursor`))
      cursor.move(inside(before.get(id) ?? first))
      readers.push({ id, cursor, pending: (await log.count(cursor.position)).points, givenUp: [] })
    }
    for (const id of before.keys())
      if (!options.endpoints.includes(id)) await unlink(join(dir, `${id}.cursor`))
    this.#readers = readers
    const waiting = await log.count(this.#slowest())
    this.#oldest = waiting.oldest
    const account = options.ledger.of(options.category)
    // The ledger may know these points already: the queue was closed and opened within one run. What it knows and what
    // does not wait any more was held back only by an address that is gone.
    const recovered = waiting.points - account.pending
    account.pending += recovered
    if (recovered >= 0) account.recovered += recovered
    else account.sent -= recovered
  }

  get bytes(): number {
    return this.#log.end - this.#slowest()
  }
  get oldest(): number | undefined {
    return this.#options.ledger.of(this.category).pending > 0 ? this.#oldest : undefined
  }
  /** Resolves when the fragment is written: from here on it survives SIGKILL. Rejects as WalLog.append does. */
  append(fragment: Uint8Array, points: number, meta = ''): Promise<void> {
    const bytes = fragment.length + Buffer.byteLength(meta)
    if (this.#log.hasRoom(bytes) || !this.#mayGiveUp()) return this.#log.append(fragment, points, meta)
    return this.#appendAtCap(bytes, () => this.#log.append(fragment, points, meta))
  }

  async #appendAtCap(bytes: number, append: () => Promise<void>): Promise<void> {
    while (!this.#log.hasRoom(bytes)) {
      this.#makingRoom ??= this.#giveUpOldest().finally(() => (this.#makingRoom = undefined))
      if (!(await this.#makingRoom)) break
    }
    return append()
  }

  pendingOf(endpoint: string): number {
    return this.#reader(endpoint).pending
  }

  /** Resolves at the next append, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiters.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      if (signal.aborted) return resolve()
      this.#waiters.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Unacknowledged records of that endpoint, oldest first. */
  async read(endpoint: string, maxBytes: number): Promise<WalRecord[]> {
    const reader = this.#reader(endpoint)
    const { records, next } = await this.#log.read(reader.cursor.position, maxBytes)
    if (records.length === 0) {
      if (next > reader.cursor.position) reader.cursor.move(next)
      this.#settleDamage(reader)
    }
    if (endpoint === this.#slowestReader().id) this.#oldest = records[0]?.time ?? this.#oldest
    return records
  }

  /** That endpoint is done with these records: acknowledged, or given up for a reason. */
  async settle(endpoint: string, records: readonly WalRecord[], gaveUp?: GivenUp): Promise<void> {
    const reader = this.#reader(endpoint)
    // What the cap took while the answer was under way is settled already.
    const mine = records.filter((record) => record.offset >= reader.cursor.position)
    if (mine.length === 0) return
    this.#move(reader, mine, gaveUp)
    this.#settleDamage(reader)
    await this.#trim()
  }

  #move(reader: Reader, records: readonly RecordExtent[], gaveUp?: GivenUp): void {
    const last = records.at(-1)!
    if (gaveUp) noteGivenUp(reader, records[0]!.offset, last.next, gaveUp)
    for (const record of records) {
      reader.pending -= record.points
      if (this.#readers.every((r) => r === reader || r.cursor.position >= record.next)) this.#passed(record)
    }
    reader.cursor.move(last.next)
  }

  async #trim(): Promise<void> {
    const slowest = this.#slowest()
    for (const { givenUp } of this.#readers) while (givenUp[0] && givenUp[0].to <= slowest) givenUp.shift()
    await this.#log.trim(slowest)
  }

  #mayGiveUp(): boolean {
    return this.#options.onLagging !== undefined && this.#readers.length > 1
  }

  /** Takes the oldest segment from the endpoints that lag behind one which has passed it; false when none has. */
  async #giveUpOldest(): Promise<boolean> {
    const end = this.#log.oldestSegmentEnd
    const passed = (reader: Reader): boolean => end !== undefined && reader.cursor.position >= end
    if (end === undefined || !this.#readers.some(passed)) return false
    const extents = await this.#log.extents(this.#slowest(), end)
    for (const reader of this.#readers.filter((r) => !passed(r))) {
      const lost = extents.filter((record) => record.offset >= reader.cursor.position)
      if (lost.length > 0) this.#move(reader, lost, { reason: 'lagging' })
      if (reader.cursor.position < end) reader.cursor.move(end)
      this.#options.onLagging?.(
        reader.id,
        lost.reduce((sum, { points }) => sum + points, 0),
      )
    }
    await this.#trim()
    return true
  }

  /** Keeps a refused body with the answer that refused it; the oldest dead letters make room. */
  bury(payload: Uint8Array, points: number, answer: Readonly<Record<string, unknown>>): Promise<void> {
    const done = this.#burying.then(() => this.#bury(payload, points, JSON.stringify(answer)))
    this.#burying = done.catch(() => {})
    return done
  }

  async #bury(payload: Uint8Array, points: number, meta: string): Promise<void> {
    this.#dead ??= WalLog.open({
      ...this.#options,
      dir: join(this.#options.dir, 'dead-letter'),
      maxBytes: DEAD_LETTER_BYTES,
      segmentBytes: DEAD_SEGMENT_BYTES,
    })
    const dead = await this.#dead.catch((error: unknown) => {
      this.#dead = undefined
      throw error
    })
    const size = payload.length + meta.length + HEADER_BYTES
    while (!dead.hasRoom(size) && dead.bytes > 0)
      this.#options.onDeadLetter?.('pushed_out', await dead.dropOldest())
    if (!dead.hasRoom(size)) return this.#options.onDeadLetter?.('pushed_out', points)
    await dead.append(payload, points, meta)
    this.#options.onDeadLetter?.('kept', points)
  }

  async dispose(): Promise<void> {
    this.#wake()
    for (const reader of this.#readers) await reader.cursor.dispose()
    await this.#log.dispose()
    await this.#burying
    await (await this.#dead?.catch(() => undefined))?.dispose()
  }

  #reader(endpoint: string): Reader {
    return this.#readers.find((r) => r.id === endpoint)!
  }
  #slowestReader(): Reader {
    return this.#readers.reduce((a, b) => (b.cursor.position < a.cursor.position ? b : a))
  }
  #slowest(): number {
    return this.#slowestReader().cursor.position
  }

  /** In the same tick in which the record can be read. */
  #written(points: number): void {
    const account = this.#options.ledger.of(this.category)
    account.processing -= points
    account.pending += points
    this.#oldest ??= this.#options.clock.now()
    for (const reader of this.#readers) reader.pending += points
    this.#wake()
  }

  /** The last endpoint has passed a record: its points move from pending to where they went. */
  #passed(record: RecordExtent): void {
    const { ledger } = this.#options
    const account = ledger.of(this.category)
    const gaveUp = this.#readers
      .flatMap((r) => r.givenUp)
      .find(({ from, to, points }) => from <= record.offset && record.offset < to && points !== 0)
    const lost = gaveUp ? Math.min(record.points, gaveUp.points ?? record.points) : 0
    if (gaveUp?.points !== undefined) gaveUp.points -= lost
    account.pending -= record.points
    account.sent += record.points - lost
    if (gaveUp && lost > 0) ledger.drop(this.category, gaveUp.reason, lost)
    if (account.pending === 0) this.#oldest = undefined
  }

  /** At the end of the log nothing is pending: what still counts as pending was in damaged records. */
  #settleDamage(reader: Reader): void {
    if (reader.cursor.position < this.#log.end) return
    reader.pending = 0
    if (this.#slowest() < this.#log.end) return
    const { ledger } = this.#options
    const account = ledger.of(this.category)
    if (account.pending > 0) ledger.drop(this.category, 'damaged', account.pending)
    account.pending = 0
    this.#oldest = undefined
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter()
  }
}

/** Neighbours given up for the same reason become one range, so that an address that refuses everything costs nothing. */
function noteGivenUp(reader: Reader, from: number, to: number, { reason, points }: GivenUp): void {
  const last = reader.givenUp.at(-1)
  const whole = points === undefined
  if (last && whole && last.points === undefined && last.reason === reason && last.to === from) last.to = to
  else reader.givenUp.push({ reason, points, from, to })
}
