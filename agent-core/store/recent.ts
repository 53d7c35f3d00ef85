// Recent points as they passed: chunks of a category, newest kept. A chunk is deflated; inside stands, once a feed,
// what the feed's points came from and their protobuf fragments, so that every kind and every int64 stays exact.
//
//   feed : varint length, source; varint count of points; varint length, fragment of PBPoints
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ByteBuffer } from '../point/byte-buffer.ts'
import { CATEGORIES, type Category } from '../point/category.ts'
import { Kind, type Point } from '../point/point.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { ColumnReader } from './columns.ts'
import type { StoreDatabase } from './database.ts'
import type { StoreLimits } from './limits.ts'
import type { EncodedFeed, RecentArgs, RecentRows } from './messages.ts'

/** Not yet written. */
export interface RecentChunk {
  readonly category: Category
  readonly points: number
  readonly block: Uint8Array
}

interface Fragment {
  readonly source: string
  readonly bytes: Uint8Array
}

/** Where a chunk closes: reading one is what a query pays at least. */
const CHUNK_POINTS = 1_000
const CHUNK_BYTES = 256 * 1024
/** Inflated bytes one query looks through before it hands its place back. */
const SCAN_BYTES = 32 * 2 ** 20

const SEQUENCES = 2 ** 48
const numbers = new Map(CATEGORIES.map((category) => [category.name, category.enum]))
const firstKey = (category: Category): number => numbers.get(category)! * SEQUENCES

export function packRecent(feeds: readonly EncodedFeed[]): RecentChunk[] {
  const chunks: RecentChunk[] = []
  for (const [category, group] of Map.groupBy(feeds, (feed) => feed.category)) {
    let points = 0
    const out = new ByteBuffer(8_192)
    const close = (): void => {
      if (points > 0) chunks.push({ category, points, block: deflateRawSync(out.written(), { level: 5 }) })
      points = 0
      out.reset()
    }
    for (const feed of group) {
      if (points + feed.count > CHUNK_POINTS || out.length + feed.bytes.length > CHUNK_BYTES) close()
      out.sizedText(feed.source)
      out.varint(feed.count)
      out.sizedBytes(feed.bytes)
      points += feed.count
    }
    close()
  }
  return chunks
}

/** Inside a transaction. */
export function writeRecent(
  db: StoreDatabase,
  chunk: RecentChunk,
  received: number,
  limits: StoreLimits,
): void {
  const number = numbers.get(chunk.category)!
  const seq = nextSeq(db, chunk.category)
  db.sql('INSERT INTO recent (key, received, points, block) VALUES (?, ?, ?, ?)').run(
    firstKey(chunk.category) + seq,
    received,
    chunk.points,
    chunk.block,
  )
  db.sql(
    `INSERT INTO recent_total (category, points, bytes, next_seq) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO UPDATE SET points = points + ?2, bytes = bytes + ?3, next_seq = ?4`,
  ).run(number, chunk.points, chunk.block.length, seq + chunk.points)
  let points = db.number('SELECT points FROM recent_total WHERE category = ?', number)
  for (;;) {
    const first = oldest(db, number)
    if (!first || points - first.points < limits.recentPoints) break
    points -= dropOldest(db, number, first)
  }
  while (db.number('SELECT sum(bytes) FROM recent_total') > limits.recentBytes) {
    const largest = db.number('SELECT category FROM recent_total ORDER BY bytes DESC LIMIT 1')
    const first = oldest(db, largest)
    if (!first || dropOldest(db, largest, first) === 0) break
  }
}

/** Inside a transaction: chunks received before `limit`, or after `last`, where the clock must have been wrong. */
export function expireRecent(db: StoreDatabase, limit: number, last: number): void {
  for (const { enum: number } of CATEGORIES) {
    for (;;) {
      const first = oldest(db, number)
      if (!first || (first.received >= limit && first.received <= last)) break
      dropOldest(db, number, first)
    }
  }
}

export function nextSeq(db: StoreDatabase | undefined, category: Category): number {
  const sql = 'SELECT next_seq FROM recent_total WHERE category = ?'
  return Math.max(1, db?.number(sql, numbers.get(category)!) ?? 1)
}

interface Oldest {
  readonly key: number
  readonly received: number
  readonly points: number
  readonly bytes: number
}

function oldest(db: StoreDatabase, number: number): Oldest | undefined {
  return db
    .sql(
      `SELECT key, received, points, length(block) AS bytes FROM recent
       WHERE key >= ? AND key < ? ORDER BY key LIMIT 1`,
    )
    .get(number * SEQUENCES, (number + 1) * SEQUENCES) as Oldest | undefined
}

function dropOldest(db: StoreDatabase, number: number, { key, points, bytes }: Oldest): number {
  db.sql('DELETE FROM recent WHERE key = ?').run(key)
  db.sql('UPDATE recent_total SET points = points - ?, bytes = bytes - ? WHERE category = ?').run(
    points,
    bytes,
    number,
  )
  return points
}

