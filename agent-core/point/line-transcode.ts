// Line protocol straight to protobuf, for bodies that nothing looks into: no script, no filter, no strict mode. The
// bytes of plain lines are copied into the fragment; from the first line that is not plain the rest of the body goes
// the long way over points. The result is, byte for byte, what decode, check, global tags and encode give.
import { ByteBuffer } from './byte-buffer.ts'
import { checkRules, type CheckRules } from './check.ts'
import type { Category } from './category.ts'
import { decodeBody, readLinePoints, type Body, type BodyFault } from './decode.ts'
import { bodyText, EXACT_DIGITS, MAX_FLOAT_DIGITS, MAX_INT_DIGITS } from './line-protocol-decode.ts'
import { MAX_LINE_TIME } from './line-protocol.ts'
import { Kind, addKeyValue, keyValue, makePoint, tag, type Point, type Warn } from './point.ts'
import { appendKeyValue, appendPoint } from './protobuf.ts'
import { textBytes } from './text.ts'
import { positiveTime } from './time.ts'
import { ok, type Result } from '../kernel/result.ts'

export interface Transcoded {
  /** Points appended to the fragment. */
  readonly count: number
  /** Where each point ends in the fragment. */
  readonly ends: readonly number[]
  /** The earliest and the latest time, in whole seconds since the epoch. */
  readonly oldest: number
  readonly newest: number
}

export interface LineBody {
  readonly body: Uint8Array
  /** As in decodeBody. */
  readonly precision: string
  readonly now: bigint
}

/** Appends the points of a body to a fragment of PBPoints. After a fault the fragment is as it was before. */
export type LineTranscoder = (body: LineBody, out: ByteBuffer) => Result<Transcoded, BodyFault>

/** A transcoder for a category; `globalTags` are added to each point that has no tag or field of that key. */
export function lineTranscoder(
  category: Category,
  globalTags: readonly (readonly [key: string, value: string])[],
): LineTranscoder {
  const rules = checkRules(category)
  const common = new CommonParts(rules, globalTags)
  return (body, out) => {
    const start = out.length
    const whole: Body = { encoding: 'line-protocol', category, ...body }
    const run = new Run(whole, rules, common, out)
    // RUM lines get tags of their own first: they go the long way.
    const at = category === 'rum' ? 0 : run.plainLines()
    const result = run.rest(at, globalTags)
    if (!result.ok) out.length = start
    return result
  }
}

interface CommonPart {
  readonly key: Buffer
  readonly field: Buffer
  readonly warn: Buffer
}

/** What is the same in every point, encoded once. */
class CommonParts {
  /** Required fields first, then global tags: both are added when their key is absent. */
  readonly parts: readonly CommonPart[]
  readonly disabled: readonly Buffer[]
  /** Start and end of each key of the line at hand, and the places of escaped characters of its string at hand. */
  readonly starts = new Int32Array(MAX_KEYS)
  readonly stops = new Int32Array(MAX_KEYS)
  readonly escapes = new Int32Array(MAX_ESCAPES)
  /** An integer on its way: its size is needed before it is. */
  readonly scratch = new ByteBuffer(16)

  constructor(rules: CheckRules, globalTags: readonly (readonly [string, string])[]) {
    const parts = new Map<string, CommonPart>()
    for (const { key, value, warn } of rules.required)
      parts.set(key, {
        key: Buffer.from(key),
        field: fieldBytes((out) => appendKeyValue(out, keyValue(key, Kind.string, value))),
        warn: warnBytes(warn),
      })
    for (const [key, value] of globalTags)
      if (!parts.has(key))
        parts.set(key, {
          key: textBytes(key),
          field: fieldBytes((out) => appendKeyValue(out, tag(key, value))),
          warn: Buffer.alloc(0),
        })
    this.parts = [...parts.values()]
    this.disabled = rules.disabled.map((key) => Buffer.from(key))
  }
}

function fieldBytes(append: (out: ByteBuffer) => void): Buffer {
  const out = new ByteBuffer(256)
  append(out)
  return out.copy()
}

