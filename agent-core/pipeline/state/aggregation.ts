// Aggregation buckets of a script: values by tags, given out every interval, every so many values, and at the end.
import type { Category } from '../../point/category.ts'
import { Kind, keyValue, tag, type Point } from '../../point/point.ts'
import { builtPoint } from './built-point.ts'
import type { Clock } from '../../kernel/clock.ts'

export type Aggregate = 'avg' | 'sum' | 'min' | 'max' | 'set'
export const AGGREGATES: ReadonlySet<string> = new Set(['avg', 'sum', 'min', 'max', 'set'])

export interface BucketOptions {
  readonly category: Category
  readonly name: string
  /** 0 or less: no interval. */
  readonly intervalMs: number
  /** 0 or less: no count. */
  readonly count: number
  readonly keepValue: boolean
  readonly tags: ReadonlyMap<string, string>
}

export interface FlushedPoint {
  readonly category: Category
  readonly bucket: string
  readonly point: Point
}

class Measure {
  readonly #kind: Aggregate
  #value = 0
  #count = 0

  constructor(kind: Aggregate) {
    this.#kind = kind
  }

  add(value: number): void {
    const first = this.#count++ === 0
    if (this.#kind === 'avg' || this.#kind === 'sum') this.#value += value
    else if (this.#kind === 'set' || first) this.#value = value
    else this.#value = this.#kind === 'min' ? Math.min(this.#value, value) : Math.max(this.#value, value)
  }

  get value(): number {
    return this.#kind === 'avg' ? this.#value / this.#count : this.#value
  }
}

interface Group {
  readonly tags: ReadonlyMap<string, string>
  readonly measures: Map<string, Measure>
}

interface Bucket extends BucketOptions {
  groups: Map<string, Group>
  added: number
  due: number
}

export class AggregationBuckets {
  readonly #clock: Pick<Clock, 'now' | 'nowNs'>
  readonly #hostTags: ReadonlyMap<string, string>
  readonly #buckets = new Map<string, Bucket>()
  #flushed: FlushedPoint[] = []

  constructor(clock: Pick<Clock, 'now' | 'nowNs'>, hostTags: ReadonlyMap<string, string> = new Map()) {
    this.#clock = clock
    this.#hostTags = hostTags
  }

  has(category: Category, name: string): boolean {
    return this.#buckets.has(`${category}/${name}`)
  }

  /** Only the first creation of a bucket counts. */
  create(options: BucketOptions): void {
    const key = `${options.category}/${options.name}`
    if (this.#buckets.has(key)) return
    const due = this.#clock.now() + options.intervalMs
    this.#buckets.set(key, { ...options, groups: new Map(), added: 0, due })
  }

  /** Adds a value; the first aggregate named for a field sticks. */
  add(
    category: Category,
    name: string,
    by: ReadonlyMap<string, string>,
    field: string,
    kind: Aggregate,
    value: number,
  ): void {
    const bucket = this.#buckets.get(`${category}/${name}`)
    if (!bucket) return
    const key = JSON.stringify([...by])
    let group = bucket.groups.get(key)
    if (!group) bucket.groups.set(key, (group = { tags: by, measures: new Map() }))
    let measure = group.measures.get(field)
    if (!measure) group.measures.set(field, (measure = new Measure(kind)))
    measure.add(value)
    if (bucket.count > 0 && ++bucket.added >= bucket.count) {
      bucket.added = 0
      this.#flush(bucket)
    }
  }

  /** Points that counts and intervals have made due since the last call. */
  take(): FlushedPoint[] {
    const now = this.#clock.now()
    for (const bucket of this.#buckets.values()) {
      if (bucket.intervalMs <= 0 || bucket.due > now) continue
      this.#flush(bucket)
      bucket.due = now + bucket.intervalMs
    }
    return this.#flushed.splice(0)
  }

  /** Everything that is left, when the script goes away; buckets that only count keep theirs to themselves. */
  close(): FlushedPoint[] {
    for (const bucket of this.#buckets.values()) if (bucket.intervalMs > 0) this.#flush(bucket)
    this.#buckets.clear()
    return this.#flushed.splice(0)
  }

  #flush(bucket: Bucket): void {
    for (const group of bucket.groups.values()) {
      const tags = new Map([...this.#hostTags, ...bucket.tags, ...group.tags])
      const kvs = [...tags].map(([key, text]) => tag(key, text))
      for (const [field, measure] of group.measures) kvs.push(keyValue(field, Kind.float, measure.value))
      const point = builtPoint(bucket.category, bucket.name, kvs, this.#clock.nowNs())
      this.#flushed.push({ category: bucket.category, bucket: bucket.name, point })
    }
    if (!bucket.keepValue) bucket.groups = new Map()
  }
}
