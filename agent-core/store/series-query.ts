// Answers a chart: for each series the finest data that the step asks for, from roll-up, chunks, journal and memory.
import { decodeRound, MINUTE, SLOT, WINDOW } from './chunk.ts'
import { FUTURE_MS, readChunk, readMinutes, SLOTS_A_WINDOW } from './compaction.ts'
import { blockKey, type StoreDatabase } from './database.ts'
import { Buckets, stepFor } from './downsample.ts'
import type { StoreLimits } from './limits.ts'
import type { SeriesArgs, SeriesData, SeriesReply } from './messages.ts'
import type { SeriesDictionary, SeriesEntry } from './series-dictionary.ts'

/** Series one query splits into at most: those heard of last. */
export const MOST_SERIES = 100

/** Samples of one flush that are not in the file. */
export interface HeldSamples {
  readonly entries: readonly SeriesEntry[]
  readonly times: readonly number[]
  readonly values: readonly number[]
}

export interface SeriesSources {
  /** Undefined while the file cannot be opened. */
  readonly db: StoreDatabase | undefined
  readonly dictionary: SeriesDictionary
  readonly held: readonly HeldSamples[]
  readonly limits: StoreLimits
  /** Told of each block that does not decode. */
  readonly unreadable: () => void
}

type Loose = Map<SeriesEntry, [time: number, value: number][]>

export function querySeries(sources: SeriesSources, args: SeriesArgs, now: number): SeriesReply {
  const stepMs = stepFor(args.from, args.to, args.points)
  const from = Math.max(args.from, now - sources.limits.minuteAgeMs - WINDOW)
  const to = Math.min(args.to, now + FUTURE_MS)
  if (!(from <= to)) return { series: [], stepMs }
  const entries = args.queries.map((query) =>
    sources.dictionary
      .match(query)
      .sort((a, b) => b.lastSeen - a.lastSeen)
      .slice(0, MOST_SERIES)
      .sort((a, b) => (JSON.stringify(a.line.tags) < JSON.stringify(b.line.tags) ? -1 : 1)),
  )
  const loose: Loose = new Map(entries.flat().map((entry) => [entry, []]))
  readJournal(sources, loose)
  const unrolled = new Set(
    sources.db
      ?.sql('SELECT window FROM unrolled')
      .all()
      .map((row) => Number(row['window'])),
  )
  const buckets = new Buckets(from, to, stepMs)
  const series: SeriesData[] = []
  for (const entry of entries.flat()) {
    buckets.reset()
    const span = { from, to, stepMs }
    if (sources.db && entry.id !== undefined)
      readBlocks(sources, sources.db, entry.id, span, unrolled, buckets)
    for (const [time, value] of loose.get(entry)!) buckets.sample(time, value)
    const data = buckets.finish()
    const { field, unit, line } = entry
    if (data) series.push({ measurement: line.measurement, field, tags: line.tags, unit, ...data })
  }
  return { series, stepMs }
}

/** Collects what is not in chunks yet: journal rows, then flushes held in memory. */
function readJournal({ db, held, unreadable }: SeriesSources, loose: Loose): void {
  if (loose.size === 0) return
  const byId = new Map([...loose].map(([entry, samples]) => [entry.id, samples]))
  const rows = db?.sql('SELECT samples, block FROM journal ORDER BY id').iterate() ?? []
  for (const { samples, block } of rows as Iterable<{ samples: number; block: Uint8Array }>) {
    try {
      const { ids, times, values } = decodeRound(block, samples)
      for (let i = 0; i < samples; i++) byId.get(ids[i])?.push([times[i]!, values[i]!])
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      unreadable()
    }
  }
  for (const { entries, times, values } of held) {
    entries.forEach((entry, i) => loose.get(entry)?.push([times[i]!, values[i]!]))
  }
}

interface Span {
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

function readBlocks(
  { unreadable }: SeriesSources,
  db: StoreDatabase,
  id: number,
  { from, to, stepMs }: Span,
  unrolled: ReadonlySet<number>,
  buckets: Buckets,
): void {
  for (let window = Math.floor(from / WINDOW); window <= Math.floor(to / WINDOW); window++) {
    const key = blockKey(window, id)
    if (stepMs >= MINUTE && !unrolled.has(window)) {
      const minutes = readMinutes(db, key, unreadable)
      if (minutes) {
        addMinutes(buckets, minutes, Infinity)
        continue
      }
    }
    const samples = []
    for (let i = 0; i < SLOTS_A_WINDOW; i++) {
      const slot = window * SLOTS_A_WINDOW + i
      if ((slot + 1) * SLOT <= from || slot * SLOT > to) continue
      const chunk = readChunk(db, blockKey(slot, id), unreadable)
      if (chunk) samples.push(chunk)
    }
    // Where samples have passed their age, the roll-up is the finest there is.
    const first = samples[0]?.times[0] ?? Infinity
    const minutes = stepMs < MINUTE && first > from ? readMinutes(db, key, unreadable) : undefined
    if (minutes) addMinutes(buckets, minutes, first)
    for (const { times, values } of samples) {
      for (let i = 0; i < times.length; i++) buckets.sample(times[i]!, values[i]!)
    }
  }
}

/** Minutes that end before `limit`. */
function addMinutes(
  buckets: Buckets,
  { times, counts, averages, minima, maxima }: NonNullable<ReturnType<typeof readMinutes>>,
  limit: number,
): void {
  for (let i = 0; i < times.length && times[i]! + MINUTE <= limit; i++) {
    buckets.add(times[i]!, averages[i]!, minima[i]!, maxima[i]!, counts[i]!)
  }
}
