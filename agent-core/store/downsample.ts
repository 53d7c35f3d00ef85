// Samples of a span as at most so many values: averages with the smallest and largest of each bucket, and a null
// where nothing was measured for longer than 2.5 times the series' rhythm, so that lines break there.
import { MINUTE } from './chunk.ts'

/** Longest silence, in rhythms, that a line is drawn through. */
export const GAP_RHYTHMS = 2.5
/** Steps within a minute divide it, so that buckets and minutes never straddle. */
const SECONDS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
/** Distances between samples that tell a rhythm. */
const MOST_DISTANCES = 1_024

export interface Bucketed {
  readonly times: number[]
  readonly values: (number | null)[]
  readonly min?: (number | null)[]
  readonly max?: (number | null)[]
}

/** ms a bucket: the shortest step with which buckets aligned to it are at most `points` between two times. */
export function stepFor(from: number, to: number, points: number): number {
  const least = Math.max(0, to - from) / Math.max(1, points - 1)
  const seconds = SECONDS.find((step) => step * 1_000 >= least)
  return seconds === undefined ? Math.ceil(least / MINUTE) * MINUTE : seconds * 1_000
}

/** Takes samples in any order; made once a query and reused for each of its series. */
export class Buckets {
  private readonly from: number
  private readonly to: number
  private readonly step: number
  private readonly start: number
  private readonly counts: Float64Array
  private readonly sums: Float64Array
  private readonly minima: Float64Array
  private readonly maxima: Float64Array
  /** Oldest and newest sample of each bucket. */
  private readonly first: Float64Array
  private readonly last: Float64Array
  private distances: number[] = []
  private before = -Infinity

  constructor(from: number, to: number, step: number) {
    this.from = from
    this.to = to
    this.step = step
    this.start = Math.floor(from / step)
    const size = Math.floor(to / step) - this.start + 1
    this.counts = new Float64Array(size)
    this.sums = new Float64Array(size)
    this.minima = new Float64Array(size)
    this.maxima = new Float64Array(size)
    this.first = new Float64Array(size)
    this.last = new Float64Array(size)
  }

  reset(): void {
    this.counts.fill(0)
    this.distances = []
    this.before = -Infinity
  }

  sample(time: number, value: number): void {
    this.add(time, value, value, value, 1)
  }

  add(time: number, average: number, min: number, max: number, count: number): void {
    if (time < this.from || time > this.to) return
    const distance = time - this.before
    if (distance > 0 && distance < Infinity && this.distances.length < MOST_DISTANCES) {
      this.distances.push(distance)
    }
    this.before = time
    const at = Math.floor(time / this.step) - this.start
    if (this.counts[at] === 0) {
      this.sums[at] = 0
      this.minima[at] = min
      this.maxima[at] = max
      this.first[at] = time
      this.last[at] = time
    }
    this.counts[at]! += count
    this.sums[at]! += average * count
    if (min < this.minima[at]!) this.minima[at] = min
    if (max > this.maxima[at]!) this.maxima[at] = max
    if (time < this.first[at]!) this.first[at] = time
    if (time > this.last[at]!) this.last[at] = time
  }

  /** Undefined when there is nothing in the span. */
  finish(): Bucketed | undefined {
    const filled: number[] = []
    this.counts.forEach((count, at) => count > 0 && filled.push(at))
    if (filled.length === 0) return undefined
    const rhythm = median(this.distances)
    // Where buckets are finer than the rhythm each holds one sample, which keeps its own time.
    const timeOf = (at: number): number =>
      this.step <= rhythm && this.counts[at] === 1 ? this.first[at]! : (this.start + at) * this.step
    const times: number[] = []
    const rows: (number | null)[] = []
    filled.forEach((at, i) => {
      times.push(timeOf(at))
      rows.push(at)
      if (i + 1 < filled.length && this.isGap(filled, i, rhythm)) {
        times.push((this.start + at + 1) * this.step)
        rows.push(null)
      }
    })
    const column = (pick: (at: number) => number): (number | null)[] =>
      rows.map((at) => (at === null ? null : pick(at)))
    const values = column((at) =>
      Math.min(Math.max(this.sums[at]! / this.counts[at]!, this.minima[at]!), this.maxima[at]!),
    )
    if (filled.every((at) => this.counts[at] === 1)) return { times, values }
    return { times, values, min: column((at) => this.minima[at]!), max: column((at) => this.maxima[at]!) }
  }

  /** Whether nothing was measured between the filled buckets i and i + 1. */
  private isGap(filled: readonly number[], i: number, rhythm: number): boolean {
    if (filled[i + 1]! - filled[i]! < 2) return false
    const distance = (at: number): number => {
      const a = filled[at]
      const b = filled[at + 1]
      return a === undefined || b === undefined ? Infinity : this.first[b]! - this.last[a]!
    }
    // A series whose interval was changed has another rhythm there than elsewhere.
    const beside = Math.min(distance(i - 1), distance(i + 1))
    const local = beside === Infinity ? 0 : beside
    return distance(i) > GAP_RHYTHMS * Math.max(rhythm, local)
  }
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Infinity
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
