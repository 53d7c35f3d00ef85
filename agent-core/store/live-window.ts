// The last hour at 1 s, in memory, filled while someone looks: one ring of times, one ring of values a series.
import { Buckets, GAP_RHYTHMS, median, stepFor } from './downsample.ts'
import type { SeriesArgs, SeriesData, SeriesReply } from './messages.ts'
import type { SeriesQuery } from './series-dictionary.ts'

export interface LiveSample {
  readonly measurement: string
  readonly field: string
  readonly tags: Readonly<Record<string, string>>
  readonly unit?: string
  /** null: nothing was measured this time. */
  readonly value: number | null
}

export interface LiveWindow {
  /** Samples of one moment (ms). A clock set back starts the window anew. */
  push(time: number, samples: readonly LiveSample[]): void
  /** Series of the window as the store would answer them. */
  read(args: SeriesArgs): SeriesReply
  /** The newest value of each series that a query matches; `time` undefined while there is none. */
  latest(queries: readonly SeriesQuery[]): {
    readonly time: number | undefined
    readonly values: LiveSample[]
  }
  /** Frees the memory. */
  clear(): void
  /** Series held, and samples left out because there were too many. */
  readonly size: number
  readonly refused: number
}

interface Ring {
  readonly measurement: string
  readonly field: string
  readonly tags: Readonly<Record<string, string>>
  readonly unit: string
  /** NaN where nothing was measured. */
  readonly values: Float64Array
}

/** @param options.seconds moments kept; @param options.series most series, 29 KB each at an hour (default 64) */
export function createLiveWindow(options: { seconds: number; series?: number }): LiveWindow {
  return new RingWindow(Math.max(1, options.seconds), options.series ?? 64)
}

class RingWindow implements LiveWindow {
  refused = 0
  private readonly capacity: number
  private readonly most: number
  private times: Float64Array | undefined
  private readonly rings = new Map<string, Ring>()
  /** Moments ever pushed since the last clear; the newest stands at (count - 1) % capacity. */
  private count = 0

  constructor(capacity: number, most: number) {
    this.capacity = capacity
    this.most = most
  }

  get size(): number {
    return this.rings.size
  }

  push(time: number, samples: readonly LiveSample[]): void {
    const newest = this.timeAt(this.count - 1)
    if (newest !== undefined && time <= newest) {
      if (time === newest) return
      this.clear()
    }
    this.times ??= new Float64Array(this.capacity)
    const at = this.count % this.capacity
    this.times[at] = time
    this.count++
    for (const ring of this.rings.values()) ring.values[at] = NaN
    for (const sample of samples) {
      const ring = this.ringOf(sample)
      if (ring) ring.values[at] = sample.value ?? NaN
      else this.refused++
    }
    // A series whose device went away frees its place once its last value has left the window.
    if (at === this.capacity - 1) {
      for (const [key, ring] of this.rings) if (ring.values.every(Number.isNaN)) this.rings.delete(key)
    }
  }

  read({ queries, from, to, points }: SeriesArgs): SeriesReply {
    const step = stepFor(from, to, points)
    const rings = queries.flatMap((query) => this.match(query))
    const series: SeriesData[] = []
    for (const ring of rings) {
      const { measurement, field, tags, unit } = ring
      const data = this.readRing(ring, from, to, step, points)
      if (data) series.push({ measurement, field, tags, unit, ...data })
    }
    return { series, stepMs: step }
  }

  latest(queries: readonly SeriesQuery[]): { time: number | undefined; values: LiveSample[] } {
    const at = (this.count - 1) % this.capacity
    const values = queries
      .flatMap((query) => this.match(query))
      .map(({ measurement, field, tags, unit, values }) => {
        const value = values[at]!
        return { measurement, field, tags, unit, value: Number.isNaN(value) ? null : value }
      })
    return { time: this.timeAt(this.count - 1), values: this.count === 0 ? [] : values }
  }

  clear(): void {
    this.times = undefined
    this.rings.clear()
    this.count = 0
  }

  private timeAt(moment: number): number | undefined {
    return moment < 0 ? undefined : this.times?.[moment % this.capacity]
  }

  private ringOf(sample: LiveSample): Ring | undefined {
    const { measurement, field, tags, unit = '' } = sample
    const key = JSON.stringify([measurement, field, Object.entries(tags)])
    let ring = this.rings.get(key)
    if (!ring && this.rings.size < this.most) {
      ring = { measurement, field, tags, unit, values: new Float64Array(this.capacity).fill(NaN) }
      this.rings.set(key, ring)
    }
    return ring
  }

  private match(query: SeriesQuery): Ring[] {
    const wanted = Object.entries(query.tags ?? {})
    return [...this.rings.values()].filter(
      ({ measurement, field, tags }) =>
        measurement === query.measurement &&
        field === query.field &&
        wanted.every(([key, value]) => tags[key] === value),
    )
  }

  /** The samples themselves while they are few enough, else buckets of them. */
  private readRing({ values }: Ring, from: number, to: number, step: number, points: number) {
    const samples: [time: number, value: number][] = []
    for (let moment = Math.max(0, this.count - this.capacity); moment < this.count; moment++) {
      const time = this.timeAt(moment)!
      const value = values[moment % this.capacity]!
      if (time >= from && time <= to && !Number.isNaN(value)) samples.push([time, value])
    }
    const plain = withGaps(samples)
    if (plain.times.length <= points) return samples.length > 0 ? plain : undefined
    const buckets = new Buckets(from, to, step)
    for (const [time, value] of samples) buckets.sample(time, value)
    return buckets.finish()
  }
}

function withGaps(samples: readonly [time: number, value: number][]) {
  const distances = samples.slice(1).map(([time], i) => time - samples[i]![0])
  const longest = GAP_RHYTHMS * median(distances)
  const times: number[] = []
  const values: (number | null)[] = []
  samples.forEach(([time, value], i) => {
    if (i > 0 && distances[i - 1]! > longest) {
      times.push(samples[i - 1]![0] + longest)
      values.push(null)
    }
    times.push(time)
    values.push(value)
  })
  return { times, values }
}
