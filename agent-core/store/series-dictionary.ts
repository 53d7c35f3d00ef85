// Which series exist: measurement, tags and field to a small number, with a cap that no exploding measurement can
// use up for the others. Entries live in memory first; they get their id when they are first written.
import { Kind, type KeyValue, type Point } from '../point/point.ts'
import { LAST_SERIES, type StoreDatabase } from './database.ts'
import type { StoreLimits } from './limits.ts'

export interface SeriesEntry {
  /** Undefined until it is written. */
  id: number | undefined
  /** Newest sample, ms. */
  lastSeen: number
  readonly unit: string
  readonly field: string
  readonly line: Line
}

/** What the fields of one kind of point share. */
interface Line {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Map<string, SeriesEntry>
}

/** Exact tag values; a tag that is not named splits into one series a value. */
export interface SeriesQuery {
  readonly measurement: string
  readonly field: string
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** Refusals are told by measurement, for this many; the rest together. */
const MOST_REFUSED = 50
export const OTHER_MEASUREMENTS = '(others)'
/** Part of a cap at which series that fell silent make room. */
const CROWDED = 0.9

export class SeriesDictionary {
  /** Refused samples by measurement since the start. */
  readonly refused = new Map<string, number>()
  private readonly limits: StoreLimits
  private readonly lines = new Map<string, Line>()
  /** The same lines by the order in which their tags arrive. */
  private readonly arrivals = new Map<string, Line>()
  private readonly counts = new Map<string, number>()
  private size = 0
  private lastId = 0

  constructor(limits: StoreLimits) {
    this.limits = limits
  }

  get series(): number {
    return this.size
  }

  /** Takes the ids of a database over; entries it does not know wait to be written. */
  load(db: StoreDatabase): void {
    this.forgetIds()
    for (const row of db.sql('SELECT id, measurement, field, tags, unit, last_seen FROM series').all()) {
      const tags = parseTags(String(row['tags']))
      if (!tags) continue
      const line = this.lineOf(String(row['measurement']), tags)
      const field = String(row['field'])
      const entry = line.fields.get(field) ?? this.add(line, field, String(row['unit']), 0)
      entry.id = Number(row['id'])
      entry.lastSeen = Math.max(entry.lastSeen, Number(row['last_seen']))
      this.lastId = Math.max(this.lastId, entry.id)
    }
  }

  /** The line a point's fields belong to; kept only once a field is admitted. */
  line(point: Point): Line {
    const parts = [point.name]
    for (const kv of point.kvs) if (isTag(kv)) parts.push(kv.key, kv.value as string)
    const key = JSON.stringify(parts)
    const known = this.arrivals.get(key)
    if (known) return known
    const tags: [string, string][] = []
    for (let i = 1; i < parts.length; i += 2) tags.push([parts[i]!, parts[i + 1]!])
    const line = this.lineOf(point.name.toWellFormed(), Object.fromEntries(tags))
    if (line.fields.size > 0) {
      if (this.arrivals.size > 2 * this.limits.series) this.arrivals.clear()
      this.arrivals.set(key, line)
    }
    return line
  }

  /** The series of a field, new if need be; undefined when a cap refuses it, which is counted. */
  admit(line: Line, field: string, unit: string, time: number): SeriesEntry | undefined {
    // SQLite text is Unicode: what is none must not become another name in the file than here.
    field = field.toWellFormed()
    const entry = line.fields.get(field)
    if (entry) {
      if (time > entry.lastSeen) entry.lastSeen = time
      return entry
    }
    const { measurement } = line
    const count = this.counts.get(measurement) ?? 0
    if (this.size >= this.limits.series || count >= this.limits.seriesPerMeasurement) {
      this.refuse(measurement)
      return undefined
    }
    return this.add(line, field, unit, time)
  }

