// A growing buffer that codecs append to: fragments of many points share one allocation.
import { lengthOf, textBytes } from './text.ts'

// Every platform Node and Electron run on here is little-endian: words[0] is the low half.
const words = new Uint32Array(2)
const signed = new BigInt64Array(words.buffer)
const unsigned = new BigUint64Array(words.buffer)

/** Below this many characters a loop beats the call into native code. */
const LOOP_LIMIT = 24

export class ByteBuffer {
  bytes: Buffer
  length = 0
  private view: DataView

  /** So many bytes of its own to start with, or memory that it is given, until that is full. */
  constructor(memory: number | SharedArrayBuffer = 16_384) {
    this.bytes = typeof memory === 'number' ? Buffer.allocUnsafeSlow(memory) : Buffer.from(memory)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** The bytes written so far, shared: valid until the next append or reset. */
  written(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  /** A copy of the bytes written so far. */
  copy(): Buffer {
    return Buffer.from(this.written())
  }

  reset(): void {
    this.length = 0
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  double(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.length, value, true)
    this.length += 8
  }

  /** A varint of an unsigned number below 2^32. */
  varint(value: number): void {
    this.reserve(5)
    const bytes = this.bytes
    let at = this.length
    while (value > 0x7f) {
      bytes[at++] = (value & 0x7f) | 0x80
      value >>>= 7
    }
    bytes[at++] = value
    this.length = at
  }

  /** A varint of an int64 or uint64, negative values as two's complement. */
  varint64(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0 && value <= 0xffff_ffff) return this.varint(value)
      return this.varintWords(value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0)
    }
    if (value < 0n) signed[0] = value
    else unsigned[0] = value
    this.varintWords(words[0]!, words[1]!)
  }

  /** A varint of 64 bits given as two unsigned halves. */
  varintWords(low: number, high: number): void {
    this.reserve(10)
    const bytes = this.bytes
    let at = this.length
    while (high !== 0 || low > 0x7f) {
      bytes[at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    bytes[at++] = low
    this.length = at
  }

  /** Text as bytes without a length; returns how many were written. */
  text(text: string): number {
    const length = lengthOf(text)
    this.reserve(length * 3)
    if (length <= LOOP_LIMIT && this.shortAscii(text, length, this.length)) {
      this.length += length
      return length
    }
    return this.longText(text, length)
  }

  /** Text after its length as a varint (protobuf's string). */
  sizedText(text: string): void {
    const length = lengthOf(text)
    if (length <= LOOP_LIMIT) {
      this.reserve(1 + length * 3)
      const start = this.length
      if (this.shortAscii(text, length, start + 1)) {
        this.bytes[start] = length
        this.length = start + 1 + length
        return
      }
    }
    const mark = this.openSized(length)
    this.reserve(length * 3)
    this.longText(text, length)
    this.closeSized(mark, length)
  }

  private shortAscii(text: string, length: number, at: number): boolean {
    const bytes = this.bytes
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) return false
      bytes[at + i] = unit
    }
    return true
  }

  private longText(text: string, length: number): number {
    const start = this.length
    const count = this.bytes.write(text, start)
    if (count !== length && !text.isWellFormed()) {
      const exact = textBytes(text)
      this.bytes.set(exact, start)
      this.length = start + exact.length
      return exact.length
    }
    this.length = start + count
    return count
  }

  sizedBytes(bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.append(bytes)
  }

  /** Leaves room for the length of what follows; `expected` bytes is a guess that saves a move when it is right. */
  openSized(expected: number): number {
    const mark = this.length
    const size = varintSize(expected)
    this.reserve(size)
    this.length = mark + size
    return mark
  }

  /** Writes the length of all that was appended since `openSized` gave this mark, with the same `expected`. */
  closeSized(mark: number, expected: number): void {
    const guessed = varintSize(expected)
    const count = this.length - mark - guessed
    const size = varintSize(count)
    if (size !== guessed) {
      this.reserve(size)
      this.bytes.copyWithin(mark + size, mark + guessed, this.length)
    }
    const bytes = this.bytes
    let at = mark
    let rest = count
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at] = rest
    this.length = mark + size + count
  }
}

/** Bytes of a varint below 2^32. */
function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