/** What the query collects: newest first, as fragments that the asking thread decodes. */
class Page {
  readonly entries: { seq: number; source: string; received: number }[] = []
  readonly out = new ByteBuffer(16_384)
  scanned = 0
  private readonly args: RecentArgs
  private readonly needle: string

  constructor(args: RecentArgs) {
    this.args = args
    this.needle = (args.text ?? '').toLowerCase()
  }

  get full(): boolean {
    return this.entries.length >= this.args.limit || this.scanned >= SCAN_BYTES
  }

  /** Looks through a chunk, newest first; true when it was looked through to its start. */
  take(firstSeq: number, received: number, block: Uint8Array): boolean {
    const bytes = inflateRawSync(block)
    this.scanned += bytes.length
    // Most chunks do not have the text at all: one look before anything is decoded.
    if (this.needle !== '' && !bytes.toString('utf8').toLowerCase().includes(this.needle)) return true
    const fragments = splitFeeds(bytes)
    for (let i = fragments.length - 1; i >= 0; i--) {
      const seq = firstSeq + i
      if (seq >= (this.args.before ?? Infinity)) continue
      if (this.entries.length >= this.args.limit) return false
      if (this.matches(fragments[i]!)) {
        this.entries.push({ seq, source: fragments[i]!.source, received })
        this.out.append(fragments[i]!.bytes)
      }
    }
    return true
  }

  private matches({ source, bytes }: Fragment): boolean {
    if (this.args.source !== undefined && source !== this.args.source) return false
    if (this.needle === '') return true
    const decoded = decodePoints(bytes)
    return decoded.ok && decoded.value.some((point) => hasText(point, this.needle))
  }
}

/**
 * Points of a category, newest first by arrival. `held` are chunks that are not in the file yet, oldest first.
 * `unreadable` is told of each block that does not decode.
 */
export function readRecent(
  db: StoreDatabase | undefined,
  held: readonly { received: number; chunk: RecentChunk }[],
  args: RecentArgs,
  unreadable: () => void,
): RecentRows {
  const page = new Page(args)
  const seq = nextSeq(db, args.category)
  let next: number | null = null
  for (const row of rows(db, held, seq, args)) {
    if (page.full) {
      next = row.seq + row.points
      break
    }
    try {
      if (page.take(row.seq, row.received, row.block)) continue
      next = page.entries.at(-1)!.seq
      break
    } catch (error) {
      if (!isDamage(error)) throw error
      unreadable()
    }
  }
  if (next !== null && args.before !== undefined) next = Math.min(next, args.before)
  return { entries: page.entries, bytes: page.out.copy(), next }
}

interface ChunkRow {
  readonly seq: number
  readonly received: number
  readonly points: number
  readonly block: Uint8Array
}

/** Chunks that start before `args.before`, newest first. */
function* rows(
  db: StoreDatabase | undefined,
  held: readonly { received: number; chunk: RecentChunk }[],
  seq: number,
  args: RecentArgs,
): Generator<ChunkRow> {
  const own = held.filter(({ chunk }) => chunk.category === args.category)
  let end = seq + own.reduce((sum, { chunk }) => sum + chunk.points, 0)
  for (const { received, chunk } of own.toReversed()) {
    end -= chunk.points
    if (end < (args.before ?? Infinity)) yield { seq: end, received, ...chunk }
  }
  const base = firstKey(args.category)
  const found = db
    ?.sql('SELECT key, received, points, block FROM recent WHERE key >= ? AND key < ? ORDER BY key DESC')
    .iterate(base, base + Math.min(args.before ?? SEQUENCES, SEQUENCES))
  for (const row of (found ?? []) as Iterable<Record<'key' | 'received' | 'points', number> & ChunkRow>) {
    yield { seq: row.key - base, received: row.received, points: row.points, block: row.block }
  }
}

/** Damage that SQLite does not see: it keeps no checksum of blocks. */
export function isDamage(error: unknown): boolean {
  return error instanceof RangeError || String((error as { code?: unknown }).code).startsWith('Z_')
}

function splitFeeds(bytes: Uint8Array): Fragment[] {
  const fragments: Fragment[] = []
  const reader = new ColumnReader(bytes)
  while (!reader.done) {
    const source = Buffer.from(reader.sized()).toString()
    reader.varint()
    for (const fragment of splitPoints(reader.sized())) fragments.push({ source, bytes: fragment })
  }
  return fragments
}

/** The points of a PBPoints message as fragments of their own, tag included. */
export function splitPoints(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  const reader = new ColumnReader(bytes)
  while (!reader.done) {
    const start = reader.position
    if (reader.byte() !== 0x0a) throw new RangeError('not a PBPoints fragment')
    reader.sized()
    parts.push(bytes.subarray(start, reader.position))
  }
  return parts
}

/** Name, tag values and texts of a point; `needle` is in lower case. */
function hasText(point: Point, needle: string): boolean {
  if (point.name.toLowerCase().includes(needle)) return true
  return point.kvs.some(
    ({ kind, value }) => kind === Kind.string && (value as string).toLowerCase().includes(needle),
  )
}