  match(query: SeriesQuery): SeriesEntry[] {
    const wanted = Object.entries(query.tags ?? {})
    const found: SeriesEntry[] = []
    for (const line of this.lines.values()) {
      if (line.measurement !== query.measurement) continue
      const entry = line.fields.get(query.field)
      if (entry && wanted.every(([key, value]) => line.tags[key] === value)) found.push(entry)
    }
    return found
  }

  /** Writes an entry's row unless it has one. Inside a transaction; `undo` takes the id back if that fails. */
  write(db: StoreDatabase, entry: SeriesEntry, undo: SeriesEntry[]): number {
    if (entry.id !== undefined) return entry.id
    const { line, field, unit, lastSeen } = entry
    entry.id = this.freeId()
    undo.push(entry)
    db.sql(
      'INSERT INTO series (id, measurement, field, tags, unit, last_seen) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(entry.id, line.measurement, field, JSON.stringify(line.tags), unit, lastSeen)
    return entry.id
  }

  /** After the file was replaced or lost: every entry has to be written again. */
  forgetIds(): void {
    for (const entry of this.entries()) entry.id = undefined
    this.lastId = 0
  }

  /**
   * Series that said nothing for so long that no data of theirs is left, and, where a cap is near, those whose samples
   * are gone while their roll-up is not.
   */
  idle(now: number): SeriesEntry[] {
    const all = this.size >= CROWDED * this.limits.series
    return this.entries().filter((entry) => {
      // A clock was wrong then: the series counts as heard of now, or it would stay until that day.
      if (entry.lastSeen > now + this.limits.minuteAgeMs) entry.lastSeen = now
      const { lastSeen, line } = entry
      if (lastSeen < now - this.limits.minuteAgeMs) return true
      const crowded =
        all || (this.counts.get(line.measurement) ?? 0) >= CROWDED * this.limits.seriesPerMeasurement
      return crowded && lastSeen < now - this.limits.sampleAgeMs
    })
  }

  remove(entry: SeriesEntry): void {
    const { line } = entry
    if (!line.fields.delete(entry.field)) return
    this.size--
    this.counts.set(line.measurement, this.counts.get(line.measurement)! - 1)
    if (line.fields.size > 0) return
    this.lines.delete(lineKey(line.measurement, line.tags))
    for (const [key, known] of this.arrivals) if (known === line) this.arrivals.delete(key)
  }

  entries(): SeriesEntry[] {
    const entries: SeriesEntry[] = []
    for (const line of this.lines.values()) entries.push(...line.fields.values())
    return entries
  }

  private lineOf(measurement: string, tags: Readonly<Record<string, string>>): Line {
    return this.lines.get(lineKey(measurement, tags)) ?? { measurement, tags, fields: new Map() }
  }

  private add(line: Line, field: string, unit: string, time: number): SeriesEntry {
    const entry: SeriesEntry = { id: undefined, lastSeen: time, unit, field, line }
    if (line.fields.size === 0) this.lines.set(lineKey(line.measurement, line.tags), line)
    line.fields.set(field, entry)
    this.size++
    this.counts.set(line.measurement, (this.counts.get(line.measurement) ?? 0) + 1)
    return entry
  }

  private refuse(measurement: string): void {
    const known = this.refused.has(measurement) || this.refused.size < MOST_REFUSED
    const name = known ? measurement : OTHER_MEASUREMENTS
    this.refused.set(name, (this.refused.get(name) ?? 0) + 1)
  }

  private freeId(): number {
    if (this.lastId < LAST_SERIES) return ++this.lastId
    const used = new Set(this.entries().map((entry) => entry.id))
    let id = 1
    while (used.has(id)) id++
    return id
  }
}

/** Text tags only: anything else cannot be one. */
export const isTag = (kv: KeyValue): boolean => kv.isTag && kv.kind === Kind.string

/** Undefined for text that only damage can have written. */
function parseTags(text: string): Record<string, string> | undefined {
  try {
    return JSON.parse(text) as Record<string, string>
  } catch {
    return undefined
  }
}

function lineKey(measurement: string, tags: Readonly<Record<string, string>>): string {
  return JSON.stringify([measurement, Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))])
}