/** A warn as it stands in a point: what a point of nothing but this warn has after its header. */
function warnBytes(warn: Warn): Buffer {
  const point = makePoint('', [], 0n)
  const bare = fieldBytes((out) => appendPoint(out, point))
  point.warns.push(warn)
  const full = fieldBytes((out) => appendPoint(out, point))
  return full.subarray(bare.length)
}

const TAB = 9
const NEWLINE = 10
const SPACE = 32
const QUOTE = 34
const HASH = 35
const COMMA = 44
const MINUS = 45
const DOT = 46
const ZERO = 48
const NINE = 57
const EQUALS = 61
const BRACKET = 91
const BACKSLASH = 92
const CLOSE = 93
const SMALL_I = 105

/** Limits of a plain line, well inside of those that are checked: what is beyond goes the long way. */
const MAX_NAME = 1024
const MAX_KEY = 255
const MAX_TAG_VALUE = 1024
const MAX_TEXT = 1_000_000
const MAX_KEYS = 32
const MAX_ESCAPES = 1024
/** Above this many bytes one call into native code beats a loop. */
const COPY_LIMIT = 48

const POWERS = Array.from({ length: 16 }, (_, i) => 10 ** i)
const BILLION = 1_000_000_000

class Run {
  private readonly whole: Body
  private readonly rules: CheckRules
  private readonly common: CommonParts
  private readonly out: ByteBuffer
  private readonly bytes: Buffer
  private readonly now: ByteBuffer
  private readonly nowSeconds: number
  private readonly isNanos: boolean
  private readonly ends: number[] = []
  private oldest = Infinity
  private newest = -Infinity
  private at = 0
  private keys = 0
  private guess = 256

  constructor(whole: Body, rules: CheckRules, common: CommonParts, out: ByteBuffer) {
    this.whole = whole
    this.rules = rules
    this.common = common
    this.out = out
    this.bytes = Buffer.from(whole.body.buffer, whole.body.byteOffset, whole.body.byteLength)
    this.now = new ByteBuffer(16)
    this.now.varint64(whole.now)
    this.nowSeconds = Number(whole.now / 1_000_000_000n)
    // Units that leave a time as it is: ns asked for, or one unknown.
    this.isNanos = whole.precision !== '' && positiveTime(1n, whole.precision, 0n) === 1n
  }

  /** Transcodes lines up to the first that is not plain; returns where that starts. */
  plainLines(): number {
    const { bytes, out } = this
    let at = 0
    while (at < bytes.length) {
      const start = this.skipSpace(at)
      const first = bytes[start]
      if (first === NEWLINE || first === HASH || first === undefined) {
        const newline = bytes.indexOf(NEWLINE, start)
        at = newline < 0 ? bytes.length : newline + 1
        continue
      }
      const mark = out.length
      // A space before the name makes quotes and equal signs in the name count towards where the line ends.
      if (start !== at || !this.plainLine(start)) {
        out.length = mark
        return at
      }
      this.ends.push(out.length)
      at = this.at + 1
    }
    return at
  }

  /** The rest of the body over points. */
  rest(at: number, globalTags: readonly (readonly [string, string])[]): Result<Transcoded, BodyFault> {
    const { whole, ends } = this
    if (at < this.bytes.length) {
      const failed = readLinePoints(bodyText(this.bytes.subarray(at)), whole, (point) => {
        for (const [key, value] of globalTags) addKeyValue(point, tag(key, value))
        this.append(point)
      })
      // The message of a fault speaks of the whole body.
      if (failed.length > 0) return refuse(whole)
    }
    if (ends.length === 0) return refuse(whole)
    return ok({ count: ends.length, ends, oldest: this.oldest, newest: this.newest })
  }

  private append(point: Point): void {
    appendPoint(this.out, point)
    this.ends.push(this.out.length)
    this.see(Number(point.time / 1_000_000_000n))
  }

  private see(seconds: number): void {
    if (seconds < this.oldest) this.oldest = seconds
    if (seconds > this.newest) this.newest = seconds
  }

  private skipSpace(at: number): number {
    const { bytes } = this
    for (;;) {
      const byte = bytes[at]
      if (byte !== SPACE && byte !== TAB && byte !== 0) return at
      at++
    }
  }

