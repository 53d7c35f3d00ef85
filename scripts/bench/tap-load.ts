// One turn of bench `tap`: feeds batches of 100 logging points into a feed whose WAL takes everything at once, and prints
// points a second of CPU time.
//
//   node tap-load.ts closed     the feed as it is, its tap closed
//   node tap-load.ts without    the feed with every question to the tap cut out of its source
import { registerHooks } from 'node:module'
import { createLedger } from '../../agent-core/io/ledger.ts'
import { Tap } from '../../agent-core/io/tap.ts'
import type { CategoryQueue } from '../../agent-core/io/wal/category-queue.ts'
import { systemClock } from '../../agent-core/kernel/clock.ts'
import { createMetrics } from '../../agent-core/kernel/metrics.ts'
import { keyValue, Kind, makePoint, tag, type Point } from '../../agent-core/point/point.ts'
import { encodePoints } from '../../agent-core/point/protobuf.ts'

const BATCH = 100
const SECONDS = 1

// Both ways are loaded alike: only the text differs.
const changed = process.argv[2] === 'without' ? withoutTap : (source: string): string => source
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    return url.endsWith('/io/feed.ts') ? { ...loaded, source: changed(String(loaded.source)) } : loaded
  },
})

function withoutTap(source: string): string {
  const text = source
    .replaceAll(/if \(tap\.open\.\w+\)/g, 'if (false)')
    .replaceAll(/!?tap\.(?:anyOpen|open\.\w+)/g, 'false')
  if (text === source || /\btap\.(?:open|anyOpen)/.test(text))
    throw new Error('feed.ts asks its tap in another way')
  return text
}

const { createFeed } = await import('../../agent-core/io/feed.ts')
const metrics = createMetrics()
const queue = { append: () => Promise.resolve() } as unknown as CategoryQueue
const doors = createFeed({
  clock: systemClock,
  metrics,
  ledger: createLedger(metrics),
  tags: { host: { host: 'ws-1' }, election: {} },
  queue: () => Promise.resolve(queue),
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

const message = 'GET /index.html HTTP/1.1 200 512'.repeat(4)
const batch = (): Point[] =>
  Array.from({ length: BATCH }, (_, i) =>
    makePoint(
      'nginx',
      [tag('service', 'shop'), keyValue('message', Kind.string, message), keyValue('bytes', Kind.int, i)],
      systemClock.nowNs(),
    ),
  )
const fragment = encodePoints(batch())
const source = { source: 'bench' }

async function bytes(): Promise<void> {
  if (!doors.encodedDoor('logging', source)) throw new Error('the byte path is closed')
  await doors.feedEncoded('logging', fragment, BATCH, source)
}

/** Points a second of CPU time: what else runs on the machine counts little. */
async function rate(work: () => Promise<void>): Promise<number> {
  for (let n = 0; n < 2000; n++) await work()
  const before = process.cpuUsage()
  let rounds = 0
  for (const end = performance.now() + SECONDS * 1000; performance.now() < end; rounds += 100)
    for (let n = 0; n < 100; n++) await work()
  const { user, system } = process.cpuUsage(before)
  return (rounds * BATCH) / ((user + system) / 1e6)
}

console.log(
  JSON.stringify({
    points: await rate(() => doors.feed('logging', batch(), source)),
    bytes: await rate(bytes),
  }),
)
