// What happens to samples after their flush, at the rhythm of maintenance: journal to chunks (seal), chunks to the
// 1 min roll-up (roll), old data out (expire). Each step is one transaction and may be repeated.
import {
  decodeChunk,
  decodeMinutes,
  decodeRound,
  encodeChunk,
  encodeMinutes,
  mergeMinutes,
  mergeSamples,
  rollUp,
  SLOT,
  sortSamples,
  WINDOW,
  type Samples,
} from './chunk.ts'
import { blockKey, placeOf, seriesOf, type StoreDatabase } from './database.ts'
import type { StoreLimits } from './limits.ts'
import { isDamage } from './recent.ts'
import type { SeriesDictionary, SeriesEntry } from './series-dictionary.ts'

export const SLOTS_A_WINDOW = WINDOW / SLOT
/** Samples stamped later than this after now are refused, and stored ones removed: a clock must have been wrong. */
export const FUTURE_MS = 24 * 3_600_000
/** Journalled samples above which sealing does not wait for its slot: what it holds in memory meanwhile. */
export const MOST_JOURNALLED = 200_000

/**
 * Moves journal rows of finished slots into chunks of one series each. A slot that has a chunk already (late samples,
 * a clock set back) is merged, so no order of times can collide.
 */
export function seal(db: StoreDatabase, now: number, all: boolean, unreadable: () => void): void {
  const boundary = all ? Infinity : Math.floor(now / SLOT) * SLOT
  const groups = new Map<number, { times: number[]; values: number[] }>()
  const rows = db
    .sql('SELECT samples, block FROM journal WHERE received < ?1 OR received > ?2 ORDER BY id')
    .iterate(boundary, now + SLOT) as Iterable<{ samples: number; block: Uint8Array }>
  for (const { samples, block } of rows) {
    try {
      collect(groups, block, samples)
    } catch (error) {
      if (!isDamage(error)) throw error
      unreadable()
    }
  }
  const windows = new Set<number>()
  const newest = new Map<number, number>()
  for (const [key, samples] of [...groups].sort((a, b) => a[0] - b[0])) {
    const sealed = sealChunk(db, key, sortSamples(samples), unreadable)
    windows.add(Math.floor(placeOf(key) / SLOTS_A_WINDOW))
    newest.set(seriesOf(key), sealed.times[sealed.times.length - 1]!)
  }
  for (const window of windows) db.sql('INSERT OR IGNORE INTO unrolled (window) VALUES (?)').run(window)
  const seen = db.sql('UPDATE series SET last_seen = ? WHERE id = ?')
  for (const [series, time] of newest) seen.run(time, series)
  db.sql('DELETE FROM journal WHERE received < ?1 OR received > ?2').run(boundary, now + SLOT)
}

function collect(
  groups: Map<number, { times: number[]; values: number[] }>,
  block: Uint8Array,
  samples: number,
): void {
  const { ids, times, values } = decodeRound(block, samples)
  for (let i = 0; i < samples; i++) {
    const key = blockKey(Math.floor(times[i]! / SLOT), ids[i]!)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { times: [], values: [] }))
    group.times.push(times[i]!)
    group.values.push(values[i]!)
  }
}

function sealChunk(db: StoreDatabase, key: number, samples: Samples, unreadable: () => void): Samples {
  const known = readChunk(db, key, unreadable)
  const sealed = known ? mergeSamples(known, samples) : samples
  db.sql('INSERT OR REPLACE INTO sample (key, block) VALUES (?, ?)').run(
    key,
    encodeChunk(placeOf(key) * SLOT, sealed),
  )
  return sealed
}

/** A chunk of samples; undefined when there is none or it does not decode. */
export function readChunk(db: StoreDatabase, key: number, unreadable: () => void): Samples | undefined {
  const row = db.sql('SELECT block FROM sample WHERE key = ?').get(key) as { block: Uint8Array } | undefined
  return row && readable(() => decodeChunk(placeOf(key) * SLOT, row.block), unreadable)
}

/** A block of the roll-up; undefined when there is none or it does not decode. */
export function readMinutes(db: StoreDatabase, key: number, unreadable: () => void) {
  const row = db.sql('SELECT block FROM minute WHERE key = ?').get(key) as { block: Uint8Array } | undefined
  return row && readable(() => decodeMinutes(placeOf(key) * WINDOW, row.block), unreadable)
}

