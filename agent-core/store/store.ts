// The local store as the agent sees it: recent points, series and latest objects for the console, kept in SQLite by a
// worker. Losing it loses no data that is sent: it never blocks, never throws, and says what it left out.
import { isBuiltin } from 'node:module'
import type { Clock } from '../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { disposable, Scope, type Disposable } from '../kernel/disposable.ts'
import { AgentError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Counter, Metrics } from '../kernel/metrics.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { FeedQueue, type DropReason } from './feed-queue.ts'
import { DEFAULT_LIMITS, type StoreLimits } from './limits.ts'
import type { CallName, Calls, RecentArgs, SeriesArgs, SeriesReply, WorkerStatus } from './messages.ts'
import { WorkerLink } from './worker-link.ts'

export interface StoreOptions {
  /** The database file; its folder is made. */
  readonly path: string
  readonly clock: Clock
  readonly log: Logger
  readonly limits?: Partial<StoreLimits>
  readonly metrics?: Metrics
  /** False where this runtime has no node:sqlite; found out unless given. */
  readonly sqlite?: boolean
  /** The worker's entry, replaced in tests. */
  readonly worker?: URL
}

export interface RecentPoint {
  /** Order of arrival within the category. */
  readonly seq: number
  readonly source: string
  /** ms when the store took it. */
  readonly received: number
  readonly point: Point
}

export interface RecentPage {
  /** Newest first. */
  readonly points: RecentPoint[]
  /** `before` of the next page; null at the end. A page may hold less than its limit and still have a next one. */
  readonly next: number | null
}

export interface StoreStats {
  /** `off`: no node:sqlite. `failing`: the file cannot be used now, memory keeps a bounded tail, it is tried again. */
  readonly state: 'ok' | 'off' | 'failing'
  readonly error: string | null
  /** Bytes of the database in use, recent points in it, series known. */
  readonly bytes: number
  readonly rows: number
  readonly series: number
  /** Points not kept since the start, by reason; samples refused by a cap or for their time. */
  readonly dropped: Readonly<Record<DropReason | 'failing', number>>
  readonly refusedSamples: number
}

export interface Store extends Disposable {
  /** Never blocks, never throws. What does not fit is counted. */
  append(category: Category, points: readonly Point[], source: string): void
  /** The same for points that are a fragment of PBPoints already. */
  appendEncoded(category: Category, fragment: Uint8Array, count: number, source: string): void
  /** Series between two times, at most `points` values each; see SeriesData. */
  querySeries(args: SeriesArgs): Promise<Result<SeriesReply>>
  /** Points as they passed, newest first; `limit` at most 5,000. */
  recentPoints(args: RecentArgs): Promise<Result<RecentPage>>
  /** Recent points of the category logging that have a text. */
  searchLogs(args: Omit<RecentArgs, 'category'>): Promise<Result<RecentPage>>
  /** The latest object of each name of a class (its measurement), by name. */
  latestObjects(className: string): Promise<Result<Point[]>>
  stats(): StoreStats
  diagnostics(): Diagnostic[]
  /** Resolves when all that was appended is in the file; an error when it cannot be written now. */
  flush(): Promise<Result<null>>
  /** Writes what waits and ends the worker. */
  dispose(): Promise<void>
}

/** The file is tried again this long after a failure, and the worker this long after its end, doubling up to a cap. */
const RETRY_MS = 15_000
const MOST_RETRY_MS = 300_000
/** How long a drop for lack of speed is shown. */
const BEHIND_SHOWN_MS = 300_000
const CLOSE_MS = 5_000
const MOST_RECENT = 5_000

const NO_STATUS: WorkerStatus = {
  failure: null,
  bytes: 0,
  rows: 0,
  series: 0,
  refused: 0,
  lost: 0,
  diagnostics: [],
}

export function createStore(options: StoreOptions): Store {
  return new LocalStore(options)
}

