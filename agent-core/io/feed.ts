// The door of the data path: feed -> global tags -> scripts -> filter -> time correction -> encode -> WAL append -> acknowledge,
// with the local store and the tap listening beside it and the ledger counting. Resolving means: the points are kept.
import type { Clock } from '../kernel/clock.ts'
import { AgentError, toAgentError } from '../kernel/errors.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { addTags } from '../point/add-tags.ts'
import type { Category } from '../point/category.ts'
import { decodeBody, type Body, type BodyFault } from '../point/decode.ts'
import type { Point } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import type { LaneReply } from '../pipeline/lanes/lane-pool.ts'
import type { EncodedBatch } from '../pipeline/lanes/messages.ts'
import type { LaneSteps, Pipeline } from '../pipeline/pipeline.ts'
import { processBatch, type BatchCounts } from '../pipeline/process-batch.ts'
import type { ScriptMap } from '../pipeline/scripts/script.ts'
import type { ActiveFilters } from './blacklist.ts'
import type { GlobalTags } from './global-tags.ts'
import type { DropReason, Ledger } from './ledger.ts'
import { groupBySinker } from './sinker.ts'
import type { Tap } from './tap.ts'
import type { CategoryQueue } from './wal/category-queue.ts'
import { packFragment, type PackedRecord } from './wal/fragment.ts'

export interface FeedOptions {
  /** `name` of the feed metrics. */
  readonly source: string
  readonly election?: boolean
  readonly noGlobalTags?: boolean
  /** Headers that go with these points to the DataWay. */
  readonly headers?: Readonly<Record<string, string>>
  /** Script file by feature (measurement, source, service), before scripts are chosen by name. */
  readonly scripts?: ScriptMap | undefined
  /** At the WAL's cap: `drop` counts and goes on (collectors), `reject` tells the caller (HTTP, Kafka, tail). */
  readonly atCap?: 'drop' | 'reject'
  /** The caller gave up: what is not yet on its way to the WAL is not kept, and the feed rejects with KERNEL_CANCELLED. */
  readonly signal?: AbortSignal
}

export type Feed = (category: Category, points: readonly Point[], options: FeedOptions) => Promise<void>

/** Points that are encoded already: a fragment of PBPoints, with global tags in it and times as they shall stay. */
export type FeedEncoded = (
  category: Category,
  fragment: Uint8Array,
  points: number,
  options: FeedOptions,
) => Promise<void>

/** What a byte path must put in itself, or undefined when something on the way needs the points. */
export interface EncodedDoor {
  /** Added to each point that has neither a tag nor a field of that key. */
  readonly tags: Readonly<Record<string, string>>
  /** Whole seconds since the epoch: points before the first or behind the second would be moved. */
  readonly oldest: number
  readonly newest: number
}

/** Sees points as they pass, as a fragment of PBPoints: the local store. */
export type FeedListener = (category: Category, fragment: Uint8Array, points: number, source: string) => void

export interface FeedParts {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly ledger: Ledger
  readonly tags: GlobalTags
  /** undefined: local-only. Rejects with WAL_OPEN. */
  queue(category: Category): Promise<CategoryQueue | undefined>
  /** Longest fragment of one WAL record, bytes: what a DataWay takes in one body. */
  readonly maxRecordBytes: number
  /** Categories whose feeders wait at the cap instead of losing data. */
  readonly noDrop: ReadonlySet<Category>
  readonly autoTimestampCorrection: boolean
  /** The blacklist in force. */
  filters(): ActiveFilters | undefined
  /** ms that the DataWay's clock is ahead of ours. */
  ntpOffsetMs(): number
  readonly listeners: ReadonlySet<FeedListener>
  readonly tap: Tap
  readonly signal: AbortSignal
  /** Keys that the sinker groups by; undefined = off. */
  sinkerKeys(): ReadonlySet<string> | undefined
  readonly pipe?: FeedPipe | undefined
}

/** Lanes on their way. */
export type FeedPipe = Pick<Pipeline, 'has' | 'points' | 'body' | 'unprocessed'>

export interface FeedDoors {
  readonly feed: Feed
  /** Points that scripts made: filtered and time-corrected, without global tags, and no script again. */
  feedCreated(created: readonly EncodedBatch[]): Promise<void>
  readonly feedEncoded: FeedEncoded
  /**
   * A body whose points a lane reads, so that nothing of it costs the main thread: `left` when no lane is needed or
   * somebody looks at its points; then it is for `feed`.
   */
  feedBody(body: Body, options: FeedOptions): Promise<Result<'taken' | 'left', BodyFault>>
  encodedDoor(category: Category, options: FeedOptions): EncodedDoor | undefined
  /** Resolves when no feed is under way. */
  settled(): Promise<void>
}