  private plainLine(start: number): boolean {
    const { out } = this
    this.at = start
    this.keys = 0
    out.reserve(16)
    out.byte(0x0a)
    const guess = this.guess
    const mark = out.openSized(guess)
    const body = out.length
    if (!this.name() || !this.tags()) return false
    this.at = this.skipSpace(this.at)
    if (!this.fields()) return false
    for (const part of this.common.parts) if (this.isAbsent(part.key)) out.append(part.field)
    if (!this.time()) return false
    for (const part of this.common.parts)
      if (part.warn.length > 0 && this.isAbsent(part.key)) out.append(part.warn)
    this.guess = out.length - body
    out.closeSized(mark, guess)
    return true
  }

  private name(): boolean {
    const { bytes, out } = this
    const start = this.at
    let at = start
    let byte = bytes[at]
    while (byte !== COMMA && byte !== SPACE) {
      if (byte === BACKSLASH || byte === NEWLINE || byte === undefined) return false
      byte = bytes[++at]
    }
    if (at === start || at - start > MAX_NAME) return false
    out.byte(0x0a)
    this.copySized(start, at)
    this.at = at
    return true
  }

  private copySized(start: number, end: number): void {
    this.out.varint(end - start)
    this.copy(start, end)
  }

  private copy(start: number, end: number): void {
    const { bytes, out } = this
    const count = end - start
    out.reserve(count)
    const to = out.bytes
    const at = out.length
    if (count > COPY_LIMIT) bytes.copy(to, at, start, end)
    else for (let i = 0; i < count; i++) to[at + i] = bytes[start + i]!
    out.length = at + count
  }

  /** Notes a key; false when it is not plain: a rule applies to it, or the line has it already. */
  private key(start: number, end: number): boolean {
    const { bytes, keys } = this
    const { starts, stops } = this.common
    const length = end - start
    if (length === 0 || length > MAX_KEY || keys === MAX_KEYS) return false
    if (!this.rules.dots) for (let i = start; i < end; i++) if (bytes[i] === DOT) return false
    for (const disabled of this.common.disabled) if (this.equals(start, end, disabled)) return false
    for (let i = 0; i < keys; i++) {
      const other = starts[i]!
      if (stops[i]! - other === length && this.same(other, start, length)) return false
    }
    starts[keys] = start
    stops[keys] = end
    this.keys = keys + 1
    return true
  }

  private same(a: number, b: number, length: number): boolean {
    const { bytes } = this
    for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false
    return true
  }

  private equals(start: number, end: number, key: Buffer): boolean {
    if (end - start !== key.length) return false
    for (let i = 0; i < key.length; i++) if (this.bytes[start + i] !== key[i]) return false
    return true
  }

  private isAbsent(key: Buffer): boolean {
    const { starts, stops } = this.common
    for (let i = 0; i < this.keys; i++) if (this.equals(starts[i]!, stops[i]!, key)) return false
    return true
  }

  private tags(): boolean {
    const { bytes, out } = this
    let at = this.at
    while (bytes[at] === COMMA) {
      const keyStart = ++at
      let byte = bytes[at]
      while (byte !== EQUALS) {
        if (isBreak(byte)) return false
        byte = bytes[++at]
      }
      const keyEnd = at
      const valueStart = ++at
      const escaped = this.tagValue(valueStart)
      at = this.at
      const length = at - valueStart - escaped
      if (escaped < 0 || length <= 0 || length > MAX_TAG_VALUE || !this.key(keyStart, keyEnd)) return false
      this.fieldHead(keyStart, keyEnd, 2 + sized(length))
      out.byte(0x40)
      out.byte(1)
      out.byte(0x5a)
      out.varint(length)
      this.copyPieces(valueStart, at, escaped)
    }
    this.at = at
    return true
  }

