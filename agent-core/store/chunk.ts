// The three blocks that samples are stored in. Times are whole ms.
//
//   journal : count doubles (the values), steps of series ids ascending, ints of times     one flush, all series
//   chunk   : varint count, steps of times since the slot's start, values                  one series, one slot
//   minutes : varint count, flags, steps of minutes since the window's start,              one series, one window
//             [ints of counts], values of averages, [values of minima, values of maxima]   [] unless flags bit 0
import { ByteBuffer } from '../point/byte-buffer.ts'
import { ColumnReader, writeInts, writeSteps, writeValues } from './columns.ts'

export const MINUTE = 60_000
/** A chunk's span. */
export const SLOT = 30 * MINUTE
/** A minute block's span: a whole number of slots. */
export const WINDOW = 8 * SLOT

/** Samples of one series, times ascending and distinct. */
export interface Samples {
  readonly times: ArrayLike<number>
  readonly values: ArrayLike<number>
}

/** 1 min roll-up of one series, times (the minute's start) ascending and distinct. */
export interface Minutes {
  readonly times: ArrayLike<number>
  readonly counts: ArrayLike<number>
  readonly averages: ArrayLike<number>
  readonly minima: ArrayLike<number>
  readonly maxima: ArrayLike<number>
}

/** One flush: three columns of the same length, ids ascending. */
export interface Round {
  readonly ids: ArrayLike<number>
  readonly times: ArrayLike<number>
  readonly values: Float64Array
}

const SINGLES = 1
/** Below it a 32-bit float loses digits. */
const SMALLEST_SHORT = 2 ** -126

export function encodeRound(round: Round): Uint8Array {
  const { values } = round
  const out = new ByteBuffer(values.length * 10 + 64)
  out.append(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  writeSteps(out, round.ids)
  writeInts(out, round.times)
  return out.written()
}

/** `count` stands beside the block in its row. */
export function decodeRound(block: Uint8Array, count: number): Round {
  const size = count * 8
  if (block.length < size) throw new RangeError('journal block ends too early')
  const values = new Float64Array(block.slice(0, size).buffer)
  const reader = new ColumnReader(block, size)
  return { values, ids: reader.steps(count), times: reader.ints(count) }
}

export function encodeChunk(slotStart: number, { times, values }: Samples): Uint8Array {
  const out = new ByteBuffer(64 + values.length * 2)
  out.varint(times.length)
  writeSteps(out, since(times, slotStart, 1))
  writeValues(out, values)
  return out.written()
}

export function decodeChunk(slotStart: number, block: Uint8Array): Samples {
  const reader = new ColumnReader(block)
  const count = reader.varint()
  const times = reader.steps(count)
  for (let i = 0; i < count; i++) times[i]! += slotStart
  return { times, values: reader.values(count) }
}

export function encodeMinutes(windowStart: number, minutes: Minutes): Uint8Array {
  const out = new ByteBuffer(64 + minutes.times.length * 8)
  const singles = Array.prototype.every.call(minutes.counts, (count) => count === 1)
  out.varint(minutes.times.length)
  out.byte(singles ? SINGLES : 0)
  writeSteps(out, since(minutes.times, windowStart, MINUTE))
  if (!singles) writeInts(out, minutes.counts)
  writeValues(out, shortened(minutes.averages))
  if (!singles) {
    writeValues(out, shortened(minutes.minima))
    writeValues(out, shortened(minutes.maxima))
  }
  return out.written()
}

export function decodeMinutes(windowStart: number, block: Uint8Array): Minutes {
  const reader = new ColumnReader(block)
  const count = reader.varint()
  const singles = (reader.byte() & SINGLES) !== 0
  const times = reader.steps(count)
  for (let i = 0; i < count; i++) times[i] = windowStart + times[i]! * MINUTE
  const counts = singles ? new Float64Array(count).fill(1) : reader.ints(count)
  const averages = reader.values(count)
  if (singles) return { times, counts, averages, minima: averages, maxima: averages }
  const minima = reader.values(count)
  const maxima = reader.values(count)
  // A shortened average of equal large integers may have left their span.
  for (let i = 0; i < count; i++) averages[i] = Math.min(Math.max(averages[i]!, minima[i]!), maxima[i]!)
  return { times, counts, averages, minima, maxima }
}

function since(times: ArrayLike<number>, start: number, unit: number): Float64Array {
  return Float64Array.from(times, (time) => (time - start) / unit)
}

/**
 * A roll-up keeps integers exact and the first 24 bits of the rest (an error below 0.00001 %, far under a pixel):
 * half the bytes of two weeks.
 */
function shortened(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => {
    const short = Math.fround(value)
    const exact = Number.isInteger(value) || !Number.isFinite(short) || Math.abs(value) < SMALLEST_SHORT
    return exact ? value : short
  })
}

/** Two sets of samples as one, of the same time the later set's. */
export function mergeSamples(earlier: Samples, later: Samples): Samples {
  return fromMap(new Map([...pairs(earlier), ...pairs(later)]))
}

/** Samples in any order as a chunk wants them: of the same time the last one. */
export function sortSamples(samples: Samples): Samples {
  const { times } = samples
  for (let i = 1; i < times.length; i++) {
    if (times[i]! <= times[i - 1]!) return fromMap(new Map(pairs(samples)))
  }
  return samples
}

function pairs({ times, values }: Samples): [number, number][] {
  return Array.from(times, (time, i) => [time, values[i]!])
}

function fromMap(byTime: ReadonlyMap<number, number>): Samples {
  const sorted = [...byTime].sort((a, b) => a[0] - b[0])
  return { times: sorted.map(([time]) => time), values: sorted.map(([, value]) => value) }
}

/** 1 min roll-up of samples whose times ascend. */
export function rollUp({ times, values }: Samples): Minutes {
  const out = { times: [] as number[], counts: [] as number[], averages: [] as number[] }
  const minima: number[] = []
  const maxima: number[] = []
  let at = -1
  for (let i = 0; i < times.length; i++) {
    const minute = Math.floor(times[i]! / MINUTE) * MINUTE
    const value = values[i]!
    if (at < 0 || out.times[at] !== minute) {
      at++
      out.times.push(minute)
      out.counts.push(0)
      out.averages.push(0)
      minima.push(value)
      maxima.push(value)
    }
    out.counts[at]!++
    out.averages[at]! += value
    minima[at] = Math.min(minima[at]!, value)
    maxima[at] = Math.max(maxima[at]!, value)
  }
  out.averages.forEach((sum, i) => {
    // Neither rounding nor a sum that overflows may leave the span of the values.
    out.averages[i] = Math.min(Math.max(sum / out.counts[i]!, minima[i]!), maxima[i]!)
  })
  return { ...out, minima, maxima }
}

/** Two roll-ups as one, of the same minute the later one's. */
export function mergeMinutes(earlier: Minutes, later: Minutes): Minutes {
  const rows = new Map<number, readonly [Minutes, number]>()
  for (const minutes of [earlier, later]) {
    for (let i = 0; i < minutes.times.length; i++) rows.set(minutes.times[i]!, [minutes, i])
  }
  const sorted = [...rows].sort((a, b) => a[0] - b[0])
  const column = (key: 'counts' | 'averages' | 'minima' | 'maxima'): number[] =>
    sorted.map(([, [from, i]]) => from[key][i]!)
  return {
    times: sorted.map(([time]) => time),
    counts: column('counts'),
    averages: column('averages'),
    minima: column('minima'),
    maxima: column('maxima'),
  }
}
