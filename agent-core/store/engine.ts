// The store without its thread: batches in, answers out, and what to do when the file fails. Runs in the worker.
import { AgentError, errorText } from '../kernel/errors.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import type { ErrorCode } from '../kernel/error-codes.ts'
import { Kind } from '../point/point.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { encodeRound } from './chunk.ts'
import {
  dropSeries,
  expireBytes,
  expireSeries,
  FUTURE_MS,
  MOST_JOURNALLED,
  roll,
  seal,
  windowsToRoll,
} from './compaction.ts'
import { faultOf, NewerSchemaError, setAside, StoreDatabase, type Fault } from './database.ts'
import type { StoreLimits } from './limits.ts'
import type {
  EncodedFeed,
  Failure,
  RecentArgs,
  RecentRows,
  SeriesArgs,
  SeriesReply,
  WorkerSettings,
  WorkerStatus,
} from './messages.ts'
import { expireObjects, objectRow, readObjects, writeObject, type ObjectRow } from './objects.ts'
import { expireRecent, packRecent, readRecent, splitPoints, writeRecent, type RecentChunk } from './recent.ts'
import { querySeries, type HeldSamples } from './series-query.ts'
import { isTag, SeriesDictionary, type SeriesEntry } from './series-dictionary.ts'

/** A batch that waits to be written, read by queries meanwhile. */
interface HeldBatch {
  readonly received: number
  readonly points: number
  readonly bytes: number
  readonly samples: HeldSamples
  readonly recent: readonly RecentChunk[]
  readonly objects: readonly ObjectRow[]
}

/** A wall clock that moved this much beside the monotonic one was set: nothing is removed by age until it stands. */
const CLOCK_SET_MS = 300_000

const FAULT_CODES: Readonly<Record<Fault, ErrorCode>> = {
  full: 'KERNEL_DISK_FULL',
  readonly: 'KERNEL_READ_ONLY',
  busy: 'STORE_BUSY',
  corrupt: 'STORE_CORRUPT',
  open: 'STORE_FAILED',
  io: 'STORE_FAILED',
}

export class StoreEngine {
  private readonly path: string
  private readonly limits: StoreLimits
  private readonly dictionary: SeriesDictionary
  private db: StoreDatabase | undefined
  private held: HeldBatch[] = []
  private lost = 0
  /** Samples in the journal, about: a failed transaction may leave it too high until the next seal. */
  private journalled = 0
  private ill = 0
  private unreadable = 0
  private failure: Failure | undefined
  private replaced: Diagnostic | undefined
  private lastMaintenance: { now: number; monotonic: number } | undefined

  constructor({ path, limits }: WorkerSettings) {
    this.path = path
    this.limits = limits
    this.dictionary = new SeriesDictionary(limits)
  }

  /** Stores a batch, or holds it in memory while the file cannot be written. */
  batch(now: number, feeds: readonly EncodedFeed[]): void {
    // The file is opened first, so that its series are known before new ones count against the cap.
    this.attempt(now, () => undefined)
    if (feeds.length > 0) this.held.push(this.prepare(now, feeds))
    this.attempt(now, (db) => this.writeHeld(db))
    while (this.held.reduce((sum, batch) => sum + batch.bytes, 0) > this.limits.heldBytes) {
      this.lost += this.held.shift()!.points
    }
  }

  maintain(now: number, monotonic: number): void {
    const last = this.lastMaintenance
    const set = !last || Math.abs(now - last.now - (monotonic - last.monotonic)) > CLOCK_SET_MS
    this.lastMaintenance = { now, monotonic }
    this.attempt(now, (db) => {
      this.writeHeld(db)
      db.transaction(() => this.seal(db, now, false))
      for (const window of windowsToRoll(db, now)) {
        db.transaction(() => roll(db, window, this.countUnreadable))
      }
      if (!set) db.transaction(() => this.expire(db, now))
      db.transaction(() => expireBytes(db, this.limits))
      db.shrink()
    })
  }

  series(now: number, args: SeriesArgs): SeriesReply {
    return this.read(now, () =>
      querySeries(
        {
          db: this.db,
          dictionary: this.dictionary,
          held: this.held.map((batch) => batch.samples),
          limits: this.limits,
          unreadable: this.countUnreadable,
        },
        args,
        now,
      ),
    )
  }