  /** Steps over a tag value; returns how many of its characters are escaped, -1 when it is not plain. */
  private tagValue(start: number): number {
    const { bytes } = this
    const { escapes } = this.common
    let at = start
    let count = 0
    for (;;) {
      const byte = bytes[at]
      if (byte === COMMA || byte === SPACE) break
      if (byte === BACKSLASH) {
        const next = bytes[++at]
        if (next === BACKSLASH || next === NEWLINE || count === MAX_ESCAPES) return -1
        if (next === COMMA || next === SPACE || next === EQUALS) escapes[count++] = at
      } else if (byte === EQUALS || byte === NEWLINE) return -1
      if (bytes[at] === undefined) return -1
      at++
    }
    this.at = at
    return count
  }

  /** Copies text without the backslash before each of the first `count` noted characters. */
  private copyPieces(start: number, end: number, count: number): void {
    const { escapes } = this.common
    let from = start
    for (let i = 0; i < count; i++) {
      this.copy(from, escapes[i]! - 1)
      from = escapes[i]!
    }
    this.copy(from, end)
  }

  /** Head of a Field whose value takes `rest` bytes after its tag, is_tag included. */
  private fieldHead(keyStart: number, keyEnd: number, rest: number): void {
    const { out } = this
    out.byte(0x12)
    out.varint(2 + sized(keyEnd - keyStart) + rest)
    out.byte(0x0a)
    this.copySized(keyStart, keyEnd)
  }

  private fields(): boolean {
    const { bytes } = this
    for (;;) {
      const keyStart = this.at
      let at = keyStart
      let byte = bytes[at]
      while (byte !== EQUALS) {
        if (isBreak(byte) || byte === QUOTE || byte === BRACKET || byte === CLOSE) return false
        byte = bytes[++at]
      }
      if (!this.key(keyStart, at)) return false
      this.at = at + 1
      if (!this.value(keyStart, at)) return false
      if (bytes[this.at] !== COMMA) return true
      this.at++
    }
  }

  private value(keyStart: number, keyEnd: number): boolean {
    const byte = this.bytes[this.at]
    if (byte === QUOTE) return this.text(keyStart, keyEnd)
    if (byte === MINUS || (byte !== undefined && byte >= ZERO && byte <= NINE))
      return this.number(keyStart, keyEnd)
    return this.boolean(keyStart, keyEnd)
  }

  private boolean(keyStart: number, keyEnd: number): boolean {
    const { bytes, out } = this
    let end = this.at
    while (!isEnd(bytes[end]) && end - this.at < 6) end++
    const bool = BOOLEANS.find((word) => this.equals(this.at, end, word.text))
    if (!bool) return false
    this.fieldHead(keyStart, keyEnd, 1)
    out.byte(0x28)
    out.byte(bool.value)
    this.at = end
    return true
  }

