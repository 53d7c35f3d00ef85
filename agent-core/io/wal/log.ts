// An append-only log in segment files named by the log position of their first byte. Appends are grouped: while one
// writev runs, later ones gather. Positions only grow; a reader addresses any byte by its position.
import { mkdir, open, readdir, stat, truncate, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { AgentError, errnoOf, errorText } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import {
  HEADER_BYTES,
  decodeHeader,
  decodeRecord,
  encodeRecord,
  findMagic,
  type RecordExtent,
  type RecordHeader,
  type WalRecord,
} from './record.ts'

export interface LogOptions {
  readonly dir: string
  /** Hard cap of all segments together, bytes. */
  readonly maxBytes: number
  /** `interval`: written before the acknowledge, fdatasync each second; `always`: fdatasync before the acknowledge. */
  readonly sync: 'interval' | 'always'
  readonly clock: Clock
  readonly log: Logger
  readonly segmentBytes?: number
  /** Called for each record in the same tick in which a reader can see it. */
  onWritten?(points: number): void
}

interface Segment {
  readonly base: number
  readonly path: string
  size: number
}

interface Pending {
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
  readonly points: number
  resolve(): void
  reject(error: AgentError): void
}

const SEGMENT_BYTES = 16 * 1024 * 1024
const READ_BYTES = 256 * 1024
/** writev takes at most IOV_MAX (1024) buffers; two a record. */
const GROUP_RECORDS = 256
/** A group is one write: large enough to be cheap, small enough to keep segments near their size. */
const GROUP_BYTES = 4 * 1024 * 1024
/** Bytes that may wait for the disk: above it the disk is slower than the feeders, who are then refused. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024
const COUNT_BYTES = 16 * 1024
const NAME = /^(\d{16})\.log$/

export class WalLog implements Disposable {
  readonly #options: LogOptions
  readonly #segmentBytes: number
  #segments: Segment[] = []
  #head: FileHandle | undefined
  #queue: Pending[] = []
  #queuedBytes = 0
  #writing: Promise<void> | undefined
  #dirty = false
  #syncTimer: Disposable | undefined
  #readers = new Map<string, Promise<FileHandle>>()
  /** Old heads on their way to the disk: a roll does not wait for them. */
  #retiring = new Set<Promise<void>>()
  #closed = false
  /** Bytes of damage that opening or reading skipped. */
  damagedBytes = 0

  private constructor(options: LogOptions) {
    this.#options = options
    this.#segmentBytes =
      options.segmentBytes ?? Math.max(64 * 1024, Math.min(SEGMENT_BYTES, Math.floor(options.maxBytes / 8)))
  }

  /** Opens or creates the log; a torn tail of the last segment is cut off. Rejects with WAL_OPEN. */
  static async open(options: LogOptions): Promise<WalLog> {
    const log = new WalLog(options)
    try {
      await mkdir(options.dir, { recursive: true })
      await log.#load()
    } catch (error) {
      throw new AgentError('WAL_OPEN', `${options.dir}: ${errorText(error)}`, { cause: error })
    }
    if (options.sync === 'interval') log.#syncTimer = options.clock.every(1000, () => void log.sync())
    return log
  }

  /** Position of the oldest byte kept. */
  get start(): number {
    return this.#segments[0]?.base ?? 0
  }
  /** Position behind the last acknowledged byte. */
  get end(): number {
    const last = this.#segments.at(-1)
    return last ? last.base + last.size : 0
  }
  get bytes(): number {
    return this.end - this.start
  }
  /** Position behind the oldest segment; undefined while that one is still written. */
  get oldestSegmentEnd(): number | undefined {
    return this.#segments[1]?.base
  }
  /** Room for a record of that payload size. */
  hasRoom(payloadBytes: number): boolean {
    return this.bytes + this.#queuedBytes + payloadBytes + HEADER_BYTES <= this.#options.maxBytes
  }

  /**
   * Appends one record and resolves when it is written (and synced with `always`).
   * Rejects with WAL_FULL at the cap, IO_QUEUE_FULL when the disk cannot keep up, KERNEL_DISK_FULL or WAL_WRITE: then
   * nothing of the record is kept.
   */
  append(payload: Uint8Array, points: number, meta = ''): Promise<void> {
    if (this.#closed) return Promise.reject(new AgentError('WAL_WRITE', 'the log is closed'))
    if (!this.hasRoom(payload.length + meta.length)) return Promise.reject(this.#full())
    if (this.#queuedBytes > MAX_QUEUED_BYTES)
      return Promise.reject(
        new AgentError('IO_QUEUE_FULL', `${this.#options.dir}: the disk is slower than the data`),
      )
    const parts = encodeRecord(payload, points, this.#options.clock.now(), meta)
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    this.#queuedBytes += bytes
    return new Promise((resolve, reject) => {
      this.#queue.push({ parts, bytes, points, resolve, reject })
      this.#writing ??= this.#drain()
    })
  }

  /** Records from `from` on: at least one when there is any, else up to `maxBytes` of payload. Damage is skipped. */
  async read(from: number, maxBytes: number): Promise<{ records: WalRecord[]; next: number }> {
    const records: WalRecord[] = []
    let position = Math.max(from, this.start)
    let bytes = 0
    while (position < this.end && bytes < maxBytes) {
      const segment = this.#segmentAt(position)
      if (!segment) {
        // A segment that somebody deleted: go on with the next one.
        position = this.#segments.find((s) => s.base > position)?.base ?? this.end
        continue
      }
      const chunk = await this.#readChunk(segment, position, maxBytes - bytes).catch((error: unknown) => {
        // Trimmed meanwhile: the cap took it from this reader.
        if (!this.#segments.includes(segment)) return undefined
        throw error
      })
      if (!chunk) continue
      if (chunk.length === 0) {
        const lost = segment.base + segment.size - position
        this.#damage(segment, position, lost)
        position += lost
        continue
      }
      let at = 0
      while (at < chunk.length && bytes < maxBytes) {
        const record = decodeRecord(chunk, at, position)
        if (!record) break
        records.push(record)
        bytes += record.payload.length
        at = record.next - position
      }
      if (at === 0) {
        at = await this.#resync(segment, position)
        this.#damage(segment, position, at)
      }
      position += at
    }
    return { records, next: position }
  }

  /** Points and records between two positions, from headers only. */
  async count(
    from: number,
    to = this.end,
  ): Promise<{ points: number; records: number; oldest: number | undefined }> {
    let points = 0
    let records = 0
    let oldest: number | undefined
    await this.#eachHeader(from, to, (header) => {
      points += header.points
      records++
      oldest ??= header.time
    })
    return { points, records, oldest }
  }

  /** Where the records between two positions lie and how many points they hold, from headers only. */
  async extents(from: number, to: number): Promise<RecordExtent[]> {
    const found: RecordExtent[] = []
    await this.#eachHeader(from, to, ({ length, points }, offset) =>
      found.push({ offset, next: offset + HEADER_BYTES + length, points }),
    )
    return found
  }

  async #eachHeader(
    from: number,
    to: number,
    visit: (header: RecordHeader, offset: number) => void,
  ): Promise<void> {
    for (const segment of this.#segments.slice())
      await this.#eachHeaderOf(segment, from, to, visit).catch((error: unknown) => {
        // Trimmed meanwhile: nobody needs it.
        if (this.#segments.includes(segment)) throw error
      })
  }

  async #eachHeaderOf(
    segment: Segment,
    from: number,
    to: number,
    visit: (header: RecordHeader, offset: number) => void,
  ): Promise<void> {
    const end = Math.min(segment.base + segment.size, to)
    let position = Math.max(segment.base, from)
    let window: Buffer = Buffer.alloc(0)
    let windowAt = position
    while (position + HEADER_BYTES <= end) {
      if (position - windowAt + HEADER_BYTES > window.length) {
        window = await this.#bytesAt(segment, position, COUNT_BYTES)
        windowAt = position
        if (window.length < HEADER_BYTES) return
      }
      const header = decodeHeader(window, position - windowAt)
      if (!header) {
        position += await this.#resync(segment, position)
        continue
      }
      visit(header, position)
      position += HEADER_BYTES + header.length
    }
  }

  /** Deletes the segments that lie wholly before `position`. The one being written stays. */
  async trim(position: number): Promise<void> {
    while (this.#segments.length > 1) {
      const segment = this.#segments[0]!
      if (segment.base + segment.size > position) return
      this.#segments.shift()
      await this.#forget(segment)
    }
    const only = this.#segments[0]
    // A drained log starts a new file with the next append, so a long-lived quiet log does not keep its bytes.
    if (only && only.size > 0 && position >= this.end && !this.#writing && this.#queue.length === 0) {
      // As a writer: an append that comes meanwhile waits, or it would land in the file that goes.
      this.#writing = this.#renew(only)
      await this.#writing
    }
  }

  /** Deletes the oldest segment whatever is in it; returns the points that were lost with it. */
  async dropOldest(): Promise<number> {
    const oldest = this.#segments[0]
    if (!oldest) return 0
    const { points } = await this.count(oldest.base, oldest.base + oldest.size)
    await this.trim(oldest.base + oldest.size)
    return points
  }

  async #renew(drained: Segment): Promise<void> {
    try {
      await this.#roll()
      this.#segments.shift()
      await this.#forget(drained)
    } catch (error) {
      this.#options.log.warn('WAL: cannot start a new segment', {
        dir: this.#options.dir,
        error: errorText(error),
      })
    }
    await this.#drain()
  }

  async sync(): Promise<void> {
    if (!this.#dirty || !this.#head) return
    this.#dirty = false
    try {
      await this.#head.datasync()
    } catch (error) {
      this.#options.log.warn('WAL sync failed', { dir: this.#options.dir, error: errorText(error) })
    }
  }

  async dispose(): Promise<void> {
    this.#closed = true
    this.#syncTimer?.dispose()
    await this.#writing
    await this.sync()
    await this.#head?.close()
    this.#head = undefined
    await Promise.all(this.#retiring)
    for (const file of this.#readers.values()) await file.then((handle) => handle.close()).catch(() => {})
    this.#readers.clear()
  }

  // --- opening

  async #load(): Promise<void> {
    const names = (await readdir(this.#options.dir)).filter((name) => NAME.test(name)).toSorted()
    for (const name of names) {
      const path = join(this.#options.dir, name)
      this.#segments.push({ base: Number(NAME.exec(name)![1]), path, size: (await stat(path)).size })
    }
    const last = this.#segments.at(-1)
    if (last) await this.#repairTail(last)
  }

  /** Cuts what a crash left half-written behind the last whole record. */
  async #repairTail(segment: Segment): Promise<void> {
    let position = segment.base
    let good = segment.base
    while (position < segment.base + segment.size) {
      const chunk = await this.#readChunk(segment, position, READ_BYTES)
      let at = 0
      for (;;) {
        const record = decodeRecord(chunk, at, position)
        if (!record) break
        at = record.next - position
        good = record.next
      }
      position += at > 0 ? at : await this.#resync(segment, position)
    }
    const torn = segment.base + segment.size - good
    if (torn === 0) return
    this.damagedBytes += torn
    this.#options.log.warn('WAL: torn tail cut off', { file: segment.path, bytes: torn })
    await truncate(segment.path, good - segment.base)
    segment.size = good - segment.base
  }

  // --- writing

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#nextGroup()
      const bytes = group.reduce((sum, item) => sum + item.bytes, 0)
      try {
        await this.#write(
          group.flatMap((item) => item.parts),
          bytes,
        )
        this.#queuedBytes -= bytes
        for (const item of group) this.#options.onWritten?.(item.points)
        for (const item of group) item.resolve()
      } catch (error) {
        this.#queuedBytes -= bytes
        const failure = writeError(error, this.#options.dir)
        for (const item of group) item.reject(failure)
      }
    }
    this.#writing = undefined
  }

  #nextGroup(): Pending[] {
    let count = 0
    let bytes = 0
    while (count < Math.min(GROUP_RECORDS, this.#queue.length)) {
      bytes += this.#queue[count]!.bytes
      if (count > 0 && bytes > GROUP_BYTES) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #write(parts: Uint8Array[], bytes: number): Promise<void> {
    let segment = this.#segments.at(-1)
    if (!segment || (segment.size > 0 && segment.size + bytes > this.#segmentBytes))
      segment = await this.#roll()
    this.#head ??= await open(segment.path, 'r+')
    try {
      await writeAll(this.#head, parts, segment.size)
      if (this.#options.sync === 'always') await this.#head.datasync()
      else this.#dirty = true
    } catch (error) {
      // Nothing of a failed group may stay: its callers were told that it is not kept.
      await this.#head.truncate(segment.size).catch(() => {})
      throw error
    }
    segment.size += bytes
  }

  async #roll(): Promise<Segment> {
    const base = this.end
    const path = join(this.#options.dir, `${String(base).padStart(16, '0')}.log`)
    const file = await open(path, 'w+', 0o640)
    if (this.#options.sync === 'always')
      await syncDirectory(this.#options.dir).catch(async (error: unknown) => {
        await file.close()
        throw error
      })
    if (this.#head) this.#retire(this.#head)
    this.#head = file
    const segment: Segment = { base, path, size: 0 }
    if (this.#segments.at(-1)?.base === base) this.#segments.pop()
    this.#segments.push(segment)
    return segment
  }

  /** Syncs and closes a full segment beside the writing of the next one. */
  #retire(head: FileHandle): void {
    const dirty = this.#dirty
    this.#dirty = false
    const done = (async () => {
      try {
        if (dirty) await head.datasync()
        await head.close()
      } catch (error) {
        this.#options.log.warn('WAL sync failed', { dir: this.#options.dir, error: errorText(error) })
      }
    })().finally(() => this.#retiring.delete(done))
    this.#retiring.add(done)
  }

  // --- reading

  #segmentAt(position: number): Segment | undefined {
    return this.#segments.find((s) => position >= s.base && position < s.base + s.size)
  }

  #reader(segment: Segment): Promise<FileHandle> {
    let file = this.#readers.get(segment.path)
    if (!file) {
      if (!this.#segments.includes(segment)) return Promise.reject(new Error(`${segment.path} was trimmed`))
      file = open(segment.path, 'r')
      file.catch(() => this.#readers.delete(segment.path))
      this.#readers.set(segment.path, file)
    }
    return file
  }

  /** Bytes at `position`: at least the whole first record when its header can be read. */
  async #readChunk(segment: Segment, position: number, wanted: number): Promise<Buffer> {
    const file = await this.#reader(segment)
    const left = segment.base + segment.size - position
    const head = Buffer.allocUnsafe(HEADER_BYTES)
    const { bytesRead } = await file.read(head, 0, Math.min(HEADER_BYTES, left), position - segment.base)
    const header = decodeHeader(head.subarray(0, bytesRead))
    const first = header ? HEADER_BYTES + header.length : 0
    const size = Math.min(left, Math.max(first, Math.min(wanted + HEADER_BYTES, READ_BYTES * 16)))
    return this.#bytesAt(segment, position, size)
  }

  async #bytesAt(segment: Segment, position: number, wanted: number): Promise<Buffer> {
    const file = await this.#reader(segment)
    const size = Math.min(wanted, segment.base + segment.size - position)
    const bytes = Buffer.allocUnsafe(size)
    const { bytesRead } = await file.read(bytes, 0, size, position - segment.base)
    return bytes.subarray(0, bytesRead)
  }

  /** How many bytes to skip from damage at `position` to the next whole record of the segment, or to its end. */
  async #resync(segment: Segment, position: number): Promise<number> {
    const file = await this.#reader(segment)
    const rest = Buffer.allocUnsafe(segment.base + segment.size - position)
    await file.read(rest, 0, rest.length, position - segment.base)
    for (let at = findMagic(rest, 1); at >= 0; at = findMagic(rest, at + 1)) {
      if (decodeRecord(rest, at, position)) return at
    }
    return rest.length
  }

  #damage(segment: Segment, position: number, bytes: number): void {
    this.damagedBytes += bytes
    this.#options.log.error('WAL: damaged bytes skipped', {
      file: segment.path,
      at: position - segment.base,
      bytes,
    })
  }

  async #forget(segment: Segment): Promise<void> {
    const reader = this.#readers.get(segment.path)
    this.#readers.delete(segment.path)
    await reader?.then((handle) => handle.close()).catch(() => {})
    await unlink(segment.path).catch((error: unknown) =>
      this.#options.log.warn('WAL: cannot delete a segment', { file: segment.path, error: errorText(error) }),
    )
  }

  #full(): AgentError {
    return new AgentError('WAL_FULL', this.#options.dir, {
      data: { bytes: this.bytes, maxBytes: this.#options.maxBytes },
    })
  }
}

/** pwritev until all is written: a short write is not an error on a nearly full disk until the next one. */
async function writeAll(file: FileHandle, parts: Uint8Array[], position: number): Promise<void> {
  let rest = parts
  let at = position
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at)
    at += bytesWritten
    let skip = bytesWritten
    let index = 0
    while (index < rest.length && skip >= rest[index]!.length) skip -= rest[index++]!.length
    rest = rest.slice(index)
    if (rest.length > 0 && skip > 0) rest[0] = rest[0]!.subarray(skip)
  }
}

/** A file's name is as durable as its directory. Windows cannot open one. */
async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function writeError(error: unknown, dir: string): AgentError {
  const errno = errnoOf(error)
  if (errno === 'ENOSPC' || errno === 'EDQUOT')
    return new AgentError('KERNEL_DISK_FULL', dir, { cause: error })
  if (errno === 'EROFS') return new AgentError('KERNEL_READ_ONLY', dir, { cause: error })
  return new AgentError('WAL_WRITE', `${dir}: ${errorText(error)}`, { cause: error })
}