const CAP_RETRY_MS = 1000
const TIME_LIMIT_S = 2 * 3600
const NO_TAGS = {}

export function createFeed(parts: FeedParts): FeedDoors {
  const { clock, ledger, tap } = parts
  const metrics = feedMetrics(parts.metrics)
  const running = new Set<Promise<unknown>>()

  /** Every feed is known until it ends, so that a stop can wait for it. */
  function tracked<T>(work: Promise<T>): Promise<T> {
    const known = work.finally(() => running.delete(known))
    running.add(known)
    return known
  }

  function enter(category: Category, points: number, options: FeedOptions): void {
    const account = ledger.of(category)
    account.fed += points
    account.processing += points
    countFeed(category, points, options.source)
  }

  function countFeed(category: Category, points: number, source: string): void {
    const label = { name: source, category }
    metrics.feeds.inc(label)
    metrics.points.observe(label, points)
    metrics.last.set(label, clock.now() / 1000)
  }

  async function feed(category: Category, points: readonly Point[], options: FeedOptions): Promise<void> {
    const started = clock.monotonic()
    enter(category, points.length, options)
    if (tap.open.collected) tap.show('collected', category, points, options.source)
    if (!options.noGlobalTags) addTags(points, tagsOf(options))
    await process(category, points, true, options)
    costs(category, options, started)
  }

  async function feedBody(body: Body, options: FeedOptions): Promise<Result<'taken' | 'left', BodyFault>> {
    const started = clock.monotonic()
    const { category, body: bytes, ...encoding } = body
    if (tap.open.collected) return ok('left')
    const tags = options.noGlobalTags ? NO_TAGS : tagsOf(options)
    const work = parts.pipe?.body(category, bytes, { ...encoding, tags }, steps(category, true, options))
    const outcome = work && (await work)
    if (outcome === undefined || outcome === 'left') return ok('left')
    if (outcome === 'unprocessed') {
      const points = decodeBody(body)
      if (!points.ok) return points
      enter(category, points.value.length, options)
      addTags(points.value, tags)
      await passUnprocessed(category, points.value, options)
    } else if ('fault' in outcome) {
      return err(outcome.fault)
    } else {
      enter(category, outcome.read, options)
      await passReply(category, outcome, options)
    }
    costs(category, options, started)
    return ok('taken')
  }

  /** Points that scripts made: no script again, no global tags. */
  async function feedCreated(created: readonly EncodedBatch[]): Promise<void> {
    for (const { category, source, fragment, points, released } of created) {
      const account = ledger.of(category)
      if (!released) {
        account.created += points
        account.processing += points
      }
      countFeed(category, points, source)
      await process(category, decoded(fragment), false, { source })
    }
  }

  /** In a lane where a script or a user's regular expression is concerned, else in place. */
  async function process(
    category: Category,
    points: readonly Point[],
    scripts: boolean,
    options: FeedOptions,
  ): Promise<void> {
    // No await where no lane is needed: it would cost every feed a turn.
    const work = parts.pipe?.points(category, points, steps(category, scripts, options))
    const outcome = work && (await work)
    if (outcome === undefined) await passInPlace(category, points, activeFilters(category), options)
    else if (outcome === 'unprocessed') await passUnprocessed(category, points, options)
    else await passReply(category, outcome, options)
  }

  function activeFilters(category: Category): ActiveFilters | undefined {
    const filters = parts.filters()
    return filters && filters.count(category) > 0 ? filters : undefined
  }

  function steps(category: Category, scripts: boolean, { scripts: map }: FeedOptions): LaneSteps {
    const filters = activeFilters(category)
    return {
      scripts,
      map,
      filters: filters?.from,
      regExp: filters?.usesRegExp(category) ?? false,
      correctTo: correctTo(),
      showPiped: tap.open.piped,
    }
  }

  /** What a lane made of a batch. */
  async function passReply(category: Category, reply: LaneReply, options: FeedOptions): Promise<void> {
    const { fragment, points, piped } = reply
    count(category, reply, options)
    try {
      if (piped) tap.showEncoded('piped', category, piped, options.source)
      if (tap.open.filtered) tap.showEncoded('filtered', category, fragment, options.source)
      if (points > 0) {
        if (parts.sinkerKeys()) await keepPoints(category, decoded(fragment), options)
        else await keep(category, [{ fragment, points, headers: options.headers }], options)
        if (tap.open.queued) tap.showEncoded('queued', category, fragment, options.source)
      }
    } catch (error) {
      // The caller keeps its points, but not those that windows let go of with them.
      for (const back of reply.created.filter(({ released }) => released)) {
        ledger.of(category).processing -= back.points
        ledger.drop(category, dropReason(toAgentError(error)), back.points)
      }
      throw error
    } finally {
      void reply.dispose()
    }
    await feedCreated(reply.created)
  }

  /** A lane was stopped: on without scripts, and without rules that a regular expression of theirs may have stopped. */
  function passUnprocessed(
    category: Category,
    points: readonly Point[],
    options: FeedOptions,
  ): Promise<void> {
    parts.pipe?.unprocessed(category, points.length)
    const filters = activeFilters(category)
    return passInPlace(category, points, filters?.usesRegExp(category) ? undefined : filters, options)
  }

  async function passInPlace(
    category: Category,
    points: readonly Point[],
    filters: ActiveFilters | undefined,
    options: FeedOptions,
  ): Promise<void> {
    const done = processBatch(category, points, {
      filters,
      correctTo: correctTo(),
      onPiped: (piped) => {
        if (tap.open.piped) tap.show('piped', category, piped, options.source)
      },
      monotonic: () => clock.monotonic(),
    })
    count(category, done, options)
    if (tap.open.filtered) tap.show('filtered', category, done.points, options.source)
    if (done.points.length === 0) return
    await keepPoints(category, done.points, options)
    if (tap.open.queued) tap.show('queued', category, done.points, options.source)
  }

  /** Books what scripts and blacklist took. */
  function count(category: Category, counts: BatchCounts, { source }: FeedOptions): void {
    const { dropped, held, filtered, screened, screenMs, moved } = counts
    const account = ledger.of(category)
    if (dropped > 0) ledger.drop(category, 'script', dropped)
    account.filtered += filtered
    account.held += held
    account.processing -= dropped + filtered + held
    const filters = parts.filters()
    if (screened > 0 && filters) metrics.filtered(category, screened, filtered, screenMs, filters)
    if (filtered > 0) metrics.inputFiltered.inc({ name: source, category }, filtered)
    if (moved > 0) metrics.adjusted.inc({ category }, moved)
  }

  function costs(category: Category, { source }: FeedOptions, started: number): void {
    metrics.cost.observe({ category, from: source }, (clock.monotonic() - started) / 1000)
  }

  async function feedEncoded(
    category: Category,
    fragment: Uint8Array,
    points: number,
    options: FeedOptions,
  ): Promise<void> {
    const started = clock.monotonic()
    enter(category, points, options)
    await keep(category, [{ fragment, points, headers: options.headers }], options)
    costs(category, options, started)
  }

  const tagsOf = (options: FeedOptions) => (options.election ? parts.tags.election : parts.tags.host)
  const correctTo = (): bigint | undefined =>
    parts.autoTimestampCorrection ? clock.nowNs() + BigInt(Math.round(parts.ntpOffsetMs() * 1e6)) : undefined

  async function keepPoints(
    category: Category,
    points: readonly Point[],
    options: FeedOptions,
  ): Promise<void> {
    const encoded = [...grouped(category, points)].map(([header, group]) => ({
      fragment: encodePoints(group),
      points: group.length,
      headers: header === '' ? options.headers : { ...options.headers, 'x-global-tags': header },
    }))
    await keep(category, encoded, options)
  }

  async function keep(
    category: Category,
    encoded: readonly EncodedGroup[],
    options: FeedOptions,
  ): Promise<void> {
    let left = encoded.reduce((sum, group) => sum + group.points, 0)
    try {
      for (const { fragment, points, headers } of encoded) {
        const meta = headers ? JSON.stringify(headers) : ''
        for (const record of packFragment(fragment, points, parts.maxRecordBytes)) {
          await append(category, record, meta, options)
          left -= record.points
        }
        for (const listener of parts.listeners) listener(category, fragment, points, options.source)
      }
    } catch (error) {
      const failure = toAgentError(error)
      ledger.of(category).processing -= left
      if (failure.code !== 'KERNEL_BUG' && (options.atCap ?? 'drop') === 'drop')
        return ledger.drop(category, dropReason(failure), left)
      // Not accepted: the caller keeps the points, so they were never fed.
      ledger.of(category).fed -= left
      throw failure
    }
  }

  function grouped(
    category: Category,
    points: readonly Point[],
  ): Iterable<readonly [string, readonly Point[]]> {
    const keys = parts.sinkerKeys()
    return keys ? groupBySinker(category, points, keys) : [['', points]]
  }

  /** A category that may not lose data waits at the cap and on a full disk; who can keep its points itself is told. */
  async function append(
    category: Category,
    record: PackedRecord,
    meta: string,
    options: FeedOptions,
  ): Promise<void> {
    for (;;) {
      if (options.signal?.aborted) throw new AgentError('KERNEL_CANCELLED')
      try {
        const queue = await parts.queue(category)
        if (queue) return await queue.append(record.fragment, record.points, meta)
        const account = ledger.of(category)
        account.processing -= record.points
        account.local += record.points
        return
      } catch (error) {
        const waits = options.atCap !== 'reject' && parts.noDrop.has(category)
        if (!waits || parts.signal.aborted) throw error
        await clock.sleep(CAP_RETRY_MS, parts.signal).catch(() => {})
      }
    }
  }

  return {
    feed: (category, points, options) => tracked(feed(category, points, options)),
    feedCreated: (created) => tracked(feedCreated(created)),
    feedEncoded: (category, fragment, points, options) =>
      tracked(feedEncoded(category, fragment, points, options)),
    feedBody: (body, options) => tracked(feedBody(body, options)),
    encodedDoor(category, options) {
      const filters = parts.filters()
      if (tap.anyOpen || parts.sinkerKeys() || (filters && filters.count(category) > 0)) return undefined
      if (parts.pipe?.has(category)) return undefined
      const now = (clock.now() + parts.ntpOffsetMs()) / 1000
      const corrects = parts.autoTimestampCorrection
      return {
        tags: options.noGlobalTags ? NO_TAGS : tagsOf(options),
        oldest: corrects ? Math.ceil(now - TIME_LIMIT_S) : -Infinity,
        newest: corrects ? Math.floor(now + TIME_LIMIT_S) - 1 : Infinity,
      }
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}

/** A lane's own bytes: damage in them is a bug. */
function decoded(fragment: Uint8Array): Point[] {
  const points = decodePoints(fragment)
  if (!points.ok) throw points.error
  return points.value
}

interface EncodedGroup {
  readonly fragment: Uint8Array
  readonly points: number
  readonly headers: Readonly<Record<string, string>> | undefined
}

const dropReason = (failure: AgentError): DropReason =>
  failure.code === 'WAL_FULL' || failure.code === 'IO_QUEUE_FULL' ? 'wal_full' : 'wal_error'

function feedMetrics(metrics: Metrics) {
  const labels = ['name', 'category'] as const
  const seen = metrics.counter('datakit_filter_point_total', 'Points that a filter looked at', [
    'category',
    'filters',
    'source',
  ])
  const taken = metrics.counter('datakit_filter_point_dropped_total', 'Points that a filter took', [
    'category',
    'filters',
    'source',
  ])
  const latency = metrics.summary('datakit_filter_latency_seconds', 'Time that filters took a batch', [
    'category',
    'filters',
    'source',
  ])
  return {
    feeds: metrics.counter('datakit_io_feed_total', 'Feeds', labels),
    points: metrics.summary('datakit_io_feed_point', 'Points a feed', labels),
    last: metrics.gauge('datakit_io_last_feed_timestamp_seconds', 'Unix time of the last feed', labels),
    inputFiltered: metrics.counter(
      'datakit_io_input_filter_point_total',
      'Points the blacklist took',
      labels,
    ),
    cost: metrics.summary('datakit_io_feed_cost_seconds', 'Time a feed took', ['category', 'from']),
    adjusted: metrics.counter('datakit_io_point_time_adjusted_total', 'Points moved to the present', [
      'category',
    ]),
    filtered(category: Category, points: number, dropped: number, ms: number, filters: ActiveFilters) {
      const label = { category, filters: String(filters.count(category)), source: filters.source }
      seen.inc(label, points)
      if (dropped > 0) taken.inc(label, dropped)
      latency.observe(label, ms / 1000)
    },
  }
}