  private text(keyStart: number, keyEnd: number): boolean {
    const { bytes, out } = this
    const { escapes } = this.common
    const start = this.at + 1
    const end = bytes.length
    let at = start
    let count = 0
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte === QUOTE) break
      if (byte !== BACKSLASH) continue
      const next = bytes[++at]
      if (next !== QUOTE && next !== BACKSLASH) continue
      if (count === MAX_ESCAPES) return false
      escapes[count++] = at
    }
    const length = at - start - count
    if (at >= end || !isEnd(bytes[at + 1]) || !this.rules.strings || length > MAX_TEXT) return false
    this.fieldHead(keyStart, keyEnd, sized(length))
    out.byte(0x5a)
    out.varint(length)
    this.copyPieces(start, at, count)
    this.at = at + 1
    return true
  }

  /** As the short way of the decoder. */
  private number(keyStart: number, keyEnd: number): boolean {
    const { bytes, out } = this
    const negative = bytes[this.at] === MINUS
    let at = negative ? this.at + 1 : this.at
    let whole = 0
    let digits = 0
    let point = -1
    let byte = bytes[at]
    for (;;) {
      if (byte !== undefined && byte >= ZERO && byte <= NINE) {
        whole = whole * 10 + byte - ZERO
        digits++
      } else if (byte === DOT && point < 0) point = digits
      else break
      byte = bytes[++at]
    }
    if (digits === 0 || digits > MAX_FLOAT_DIGITS) return false
    const exact = digits <= EXACT_DIGITS
    const text = exact ? '' : bytes.toString('latin1', this.at, at)
    if (byte === SMALL_I && point < 0) {
      if (digits > MAX_INT_DIGITS || !isEnd(bytes[++at])) return false
      const { scratch } = this.common
      scratch.reset()
      scratch.varint64(exact ? (negative ? -whole : whole) : BigInt(text))
      this.fieldHead(keyStart, keyEnd, scratch.length)
      out.byte(0x10)
      out.append(scratch.written())
    } else {
      if (!isEnd(byte)) return false
      // Up to 15 digits over a power of ten is one correctly rounded division of exact numbers.
      const value = exact ? (point < 0 ? whole : whole / POWERS[digits - point]!) : Math.abs(Number(text))
      this.fieldHead(keyStart, keyEnd, 8)
      out.byte(0x21)
      out.double(negative ? -value : value)
    }
    this.at = at
    return true
  }

  private time(): boolean {
    const { bytes } = this
    let at = this.skipSpace(this.at)
    const start = at
    let byte = bytes[at]
    while (byte !== undefined && byte >= ZERO && byte <= NINE) byte = bytes[++at]
    const digits = at - start
    while (byte === SPACE) byte = bytes[++at]
    if ((byte !== NEWLINE && byte !== undefined) || digits > 19) return false
    this.at = at
    if (digits === 0) this.defaultTime()
    else if (this.isPlainNanos(start, digits)) this.nanos(start, digits)
    else {
      const time = BigInt(bytes.toString('latin1', start, start + digits))
      if (time > MAX_LINE_TIME) return false
      this.scaledTime(positiveTime(time, this.whole.precision, this.whole.now))
    }
    return true
  }

  private defaultTime(): void {
    const { out, whole } = this
    if (whole.now === 0n) return
    out.byte(0x18)
    out.append(this.now.written())
    this.see(this.nowSeconds)
  }

  private scaledTime(time: bigint): void {
    this.see(Number(time / 1_000_000_000n))
    if (time === 0n) return
    this.out.byte(0x18)
    this.out.varint64(time)
  }

  /** A stamp that is in ns already and small enough to need no further look: from 17 digits on none is guessed otherwise. */
  private isPlainNanos(start: number, digits: number): boolean {
    const first = this.bytes[start]
    if (first === ZERO || (digits === 19 && first === NINE)) return false
    return this.isNanos ? digits > 9 : this.whole.precision === '' && digits >= 17
  }

  private nanos(start: number, digits: number): void {
    const { bytes, out } = this
    let seconds = 0
    let nanos = 0
    const split = start + digits - 9
    for (let i = start; i < split; i++) seconds = seconds * 10 + bytes[i]! - ZERO
    for (let i = split; i < start + digits; i++) nanos = nanos * 10 + bytes[i]! - ZERO
    this.see(seconds)
    out.byte(0x18)
    // seconds * 1e9 + nanos in two halves of 32 bits: each partial product stays below 2^53.
    const upper = Math.floor(seconds / 65536) * BILLION
    const lower = (seconds % 65536) * BILLION + nanos + (upper % 65536) * 65536
    out.varintWords(lower % 0x1_0000_0000, Math.floor(upper / 65536) + Math.floor(lower / 0x1_0000_0000))
  }
}

/** The fault of a body that has one. */
function refuse(body: Body): Result<Transcoded, BodyFault> {
  const fault = decodeBody(body)
  return fault.ok ? ok({ count: 0, ends: [], oldest: 0, newest: 0 }) : fault
}

const isBreak = (byte: number | undefined): boolean =>
  byte === COMMA || byte === SPACE || byte === BACKSLASH || byte === NEWLINE || byte === undefined

const isEnd = (byte: number | undefined): boolean =>
  byte === COMMA || byte === SPACE || byte === NEWLINE || byte === undefined

/** Bytes of a text after its length. */
const sized = (length: number): number =>
  length + (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4)

const BOOLEANS = ['t', 'T', 'true', 'True', 'TRUE', 'f', 'F', 'false', 'False', 'FALSE'].map((word) => ({
  text: Buffer.from(word),
  value: /^t/i.test(word) ? 1 : 0,
}))
