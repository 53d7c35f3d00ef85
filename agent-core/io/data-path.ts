// The data path put together: a WAL a category, a sender a category and DataWay, and the feed in front of them.
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { Scope, type Disposable } from '../kernel/disposable.ts'
import { AgentError, toAgentError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { CATEGORIES, parseCategory, type Category } from '../point/category.ts'
import { compareText } from '../point/text.ts'
import { Circuit } from './dataway/circuit.ts'
import { DatawayClient, clientMetrics, type ClientFacts } from './dataway/client.ts'
import { Endpoint } from './dataway/endpoint.ts'
import { bodyEncoding } from './dataway/body-encoding.ts'
import { Sender, type BodyResult } from './dataway/sender.ts'
import { Blacklist } from './blacklist.ts'
import { NtpOffset } from './dataway/ntp.ts'
import { reportUsage, type UsageTrace } from './dataway/usage-trace.ts'
import { createFeed, type FeedDoors, type FeedListener, type FeedPipe } from './feed.ts'
import type { GlobalTags } from './global-tags.ts'
import type { Ledger } from './ledger.ts'
import { walCapacity, type IoSettings } from './settings.ts'
import type { Tap } from './tap.ts'
import { CategoryQueue } from './wal/category-queue.ts'

export interface DataPathOptions {
  readonly settings: IoSettings
  readonly tags: GlobalTags
  readonly facts: ClientFacts
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Outlives this path: a new DataWay does not reset what was counted. */
  readonly ledger: Ledger
  readonly tap: Tap
  readonly pipe?: FeedPipe
  /** Where the DataWay's last blacklist is kept for people to read: data/.pull. */
  readonly pullFile: string
  /** What the DataWay is told about this agent every 5 minutes. */
  usageTrace?(): UsageTrace
}

export interface DataPath extends FeedDoors {
  readonly ledger: Ledger
  readonly listeners: Set<FeedListener>
  readonly clients: readonly DatawayClient[]
  diagnostics(): readonly Diagnostic[]
  /** The blacklist of a category took longer than a batch may. */
  filterBreach(category: Category): void
  backlog(): { category: Category; points: number; bytes: number; oldest: number | undefined }[]
  /** ms that the DataWay's clock is ahead of ours. */
  ntpOffsetMs(): number
  /** Opens the WALs that hold data, starts their senders and asks the DataWay for rules and time. */
  start(): Promise<void>
  /** Waits for feeds under way, sends what can be sent within `flushMs`, then closes; the rest stays in the WAL. */
  stop(flushMs: number): Promise<void>
}

interface Lane extends Disposable {
  readonly queue: CategoryQueue
  readonly senders: readonly Sender[]
}

/** A WAL that could not be opened is tried again after this. */
const REOPEN_MS = 10_000

export function createDataPath(options: DataPathOptions): DataPath {
  const { settings, clock, metrics, log } = options
  const { dataway } = settings
  const { ledger } = options
  const stop = new AbortController()
  const kill = new AbortController()
  const listeners = new Set<FeedListener>()
  const problems: Diagnostic[] = []
  const parsed = dataway.urls.map((url) => Endpoint.parse(url))
  for (const result of parsed)
    if (!result.ok)
      problems.push(diagnostic(result.error.code, result.error.message, { path: 'dataway.urls' }))
  const endpoints = new Map(parsed.flatMap((r) => (r.ok ? [[r.value.id, r.value] as const] : [])))
  const sinker = sinkerOf(options)
  const blacklist = new Blacklist({
    local: settings.filters,
    clock,
    log,
    metrics,
    pullFile: options.pullFile,
  })
  const ntp = new NtpOffset({ settings: dataway.ntp, clock, log, metrics })
  const apiMetrics = clientMetrics(metrics)
  const clients = [...endpoints.values()].map(
    (endpoint) =>
      new DatawayClient(endpoint, dataway, {
        clock,
        metrics: apiMetrics,
        facts: options.facts,
        callHeaders: () => sinker.callHeaders(),
      }),
  )
  const circuits = new Map(clients.map((c) => [c, new Circuit(clock, dataway.retryDelayMs)]))
  const counters = sendMetrics(metrics)
  const deadLetters = metrics.counter(
    'datakit_io_dead_letter_point_total',
    'Points in and out of the dead letters',
    ['category', 'status'],
  )
  const lagging = laggingEndpoints(metrics, log)
  const lanes = new Map<Category, Promise<Lane>>()
  const running = new Set<Promise<void>>()
  const opened = new Map<Category, Lane>()
  const reopening = new Scope()
  let closed = false

  async function openLane(category: Category): Promise<Lane> {
    const queue = await CategoryQueue.open({
      category,
      dir: join(dataway.wal.path, category),
      maxBytes: walCapacity(category, dataway.wal),
      sync: dataway.wal.sync,
      endpoints: [...endpoints.keys()],
      ledger,
      clock,
      log,
      ...(settings.dataway.wal.noDropCategories.includes(category)
        ? {}
        : { onLagging: (id, points) => lagging.lost(category, endpoints.get(id)!.label, points) }),
      onDeadLetter: (status, points) => deadLetters.inc({ category, status }, points),
    })
    const senders = clients.map(
      (client) =>
        new Sender({
          queue,
          client,
          circuit: circuits.get(client)!,
          settings: dataway,
          encoding: bodyEncoding(dataway.contentEncoding),
          maxCacheCount: settings.maxCacheCount,
          flushIntervalMs: settings.flushIntervalMs,
          clock,
          log,
          onBody: (body) => {
            counters(body)
            if (options.tap.open.sent && body.status < 300)
              options.tap.showEncoded('sent', body.category, body.fragments, client.endpoint.label)
          },
        }),
    )
    for (const sender of senders) {
      background(sender.run(stop.signal, kill.signal))
    }
    const lane = { queue, senders, dispose: () => queue.dispose() }
    opened.set(category, lane)
    return lane
  }

  function background(work: Promise<void>): void {
    const run = work.finally(() => running.delete(run))
    running.add(run)
  }

  function lane(category: Category): Promise<Lane> {
    if (closed) return Promise.reject(new AgentError('WAL_WRITE', 'the data path is closed'))
    let opening = lanes.get(category)
    if (!opening) {
      opening = openLane(category)
      lanes.set(category, opening)
      opening.catch((error: unknown) => {
        report(toAgentError(error))
        reopening.add(clock.after(REOPEN_MS, () => lanes.delete(category)))
      })
    }
    return opening
  }

  function report(error: AgentError): void {
    log.error(error.message, { code: error.code })
    if (!problems.some((d) => d.message === error.message))
      problems.push(diagnostic(error.code, error.message, { path: 'dataway.wal.path' }))
  }

  const doors = createFeed({
    clock,
    metrics,
    ledger,
    tags: options.tags,
    queue: async (category) => (clients.length === 0 ? undefined : (await lane(category)).queue),
    maxRecordBytes: dataway.maxRawBodySize,
    noDrop: new Set(dataway.wal.noDropCategories),
    autoTimestampCorrection: settings.autoTimestampCorrection,
    filters: () => blacklist.active,
    ntpOffsetMs: () => ntp.offsetMs,
    listeners,
    tap: options.tap,
    signal: stop.signal,
    sinkerKeys: () => sinker.keys(),
    pipe: options.pipe,
  })

  function startCalls(): void {
    const [first] = clients
    if (!first) return
    background(blacklist.run(first, stop.signal))
    background(ntp.run(first, stop.signal))
    if (options.usageTrace) background(reportUsage(first, options.usageTrace, clock, stop.signal))
  }

  return {
    ...doors,
    ledger,
    listeners,
    clients,
    diagnostics: () => [...problems, ...lagging.diagnostics(), ...blacklist.diagnostics],
    filterBreach: (category) => blacklist.breach(category),
    ntpOffsetMs: () => ntp.offsetMs,
    backlog: () =>
      [...opened.values()].map(({ queue }) => ({
        category: queue.category,
        points: ledger.of(queue.category).pending,
        bytes: queue.bytes,
        oldest: queue.oldest,
      })),
    async start() {
      if (clients.length === 0) return
      startCalls()
      await mkdir(dataway.wal.path, { recursive: true }).catch(() => {})
      for (const category of await categoriesWithData(dataway.wal.path)) await lane(category).catch(() => {})
    },
    async stop(flushMs) {
      stop.abort()
      await doors.settled()
      closed = true
      await Promise.allSettled(lanes.values())
      const timer = clock.after(flushMs, () => kill.abort())
      await Promise.all(running)
      await Promise.all([...opened.values()].flatMap((l) => l.senders.map((s) => s.drain(kill.signal))))
      timer.dispose()
      kill.abort()
      await reopening.dispose()
      for (const { queue } of opened.values()) await queue.dispose()
      for (const client of clients) await client.dispose()
    },
  }
}

/** Sinker needs its switch and something to group by (spec points-io-http.md section 2.4). Tags may change meanwhile. */
function sinkerOf({ settings, tags }: DataPathOptions) {
  const { enableSinker, globalCustomerKeys } = settings.dataway
  let of: GlobalTags['host'] | undefined
  let keys: ReadonlySet<string> | undefined
  return {
    keys(): ReadonlySet<string> | undefined {
      if (!enableSinker) return undefined
      if (of !== tags.host) {
        of = tags.host
        const all = new Set([...Object.keys(tags.host), ...globalCustomerKeys])
        keys = all.size > 0 ? all : undefined
      }
      return keys
    },
    /** Calls that are no write carry all global tags, sorted. */
    callHeaders(): Record<string, string> {
      const entries = enableSinker ? Object.entries(tags.host) : []
      if (entries.length === 0) return {}
      return {
        'x-global-tags': entries
          .map(([key, value]) => `${key}=${value}`)
          .toSorted(compareText)
          .join(','),
      }
    },
  }
}

/** Categories whose WAL directory has segments: theirs must go on without a new point. */
async function categoriesWithData(dir: string): Promise<Category[]> {
  const found: Category[] = []
  for (const { name } of CATEGORIES) {
    const files = await readdir(join(dir, name)).catch(() => [] as string[])
    if (files.some((file) => file.endsWith('.log'))) found.push(parseCategory(name)!)
  }
  return found
}

/** What the cap took from addresses that lag behind the others: a metric, a diagnostic, one line of the log each. */
function laggingEndpoints(metrics: Metrics, log: Logger) {
  const counter = metrics.counter(
    'datakit_io_dataway_lagging_point_total',
    'Points that the cap of the WAL took from one address because it lagged behind another',
    ['category', 'url'],
  )
  const sums = new Map<string, { category: Category; url: string; points: number }>()
  return {
    lost(category: Category, url: string, points: number): void {
      const known = sums.get(`${category} ${url}`)
      if (!known) log.error('the WAL is full: data for an address that lags is given up', { category, url })
      sums.set(`${category} ${url}`, { category, url, points: (known?.points ?? 0) + points })
      counter.inc({ category, url }, points)
    },
    diagnostics: (): Diagnostic[] =>
      [...sums.values()].map(({ category, url, points }) =>
        diagnostic('IO_DATAWAY_LAGGING', `${url}: ${points} points of ${category} were given up`, {
          path: 'dataway.urls',
        }),
      ),
  }
}

function sendMetrics(metrics: Metrics) {
  const points = metrics.counter('datakit_io_dataway_point_total', 'Points sent', ['category', 'status'])
  const bytes = metrics.counter('datakit_io_dataway_point_bytes_total', 'Bytes sent', [
    'category',
    'enc',
    'status',
  ])
  return (body: BodyResult): void => {
    const { category } = body
    const status = body.status < 300 ? 'OK' : String(body.status)
    points.inc({ category, status }, body.points)
    points.inc({ category, status: 'total' }, body.points)
    bytes.inc({ category, enc: 'raw', status }, body.bytes)
    bytes.inc({ category, enc: 'raw', status: 'total' }, body.bytes)
  }
}