class LocalStore implements Store {
  private readonly options: StoreOptions
  private readonly limits: StoreLimits
  private readonly clock: Clock
  private readonly queue: FeedQueue
  private readonly available: boolean
  private readonly timers = new Scope()
  private readonly drops: Counter<'reason'> | undefined
  private readonly dropped = { burst: 0, behind: 0, encode: 0, failing: 0 }
  private readonly logged = new Set<string>()
  private link: WorkerLink | undefined
  private status = NO_STATUS
  /** Batches the worker has not answered. */
  private flying = 0
  private lastBatch: Promise<unknown> = Promise.resolve()
  private flushTimer: Disposable | undefined
  private retryTimer: Disposable | undefined
  private ended: AgentError | undefined
  private endings = 0
  private lastBehind = -Infinity
  private closed: Promise<void> | undefined

  constructor(options: StoreOptions) {
    this.options = options
    this.clock = options.clock
    this.limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.queue = new FeedQueue(this.limits)
    this.available = options.sqlite ?? isBuiltin('node:sqlite')
    this.drops = options.metrics?.counter(
      'datakit_store_dropped_points_total',
      'Points that the local store left out',
      ['reason'],
    )
    if (!this.available) return
    this.timers.add(this.clock.every(this.limits.maintainMs, () => this.maintain()))
    this.timers.add(disposable(() => this.flushTimer?.dispose()))
    this.timers.add(disposable(() => this.retryTimer?.dispose()))
  }

  append(category: Category, points: readonly Point[], source: string): void {
    if (!this.available || this.closed || points.length === 0) return
    this.appended(this.queue.add(category, source, points))
  }

  appendEncoded(category: Category, fragment: Uint8Array, count: number, source: string): void {
    if (!this.available || this.closed || count === 0) return
    this.appended(this.queue.addEncoded(category, source, count, fragment))
  }

  async querySeries(args: SeriesArgs): Promise<Result<SeriesReply>> {
    return this.ask('series', args)
  }

  async recentPoints(args: RecentArgs): Promise<Result<RecentPage>> {
    const limit = Math.min(Math.max(1, Math.floor(args.limit)), MOST_RECENT)
    const reply = await this.ask('recent', { ...args, limit })
    if (!reply.ok) return reply
    const { entries, bytes, next } = reply.value
    const decoded = decodePoints(bytes)
    if (!decoded.ok) return decoded
    const points = entries.map(({ seq, source, received }, i) => {
      return { seq, source, received, point: decoded.value[i]! }
    })
    return ok({ points, next })
  }

  searchLogs(args: Omit<RecentArgs, 'category'>): Promise<Result<RecentPage>> {
    return this.recentPoints({ ...args, category: 'logging' })
  }

  async latestObjects(className: string): Promise<Result<Point[]>> {
    const reply = await this.ask('objects', { class: className })
    return reply.ok ? decodePoints(reply.value) : reply
  }

  stats(): StoreStats {
    const { bytes, rows, series, refused, lost } = this.status
    const { dropped } = this
    const failure = this.failure()
    return {
      state: !this.available ? 'off' : failure ? 'failing' : 'ok',
      error: failure?.message ?? null,
      bytes,
      rows,
      series,
      dropped: { ...dropped, failing: dropped.failing + lost },
      refusedSamples: refused,
    }
  }

  diagnostics(): Diagnostic[] {
    if (!this.available) {
      const { message } = new AgentError('STORE_UNAVAILABLE')
      return [diagnostic('STORE_UNAVAILABLE', message, { severity: 'warning' })]
    }
    const list = [...this.status.diagnostics]
    if (this.ended) list.push(diagnostic('STORE_FAILED', this.ended.message))
    if (this.clock.monotonic() - this.lastBehind < BEHIND_SHOWN_MS) {
      const { message } = new AgentError('STORE_BEHIND', `${this.dropped.behind} points left out so far`)
      list.push(diagnostic('STORE_BEHIND', message, { severity: 'warning' }))
    }
    return list
  }

  async flush(): Promise<Result<null>> {
    if (!this.available) return err(new AgentError('STORE_UNAVAILABLE'))
    if (this.closed) return err(new AgentError('KERNEL_CANCELLED', 'the store is closed'))
    this.send()
    await this.lastBatch
    const failure = this.failure()
    return failure ? err(failure) : ok(null)
  }

  dispose(): Promise<void> {
    this.closed ??= this.close()
    return this.closed
  }

