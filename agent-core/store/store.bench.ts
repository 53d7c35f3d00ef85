// What the local store costs: `node agent-core/store/store.bench.ts [series] [hours]`. Prints a table; its last line is JSON.
//
// Workload: a host of about 300 (or the given number of) series at 10 s for 24 h, in the proportions of the default
// collectors: a third shares of CPU ticks, a third counters, the rest gauges that rest or drift; one flush a round,
// maintenance every 10 min, all in this thread. Then the same through the real worker, for its memory.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { Kind, keyValue, makePoint, tag, type Point } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { StoreEngine } from './engine.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { createStore } from './store.ts'

const SERIES = Number(process.argv[2] ?? 300)
const HOURS = Number(process.argv[3] ?? 24)
const ROUND = 10_000
const HOUR = 3_600_000
const FIELDS = 10
const start = Date.UTC(2026, 0, 1)

let seed = 42
/** The same numbers each run (mulberry32). */
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const counters = new Float64Array(SERIES)

/** Points of one round: ten fields each. */
function round(now: number): Point[] {
  const time = BigInt(now) * 1_000_000n
  const points: Point[] = []
  for (let first = 0; first < SERIES; first += FIELDS) {
    const group = (first / FIELDS) % 3
    const kvs = [tag('host', 'bench'), tag('part', String(first / FIELDS))]
    const ticks = 998 + Math.floor(random() * 5)
    for (let i = first; i < Math.min(first + FIELDS, SERIES); i++) {
      const key = `${['share', 'counter', 'gauge'][group]}_${i % FIELDS}`
      kvs.push(keyValue(key, group === 0 ? Kind.float : Kind.int, valueOf(group, i, ticks)))
    }
    points.push(makePoint(['cpu', 'net', 'mem'][group]!, kvs, time))
  }
  return points
}

function valueOf(group: number, i: number, ticks: number): number {
  // Of CPU times a few move much, some a little, most not at all.
  if (group === 0) return (100 * Math.floor(random() * [600, 100, 20, 5, 2, 1, 1, 1, 1, 1][i % 10]!)) / ticks
  if (group === 1) return (counters[i]! += Math.floor(random() * 10 ** (i % 6)))
  return i % 3 === 0 ? (counters[i]! += Math.floor((random() - 0.5) * 4_096) * 4_096) : i * 1_048_576
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const folder = mkdtempSync(join(tmpdir(), 'datakit-store-bench-'))
const rows: [string, string | number][] = []
try {
  load(join(folder, 'load.db'))
  await port(join(folder, 'port.db'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const [name, value] of rows) console.log(`${name.padEnd(58)} ${String(value).padStart(12)}`)
console.log(JSON.stringify(Object.fromEntries(rows)))

function load(path: string): void {
  const engine = new StoreEngine({ path, limits: DEFAULT_LIMITS })
  const rounds = (HOURS * HOUR) / ROUND
  let store = 0
  let upkeep = 0
  let slowest = 0
  for (let n = 0; n < rounds; n++) {
    const now = start + n * ROUND
    const points = round(now)
    const bytes = encodePoints(points).slice()
    store += cpuMs(() =>
      engine.batch(now, [{ category: 'metric', source: 'b', count: points.length, bytes }]),
    )
    if (n % 60 !== 0) continue
    const took = cpuMs(() => engine.maintain(now, n * ROUND))
    upkeep += took
    slowest = Math.max(slowest, took)
  }
  const now = start + rounds * ROUND
  const samples = rounds * SERIES
  rows.push(['samples stored', samples])
  rows.push(['CPU ms a round: batch (decode, journal, recent points)', figure(store / rounds)])
  rows.push(['CPU ms a round: maintenance (seal, roll-up, retention)', figure(upkeep / rounds)])
  rows.push(['CPU ms of the longest maintenance', figure(slowest)])
  rows.push(['% of a core at 10 s rounds, worker', figure((store + upkeep) / rounds / 100)])
  rows.push(['samples a CPU second, all in', Math.round((samples / (store + upkeep)) * 1_000)])
  const query = (hours: number, count: number, points: number): string => {
    const queries = Array.from({ length: count }, (_, i) => ({
      measurement: ['cpu', 'net', 'mem'][i % 3]!,
      field: `${['share', 'counter', 'gauge'][i % 3]}_${i}`,
      tags: { part: String(i % 3) },
    }))
    const args = { queries, from: now - hours * HOUR, to: now, points }
    const times = Array.from({ length: 5 }, () => {
      return cpuMs(() => {
        if (engine.series(now, args).series.length !== count) throw new Error('series are missing')
      })
    })
    return figure(times.sort((a, b) => a - b)[2]!)
  }
  rows.push(['query CPU ms: 24 h x 10 series, 1000 points (1 min roll-up)', query(24, 10, 1_000)])
  rows.push(['query CPU ms: 24 h x 10 series, 4000 points (samples)', query(24, 10, 4_000)])
  rows.push(['query CPU ms: 1 h x 10 series, 1000 points', query(1, 10, 1_000)])
  const search = cpuMs(() => engine.recent(now, { category: 'metric', text: 'not there', limit: 100 }))
  rows.push(['CPU ms to search all recent points for an absent text', figure(search)])
  engine.close()
  sizes(path, samples)
}

function sizes(path: string, samples: number): void {
  const db = new DatabaseSync(path)
  const number = (sql: string): number => Number(Object.values(db.prepare(sql).get()!)[0])
  const pages = (table: string): number => number(`SELECT sum(pgsize) FROM dbstat WHERE name = '${table}'`)
  const journalled = number('SELECT sum(samples) FROM journal')
  const rolled = number('SELECT count(DISTINCT key / 4194304) FROM minute') * 240 * SERIES
  rows.push(['bytes a sample, pages included', figure(pages('sample') / (samples - journalled))])
  rows.push(['bytes a 1 min row (avg, min, max, count), pages included', figure(pages('minute') / rolled)])
  rows.push(['bytes of recent points, pages included', pages('recent')])
  rows.push(['bytes of the file', statSync(path).size])
  db.close()
}

async function port(path: string): Promise<void> {
  const rounds = 60
  const points = Array.from({ length: rounds }, (_, n) => round(Date.now() - (rounds - n) * ROUND))
  globalThis.gc?.()
  const rss = process.memoryUsage.rss()
  const store = createStore({ path, clock: systemClock, log: silentLogger })
  let main = 0
  for (const batch of points) {
    main += cpuMs(() => store.append('metric', batch, 'bench'))
    await store.flush()
  }
  rows.push(['CPU ms a round on the main thread (append)', figure(main / rounds)])
  rows.push([
    'MiB RSS after the worker has worked, above before',
    figure((process.memoryUsage.rss() - rss) / 2 ** 20),
  ])
  await store.dispose()
}

function figure(value: number): string {
  return value < 10 ? value.toFixed(3) : value.toFixed(1)
}
