// Columns of numbers as few bytes: what chunks and journal blocks are made of. Every value comes back bit for bit.
//
//   ints   : tokens; odd  = a run of (token >> 1) + 1 values equal to the one before
//                    even = zigzag(value - value before) << 1
//   floats : control bytes; 0nnnnnnn = a run of n + 1 values equal to the one before
//                           10lllnnn = n + 1 bytes of value XOR value before, after l zero bytes, highest first
//   values : 0 ints | 1 floats | 2 dictionary: varint size, floats of the distinct values, ints of their places
import type { ByteBuffer } from '../point/byte-buffer.ts'

/** Beyond this an integer goes as a float: a token must stay a safe integer. */
const MAX_INT = 2 ** 48

const words = new Uint32Array(2)
const doubles = new Float64Array(words.buffer)

const Mode = { ints: 0, floats: 1, dictionary: 2 } as const

/** A varint of a safe integer >= 0. */
function writeVarint(out: ByteBuffer, value: number): void {
  out.varint64(value)
}

/** Integers within ±2^48. */
export function writeInts(out: ByteBuffer, values: ArrayLike<number>): void {
  let before = 0
  let run = 0
  for (let i = 0; i < values.length; i++) {
    const delta = values[i]! - before
    if (delta === 0) {
      run++
      continue
    }
    if (run > 0) writeVarint(out, (run - 1) * 2 + 1)
    run = 0
    writeVarint(out, (delta > 0 ? delta * 2 : -delta * 2 - 1) * 2)
    before = values[i]!
  }
  if (run > 0) writeVarint(out, (run - 1) * 2 + 1)
}

/** Ascending integers at an even rhythm: their steps, which repeat. */
export function writeSteps(out: ByteBuffer, values: ArrayLike<number>): void {
  const steps = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) steps[i] = values[i]! - (i === 0 ? 0 : values[i - 1]!)
  writeInts(out, steps)
}

/** Any doubles, as ints, floats or a dictionary, whichever their shape suggests. */
export function writeValues(out: ByteBuffer, values: ArrayLike<number>): void {
  if (allInts(values)) {
    out.byte(Mode.ints)
    return writeInts(out, values)
  }
  const places = dictionaryOf(values)
  if (!places) {
    out.byte(Mode.floats)
    return writeFloats(out, values)
  }
  out.byte(Mode.dictionary)
  writeVarint(out, places.distinct.length)
  writeFloats(out, places.distinct)
  writeInts(out, places.at)
}

function allInts(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isInteger(value) || Math.abs(value) > MAX_INT || Object.is(value, -0)) return false
  }
  return true
}

/** Places in the list of distinct values, where at most a third of them are distinct: shares of few ticks repeat. */
function dictionaryOf(values: ArrayLike<number>): { distinct: number[]; at: number[] } | undefined {
  const most = Math.floor(values.length / 3)
  const known = new Map<number, number>()
  const at: number[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    // A Map takes -0 for 0.
    if (Object.is(value, -0)) return undefined
    let place = known.get(value)
    if (place === undefined) {
      place = known.size
      if (place >= most) return undefined
      known.set(value, place)
    }
    at.push(place)
  }
  return { distinct: [...known.keys()], at }
}

function writeFloats(out: ByteBuffer, values: ArrayLike<number>): void {
  let low = 0
  let high = 0
  let run = 0
  for (let i = 0; i < values.length; i++) {
    doubles[0] = values[i]!
    const xorLow = (words[0]! ^ low) >>> 0
    const xorHigh = (words[1]! ^ high) >>> 0
    if (xorLow === 0 && xorHigh === 0) {
      if (++run === 128) run = endRun(out, run)
      continue
    }
    run = endRun(out, run)
    low = words[0]!
    high = words[1]!
    writeXor(out, xorHigh, xorLow)
  }
  endRun(out, run)
}

function endRun(out: ByteBuffer, run: number): 0 {
  if (run > 0) out.byte(run - 1)
  return 0
}

function writeXor(out: ByteBuffer, high: number, low: number): void {
  const lead = high !== 0 ? Math.clz32(high) >> 3 : 4 + (Math.clz32(low) >> 3)
  const trail = low !== 0 ? trailingZeroBytes(low) : 4 + trailingZeroBytes(high)
  const count = 8 - lead - trail
  out.byte(0x80 | (lead << 3) | (count - 1))
  for (let i = lead; i < lead + count; i++) {
    out.byte(i < 4 ? (high >>> (24 - i * 8)) & 0xff : (low >>> (56 - i * 8)) & 0xff)
  }
}

function trailingZeroBytes(word: number): number {
  return (31 - Math.clz32(word & -word)) >> 3
}

/** Reads what the functions above wrote, in the same order. Throws a RangeError when the bytes end too early. */
export class ColumnReader {
  private readonly bytes: Uint8Array
  private at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  /** Where the next byte stands. */
  get position(): number {
    return this.at
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new RangeError('column ends too early')
    return this.bytes[this.at++]!
  }

  /** Bytes after their length as a varint, shared. */
  sized(): Uint8Array {
    const length = this.varint()
    const start = this.at
    this.at += length
    if (this.at > this.bytes.length) throw new RangeError('bytes end too early')
    return this.bytes.subarray(start, this.at)
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  ints(count: number): Float64Array {
    const values = new Float64Array(count)
    let before = 0
    for (let i = 0; i < count;) {
      const token = this.varint()
      const half = Math.floor(token / 2)
      if (token % 2 === 1) {
        values.fill(before, i, i + half + 1)
        i += half + 1
      } else {
        before += half % 2 === 1 ? -(half + 1) / 2 : half / 2
        values[i++] = before
      }
    }
    return values
  }

  steps(count: number): Float64Array {
    const values = this.ints(count)
    for (let i = 1; i < count; i++) values[i]! += values[i - 1]!
    return values
  }

  values(count: number): Float64Array {
    const mode = this.byte()
    if (mode === Mode.ints) return this.ints(count)
    if (mode === Mode.floats) return this.floats(count)
    const distinct = this.floats(this.varint())
    return this.ints(count).map((place) => distinct[place]!)
  }

  private floats(count: number): Float64Array {
    const values = new Float64Array(count)
    let low = 0
    let high = 0
    for (let i = 0; i < count;) {
      const control = this.byte()
      if (control < 0x80) {
        words[0] = low
        words[1] = high
        values.fill(doubles[0]!, i, i + control + 1)
        i += control + 1
        continue
      }
      const lead = (control >> 3) & 7
      const end = lead + (control & 7) + 1
      for (let place = lead; place < end; place++) {
        const byte = this.byte()
        if (place < 4) high ^= byte << (24 - place * 8)
        else low ^= byte << (56 - place * 8)
      }
      words[0] = low
      words[1] = high
      values[i++] = doubles[0]!
    }
    return values
  }
}
