// Bench `tap`: what a closed live tap costs the data path. The feed as it is, its tap closed, against the same source
// with every question to the tap cut out while it is loaded, in short turns in one process: batches of 100 logging points
// into a WAL that takes everything at once, by the point path and by the byte path.
import { registerHooks } from 'node:module'
import type { createFeed as CreateFeed, FeedDoors } from '../../agent-core/io/feed.ts'
import { createLedger } from '../../agent-core/io/ledger.ts'
import { Tap } from '../../agent-core/io/tap.ts'
import type { CategoryQueue } from '../../agent-core/io/wal/category-queue.ts'
import { systemClock } from '../../agent-core/kernel/clock.ts'
import { createMetrics } from '../../agent-core/kernel/metrics.ts'
import { keyValue, Kind, makePoint, tag, type Point } from '../../agent-core/point/point.ts'
import { encodePoints } from '../../agent-core/point/protobuf.ts'
import type { BenchOptions, BenchResult } from '../bench.ts'

const BATCH = 100
const BATCHES_A_TURN = { points: 50, bytes: 500 }
const KINDS = ['closed', 'without'] as const
type Kind_ = (typeof KINDS)[number]

export async function run(options: BenchOptions): Promise<BenchResult> {
  const doors = { closed: await feedOf('closed'), without: await feedOf('without') }
  const figures: Record<string, number> = {}
  for (const path of ['points', 'bytes'] as const) {
    const turns = options.short ? 100 : 800
    const cost: Record<Kind_, number[]> = { closed: [], without: [] }
    for (let turn = -50; turn < turns; turn++)
      for (const kind of turn % 2 === 0 ? KINDS : KINDS.toReversed()) {
        const us = await turnOf(path, doors[kind])
        if (turn >= 0) cost[kind].push(us)
      }
    const [closed, without] = KINDS.map((kind) => median(cost[kind]))
    figures[`${path}_tap_closed_per_s`] = (BATCH / closed!) * 1e6
    figures[`${path}_without_tap_per_s`] = (BATCH / without!) * 1e6
    figures[`${path}_ratio`] = without! / closed!
  }
  return { figures, aims: { points_ratio: '>= 0.98', bytes_ratio: '>= 0.98' } }
}

/** µs a batch. Points are made before the clock runs. */
async function turnOf(path: 'points' | 'bytes', doors: FeedDoors): Promise<number> {
  const count = BATCHES_A_TURN[path]
  const batches = path === 'points' ? Array.from({ length: count }, batch) : []
  const started = performance.now()
  if (path === 'points') for (const points of batches) await doors.feed('logging', points, SOURCE)
  else
    for (let n = 0; n < count; n++) {
      if (!doors.encodedDoor('logging', SOURCE)) throw new Error('the byte path is closed')
      await doors.feedEncoded('logging', FRAGMENT, BATCH, SOURCE)
    }
  return ((performance.now() - started) * 1000) / count
}

const SOURCE = { source: 'bench' }
const MESSAGE = 'GET /index.html HTTP/1.1 200 512'.repeat(4)
const batch = (): Point[] =>
  Array.from({ length: BATCH }, (_, i) =>
    makePoint(
      'nginx',
      [tag('service', 'shop'), keyValue('message', Kind.string, MESSAGE), keyValue('bytes', Kind.int, i)],
      systemClock.nowNs(),
    ),
  )
const FRAGMENT = encodePoints(batch())

/** Both are loaded alike, each as a module of its own: only the text differs. */
async function feedOf(kind: Kind_): Promise<FeedDoors> {
  const url = new URL(`../../agent-core/io/feed.ts?${kind}`, import.meta.url).href
  const hooks = registerHooks({
    load(wanted, context, next) {
      const loaded = next(wanted, context)
      if (wanted !== url) return loaded
      const source = String(loaded.source)
      return { ...loaded, source: kind === 'without' ? withoutTap(source) : source }
    },
  })
  const { createFeed } = (await import(url)) as { createFeed: typeof CreateFeed }
  hooks.deregister()
  const metrics = createMetrics()
  return createFeed({
    clock: systemClock,
    metrics,
    ledger: createLedger(metrics),
    tags: { host: { host: 'ws-1' }, election: {} },
    queue: () => Promise.resolve({ append: () => Promise.resolve() } as unknown as CategoryQueue),
    maxRecordBytes: 1024 * 1024,
    noDrop: new Set(),
    autoTimestampCorrection: true,
    filters: () => undefined,
    ntpOffsetMs: () => 0,
    listeners: new Set(),
    tap: new Tap(systemClock),
    signal: new AbortController().signal,
    sinkerKeys: () => undefined,
  })
}

function withoutTap(source: string): string {
  const text = source.replaceAll(/\btap\.(?:anyOpen|open\.\w+)/g, 'false')
  if (text === source || /\btap\.(?:open|anyOpen)/.test(text))
    throw new Error('feed.ts asks its tap in another way')
  return text
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!
}