  recent(now: number, args: RecentArgs): RecentRows {
    return this.read(now, () => {
      const held = this.held.flatMap(({ received, recent }) => recent.map((chunk) => ({ received, chunk })))
      return readRecent(this.db, held, args, this.countUnreadable)
    })
  }

  /** The latest objects of a class, as a PBPoints message. */
  objects(now: number, wanted: string): Uint8Array {
    return this.read(now, () =>
      readObjects(
        this.db,
        this.held.flatMap((batch) => batch.objects),
        wanted,
      ),
    )
  }

  status(): WorkerStatus {
    let refused = this.ill
    for (const count of this.dictionary.refused.values()) refused += count
    return {
      failure: this.failure ?? null,
      ...this.sizes(),
      series: this.dictionary.series,
      refused,
      lost: this.lost,
      diagnostics: this.diagnostics(),
    }
  }

  close(): void {
    try {
      this.db?.close()
    } catch (error) {
      // A file that fails cannot be closed in order; its log is replayed at the next start.
      if (!faultOf(error)) throw error
    }
    this.db = undefined
  }

  private readonly countUnreadable = (): void => {
    this.unreadable++
  }

  private sizes(): { bytes: number; rows: number } {
    try {
      const { db } = this
      return db
        ? { bytes: db.bytes, rows: db.number('SELECT sum(points) FROM recent_total') }
        : { bytes: 0, rows: 0 }
    } catch (error) {
      if (!faultOf(error)) throw error
      return { bytes: 0, rows: 0 }
    }
  }

  /** Opens the file if need be and runs; a fault of the file is kept as the store's state. True when it went well. */
  private attempt(now: number, run: (db: StoreDatabase) => void): boolean {
    for (let tries = 0; ; tries++) {
      try {
        run((this.db ??= this.open(now)))
        this.failure = undefined
        return true
      } catch (error) {
        const fault = faultOf(error)
        if (!fault) throw error
        if (fault === 'corrupt' && tries === 0 && this.replace(now, errorText(error))) continue
        this.fail(fault, error)
        return false
      }
    }
  }

  /** Reads answer from memory alone while the file cannot be opened. */
  private read<T>(now: number, run: () => T): T {
    if (!this.db) this.attempt(now, () => undefined)
    try {
      return run()
    } catch (error) {
      const fault = faultOf(error)
      if (!fault) throw error
      if (fault === 'corrupt' && this.replace(now, errorText(error))) return run()
      this.fail(fault, error)
      throw new AgentError(FAULT_CODES[fault], `${this.path}: ${errorText(error)}`, { cause: error })
    }
  }

  private open(now: number): StoreDatabase {
    let db: StoreDatabase
    try {
      db = new StoreDatabase(this.path)
    } catch (error) {
      const newer = error instanceof NewerSchemaError
      if (!newer && faultOf(error) !== 'corrupt') throw error
      const kept = setAside(this.path, newer ? `v${error.version}` : corruptSuffix(now))
      this.replaced = replacedDiagnostic(kept, errorText(error))
      db = new StoreDatabase(this.path)
    }
    this.dictionary.load(db)
    this.journalled = db.number('SELECT sum(samples) FROM journal')
    return db
  }

  /** Sets the damaged file aside; false when even that fails. */
  private replace(now: number, why: string): boolean {
    this.close()
    this.dictionary.forgetIds()
    try {
      this.replaced = replacedDiagnostic(setAside(this.path, corruptSuffix(now)), why)
      return true
    } catch (error) {
      if (!faultOf(error)) throw error
      return false
    }
  }

  private fail(fault: Fault, error: unknown): void {
    const code = FAULT_CODES[fault]
    this.failure = { code, detail: `${this.path}: ${errorText(error)}` }
  }

  private diagnostics(): Diagnostic[] {
    const list: Diagnostic[] = []
    if (this.failure) {
      const { code, detail } = this.failure
      list.push(diagnostic(code, new AgentError(code, detail).message, { file: this.path }))
    }
    if (this.replaced) list.push(this.replaced)
    if (this.unreadable > 0) {
      const message = `${this.unreadable} blocks of ${this.path} cannot be read and were left out`
      list.push(diagnostic('STORE_CORRUPT', message, { severity: 'warning', file: this.path }))
    }
    for (const [measurement, count] of this.dictionary.refused) {
      const message = `${measurement}: ${count} samples refused, too many series (at most ${this.limits.seriesPerMeasurement} a measurement, ${this.limits.series} in all)`
      list.push(diagnostic('STORE_CARDINALITY', message, { severity: 'warning' }))
    }
    return list
  }

