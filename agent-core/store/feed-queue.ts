// What was appended and waits for the store's worker: bytes only, bounded, newest refused. Nothing here blocks.
import { ByteBuffer } from '../point/byte-buffer.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { appendPoint } from '../point/protobuf.ts'
import type { StoreLimits } from './limits.ts'
import type { BatchArgs } from './messages.ts'

/** Why points were not taken: `burst` one category floods, `behind` the worker cannot keep up, `encode` a bad value. */
export type DropReason = 'burst' | 'behind' | 'encode'

/** A buffer that one flood made larger than this is not kept. */
const KEPT_CAPACITY = 256 * 1024
/** Feeds of one source are one entry up to here, so that chunks stay small. */
const FEED_POINTS = 500

export class FeedQueue {
  private readonly limits: StoreLimits
  private out = new ByteBuffer()
  private feeds: { category: Category; source: string; count: number; length: number }[] = []
  private readonly taken = new Map<Category, number>()
  /** Bytes handed over and not acknowledged. */
  private flying = 0

  constructor(limits: StoreLimits) {
    this.limits = limits
  }

  /** Bytes that wait, handed over or not. */
  get bytes(): number {
    return this.flying + this.out.length
  }

  get empty(): boolean {
    return this.feeds.length === 0
  }

  /** Takes points until one does not fit; returns how many it refused, and why. */
  add(
    category: Category,
    source: string,
    points: readonly Point[],
  ): { dropped: number; reason: DropReason } | undefined {
    for (let at = 0; at < points.length; at++) {
      const start = this.out.length
      let reason = this.refusal(category, 1)
      if (!reason) {
        try {
          appendPoint(this.out, points[at]!)
          reason = this.refusal(category, 0, this.out.length - start)
        } catch {
          reason = 'encode'
        }
      }
      if (reason) {
        this.out.length = start
        if (reason !== 'encode') return { dropped: points.length - at, reason }
        const rest = this.add(category, source, points.slice(at + 1))
        return { dropped: 1 + (rest?.dropped ?? 0), reason: rest?.reason ?? reason }
      }
      this.count(category, source, 1, this.out.length - start)
    }
    return undefined
  }

  /** Takes `count` points that are encoded already, all or none. */
  addEncoded(
    category: Category,
    source: string,
    count: number,
    fragment: Uint8Array,
  ): { dropped: number; reason: DropReason } | undefined {
    const reason = this.refusal(category, fragment.length)
    if (reason) return { dropped: count, reason }
    this.out.append(fragment)
    this.count(category, source, count, fragment.length)
    return undefined
  }

  /** Everything that waits, as one batch; its bytes count until `done`. */
  take(): BatchArgs {
    const batch = { feeds: this.feeds, bytes: new Uint8Array(this.out.written()) }
    this.flying += batch.bytes.length
    this.feeds = []
    this.taken.clear()
    if (this.out.bytes.length > KEPT_CAPACITY) this.out = new ByteBuffer()
    else this.out.reset()
    return batch
  }

  /** A batch of so many bytes was answered. */
  done(bytes: number): void {
    this.flying -= bytes
  }

  /** Whether `more` bytes still to come, or `last` bytes just written, go beyond a limit. */
  private refusal(category: Category, more: number, last = 0): DropReason | undefined {
    if ((this.taken.get(category) ?? 0) + more + last > this.limits.burstBytes) return 'burst'
    return this.bytes + more > this.limits.queueBytes ? 'behind' : undefined
  }

  private count(category: Category, source: string, count: number, length: number): void {
    this.taken.set(category, (this.taken.get(category) ?? 0) + length)
    const last = this.feeds.at(-1)
    if (last?.category === category && last.source === source && last.count + count <= FEED_POINTS) {
      last.count += count
      last.length += length
    } else this.feeds.push({ category, source, count, length })
  }
}