function readable<T>(decode: () => T, unreadable: () => void): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (!isDamage(error)) throw error
    unreadable()
    return undefined
  }
}

/** Windows that ended and whose roll-up is missing or stale, oldest first. */
export function windowsToRoll(db: StoreDatabase, now: number): number[] {
  const current = Math.floor((Math.floor(now / SLOT) * SLOT) / WINDOW)
  const rows = db.sql('SELECT window FROM unrolled WHERE window <> ? ORDER BY window').all(current)
  return rows.map((row) => Number(row['window']))
}

/** Rolls one window up from its chunks. Minutes whose samples are gone keep the roll-up they have. */
export function roll(db: StoreDatabase, window: number, unreadable: () => void): void {
  const slot = window * SLOTS_A_WINDOW
  const rows = db
    .sql('SELECT key FROM sample WHERE key >= ? AND key < ?')
    .all(blockKey(slot, 0), blockKey(slot + SLOTS_A_WINDOW, 0))
  for (const series of new Set(rows.map((row) => seriesOf(Number(row['key']))))) {
    const times: number[] = []
    const values: number[] = []
    for (let i = 0; i < SLOTS_A_WINDOW; i++) {
      const chunk = readChunk(db, blockKey(slot + i, series), unreadable)
      if (!chunk) continue
      for (let k = 0; k < chunk.times.length; k++) {
        times.push(chunk.times[k]!)
        values.push(chunk.values[k]!)
      }
    }
    const key = blockKey(window, series)
    const known = readMinutes(db, key, unreadable)
    const fresh = rollUp({ times, values })
    db.sql('INSERT OR REPLACE INTO minute (key, block) VALUES (?, ?)').run(
      key,
      encodeMinutes(window * WINDOW, known ? mergeMinutes(known, fresh) : fresh),
    )
  }
  db.sql('DELETE FROM unrolled WHERE window = ?').run(window)
}

/** Removes samples and roll-ups past their age, or of a time that the clock has not reached. */
export function expireSeries(db: StoreDatabase, limits: StoreLimits, now: number): void {
  const unrolled = db.number('SELECT min(window) FROM unrolled') || Infinity
  const cut = (table: 'sample' | 'minute', span: number, age: number, least = Infinity): void => {
    const first = Math.min(Math.floor((now - age) / span), least)
    const last = Math.floor((now + 2 * FUTURE_MS) / span)
    db.sql(`DELETE FROM ${table} WHERE key < ? OR key >= ?`).run(blockKey(first, 0), blockKey(last + 1, 0))
  }
  cut('sample', SLOT, limits.sampleAgeMs, unrolled * SLOTS_A_WINDOW)
  cut('minute', WINDOW, limits.minuteAgeMs)
}

/** Removes series with what is left of their roll-up. */
export function dropSeries(
  db: StoreDatabase,
  dictionary: SeriesDictionary,
  entries: readonly SeriesEntry[],
  limits: StoreLimits,
): void {
  for (const entry of entries) {
    dictionary.remove(entry)
    if (entry.id === undefined) continue
    const last = Math.floor(entry.lastSeen / WINDOW)
    for (let window = last - Math.ceil(limits.minuteAgeMs / WINDOW); window <= last; window++) {
      db.sql('DELETE FROM minute WHERE key = ?').run(blockKey(window, entry.id))
    }
    db.sql('DELETE FROM series WHERE id = ?').run(entry.id)
  }
}

/** Keeps the file within its bytes: the oldest roll-up goes first, then the oldest samples. */
export function expireBytes(db: StoreDatabase, limits: StoreLimits): void {
  while (db.bytes > limits.totalBytes) {
    const table = db.number('SELECT count(*) FROM (SELECT 1 FROM minute LIMIT 1)') > 0 ? 'minute' : 'sample'
    const place = placeOf(db.number(`SELECT min(key) FROM ${table}`))
    const { changes } = db.sql(`DELETE FROM ${table} WHERE key < ?`).run(blockKey(place + 1, 0))
    if (changes === 0) return
  }
}