  private prepare(received: number, feeds: readonly EncodedFeed[]): HeldBatch {
    const samples = { entries: [] as SeriesEntry[], times: [] as number[], values: [] as number[] }
    const objects: ObjectRow[] = []
    for (const { category, bytes } of feeds) {
      if (category === 'metric') this.takeSamples(received, bytes, samples)
      else if (category === 'object' || category === 'custom_object') takeObjects(bytes, objects)
    }
    const recent = packRecent(feeds)
    return {
      received,
      points: feeds.reduce((sum, feed) => sum + feed.count, 0),
      bytes:
        samples.times.length * 24 +
        recent.reduce((sum, chunk) => sum + chunk.block.length, 0) +
        objects.reduce((sum, row) => sum + row.bytes.length, 0),
      samples,
      recent,
      objects,
    }
  }

  private takeSamples(
    now: number,
    bytes: Uint8Array,
    samples: { entries: SeriesEntry[]; times: number[]; values: number[] },
  ): void {
    const decoded = decodePoints(bytes)
    for (const point of decoded.ok ? decoded.value : []) {
      const time = Number(point.time / 1_000_000n)
      const line = this.dictionary.line(point)
      for (const kv of point.kvs) {
        if (isTag(kv) || (kv.kind !== Kind.int && kv.kind !== Kind.uint && kv.kind !== Kind.float)) continue
        const value = Number(kv.value)
        if (!Number.isFinite(value)) continue
        if (time < now - this.limits.sampleAgeMs || time > now + FUTURE_MS) {
          this.ill++
          continue
        }
        const entry = this.dictionary.admit(line, kv.key, kv.unit, time)
        if (!entry) continue
        samples.entries.push(entry)
        samples.times.push(time)
        samples.values.push(value)
      }
    }
  }

  /** All held batches in one transaction: all or none. */
  private writeHeld(db: StoreDatabase): void {
    if (this.held.length === 0) return
    const fresh: SeriesEntry[] = []
    try {
      db.transaction(() => {
        for (const batch of this.held) {
          this.writeSamples(db, batch, fresh)
          for (const chunk of batch.recent) writeRecent(db, chunk, batch.received, this.limits)
          for (const row of batch.objects) writeObject(db, row, batch.received)
        }
        if (this.journalled > MOST_JOURNALLED) this.seal(db, this.held[0]!.received, true)
      })
    } catch (error) {
      for (const entry of fresh) entry.id = undefined
      throw error
    }
    this.held = []
  }

  private seal(db: StoreDatabase, now: number, all: boolean): void {
    seal(db, now, all, this.countUnreadable)
    this.journalled = db.number('SELECT sum(samples) FROM journal')
  }

  private writeSamples(db: StoreDatabase, { samples, received }: HeldBatch, fresh: SeriesEntry[]): void {
    const { entries, times, values } = samples
    if (entries.length === 0) return
    const ids = entries.map((entry) => this.dictionary.write(db, entry, fresh))
    this.journalled += ids.length
    const order = ids.map((_, i) => i).sort((a, b) => ids[a]! - ids[b]!)
    db.sql('INSERT INTO journal (received, samples, block) VALUES (?, ?, ?)').run(
      received,
      ids.length,
      encodeRound({
        ids: order.map((i) => ids[i]!),
        times: order.map((i) => times[i]!),
        values: Float64Array.from(order, (i) => values[i]!),
      }),
    )
  }

  private expire(db: StoreDatabase, now: number): void {
    expireSeries(db, this.limits, now)
    expireRecent(db, now - this.limits.recentAgeMs, now + FUTURE_MS)
    expireObjects(db, this.limits, now)
    dropSeries(db, this.dictionary, this.dictionary.idle(now), this.limits)
  }
}

function takeObjects(bytes: Uint8Array, objects: ObjectRow[]): void {
  for (const fragment of splitPoints(bytes)) {
    const decoded = decodePoints(fragment)
    for (const point of decoded.ok ? decoded.value : []) objects.push(objectRow(point, fragment))
  }
}

const corruptSuffix = (now: number): string => `corrupt-${new Date(now).toISOString().replaceAll(':', '')}`

function replacedDiagnostic(kept: string, why: string): Diagnostic {
  return diagnostic('STORE_CORRUPT', `The local store could not be read (${why}); it was kept as ${kept}`, {
    severity: 'warning',
    file: kept,
  })
}