  private async close(): Promise<void> {
    this.send()
    await this.timers.dispose()
    const { link } = this
    if (!link) return
    const limit = this.clock.after(CLOSE_MS, () => void link.terminate())
    await link.close(this.clock.now())
    limit.dispose()
    this.link = undefined
  }

  /** Why the store does not work now. */
  private failure(): AgentError | undefined {
    if (!this.available) return new AgentError('STORE_UNAVAILABLE')
    const { failure } = this.status
    return this.ended ?? (failure ? new AgentError(failure.code, failure.detail) : undefined)
  }

  private appended(refused: { dropped: number; reason: DropReason } | undefined): void {
    if (refused) this.countDrop(refused.reason, refused.dropped)
    if (this.queue.empty || this.flushTimer) return
    // Armed by the first point only: a store that gets nothing costs nothing.
    this.flushTimer = this.clock.after(this.limits.flushMs, () => {
      this.flushTimer = undefined
      if (this.flying === 0) this.send()
    })
  }

  private countDrop(reason: DropReason | 'failing', points: number): void {
    this.dropped[reason] += points
    this.drops?.inc({ reason }, points)
    if (reason === 'behind') this.lastBehind = this.clock.monotonic()
  }

  /** Hands what waits to the worker. */
  private send(): void {
    if (this.queue.empty) return
    const link = this.connect()
    if (!link) return
    this.flushTimer?.dispose()
    this.flushTimer = undefined
    this.sendBatch(link)
  }

  private sendBatch(link: WorkerLink): void {
    const batch = this.queue.take()
    const size = batch.bytes.length
    const points = batch.feeds.reduce((sum, feed) => sum + feed.count, 0)
    this.flying++
    this.lastBatch = link.call('batch', this.clock.now(), batch, [batch.bytes.buffer]).then((reply) => {
      this.flying--
      this.queue.done(size)
      if (!reply.ok) this.countDrop('failing', points)
      // What came while the worker was busy has waited long enough.
      if (this.flying === 0 && !this.queue.empty && !this.flushTimer && !this.closed) this.send()
    })
  }

  private async ask<K extends CallName>(
    call: K,
    args: Calls[K]['args'],
  ): Promise<Result<Calls[K]['result']>> {
    if (!this.available) return err(new AgentError('STORE_UNAVAILABLE'))
    if (this.closed) return err(new AgentError('KERNEL_CANCELLED', 'the store is closed'))
    // Queries see what was appended before them.
    this.send()
    const link = this.connect()
    return link ? link.call(call, this.clock.now(), args) : err(this.ended!)
  }

  private maintain(): void {
    void this.link?.call('maintain', this.clock.now(), { monotonic: this.clock.monotonic() })
  }

  /** Starts the worker at first need; undefined while it waits to be started again. */
  private connect(): WorkerLink | undefined {
    if (this.link || this.ended) return this.link
    this.link = new WorkerLink(
      { path: this.options.path, limits: this.limits },
      (status) => this.take(status),
      (error) => this.restart(error),
      this.options.worker,
    )
    return this.link
  }

  private take(status: WorkerStatus): void {
    const { log } = this.options
    const was = this.status
    this.status = status
    this.endings = 0
    if (was.failure && !status.failure) log.info('The local store works again')
    const failure = this.failure()
    if (failure && status.failure?.detail !== was.failure?.detail) log.warn(failure.message)
    if (status.lost > was.lost) this.drops?.inc({ reason: 'failing' }, status.lost - was.lost)
    for (const { code, file, message } of status.diagnostics) {
      const key = `${code} ${file ?? ''}`
      if (!status.failure && !this.logged.has(key)) log.warn(message)
      this.logged.add(key)
    }
    if (status.failure) this.retry(RETRY_MS)
  }

  private restart(error: AgentError): void {
    this.link = undefined
    this.ended = error
    this.options.log.error(error.message)
    this.retry(Math.min(RETRY_MS * 2 ** this.endings++, MOST_RETRY_MS))
  }

  private retry(ms: number): void {
    if (this.retryTimer || this.closed) return
    this.retryTimer = this.clock.after(ms, () => {
      this.retryTimer = undefined
      this.ended = undefined
      const link = this.connect()
      // An empty batch writes what the worker holds and says how it went.
      if (link) this.sendBatch(link)
    })
  }
}
