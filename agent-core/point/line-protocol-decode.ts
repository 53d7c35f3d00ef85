// Reads line protocol bodies. Most lines are plain (no escape outside of strings, no array, no odd number) and take
// the short way below, one walk over the text; any other line is read by the letter in line-scan.ts. Both give the
// same points, which a property test holds them to.
import { isUtf8 } from 'node:buffer'
import { goQuote } from './go-quote.ts'
import { booleanOf, unescapeString } from './line-value.ts'
import { MAX_LINE_TIME } from './line-protocol.ts'
import { lineEnd, scanLine } from './line-scan.ts'
import { Kind, integer, type KeyValue, type Value } from './point.ts'
import { bytesText, isPlainAscii, textByteLength } from './text.ts'

export interface Line {
  name: string
  /** Tags, then fields; no key twice: a tag hides a field, of a repeated field the last stays. */
  kvs: KeyValue[]
  /** As written, undefined when the line has no time. */
  time: bigint | undefined
}

export interface FailedLine {
  readonly text: string
  /** Of its first byte in the body, from 1. */
  readonly position: number
  readonly reason: string
}

/** A body as text: one character a byte for ASCII, else UTF-8 with odd bytes escaped (text.ts). */
export function bodyText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (isPlainAscii(bytes)) return bytes.toString('latin1')
  return isUtf8(bytes) ? bytes.toString() : bytesText(bytes)
}

/**
 * Hands each line of a body to `take`. Returns the lines that could not be read, in order.
 * `byTheLetter` is for tests: it keeps every line off the short way.
 */
export function readLines(text: string, take: (line: Line) => void, byTheLetter = false): FailedLine[] {
  const failed: FailedLine[] = []
  const short = new ShortWay(text)
  let at = 0
  // Bytes before the last failed line, so that many of them do not count the body again and again.
  let counted = 0
  let bytes = 0
  while (at < text.length) {
    const start = skipSpace(text, at)
    const unit = text.charCodeAt(start)
    if (unit === NEWLINE || unit === HASH || start >= text.length) {
      const newline = text.indexOf('\n', start)
      at = newline < 0 ? text.length : newline + 1
      continue
    }
    // A space before the name makes quotes and equal signs in the name count towards where the line ends.
    if (!byTheLetter && start === at && short.read(start)) {
      take(short.line())
      at = short.at + 1
      continue
    }
    const end = lineEnd(text, at)
    const line = text.slice(start, end)
    const read = scanLine(line)
    if (typeof read === 'string') {
      bytes += textByteLength(text.slice(counted, start))
      counted = start
      failed.push({ text: line, position: bytes + 1, reason: read })
    } else take(read)
    at = end + 1
  }
  return failed
}

/** The message for a body with failed lines. */
export function failedLinesMessage(failed: readonly FailedLine[], good: number, body: string): string {
  const shown = failed.slice(0, MAX_SHOWN)
  const lines = shown.map((f) => `unable to parse '${shorten(f.text)}'(pos: ${f.position}): ${f.reason}`)
  const counts = `with ${good} point parse ok, ${failed.length} points failed.`
  return `invalid lineprotocol: ${lines.join('\n')}\n${counts} Origin data: ${goQuote(shorten(body))}`
}

const MAX_SHOWN = 20
const MAX_TEXT = 4096
const shorten = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)

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
const BACKSLASH = 92
const SMALL_I = 105
/** No character has this code. */
const NONE = -1

const NAME_ESCAPES = /\\([, ="])/g
const TAG_ESCAPES = /\\([, =])/g
/** Quotes and brackets in a field key change where a line ends: the long way knows how. */
const ODD_IN_KEY = /["[\]]/

function skipSpace(text: string, at: number): number {
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit !== SPACE && unit !== 9 && unit !== 0) return at
    at++
  }
}

/** Keys per line above which looking each up among the others stops being cheap. */
const MAX_PLAIN_KEYS = 48
/** Name, tags and field key of this length cannot break the limit of 65,535 bytes in any encoding. */
const MAX_PLAIN_KEY = 20_000
/** Digits that float64 holds exactly, that int64 always holds, and that a float may have without a look at its range. */
export const EXACT_DIGITS = 15
export const MAX_INT_DIGITS = 18
export const MAX_FLOAT_DIGITS = 22

class ShortWay {
  /** Where the line ended: its newline, or the end of the text. */
  at = 0
  private readonly text: string
  private name = ''
  private kvs: KeyValue[] = []
  private time: bigint | undefined
  private escaped = false
  private kind: Kind = Kind.nil
  private value: Value = null

  constructor(text: string) {
    this.text = text
  }

  line(): Line {
    return { name: this.name, kvs: this.kvs, time: this.time }
  }

  /** Reads the line at `start`; false when it is not plain. */
  read(start: number): boolean {
    this.kvs = []
    this.at = start
    if (!this.readName() || !this.readTags()) return false
    if (this.at - start > MAX_PLAIN_KEY) return false
    this.at = skipSpace(this.text, this.at)
    return this.readFields() && this.readTime()
  }

  private readName(): boolean {
    const start = this.at
    if (!this.toDelimiter(COMMA, SPACE, NONE)) return false
    this.name = this.part(start, NAME_ESCAPES)
    return this.at > start
  }

  private readTags(): boolean {
    const { text } = this
    while (text.charCodeAt(this.at) === COMMA) {
      const keyStart = ++this.at
      if (!this.toDelimiter(EQUALS, NONE, NONE) || this.at === keyStart) return false
      const key = this.part(keyStart, TAG_ESCAPES)
      const valueStart = ++this.at
      if (!this.toDelimiter(COMMA, SPACE, EQUALS) || this.at === valueStart) return false
      if (this.find(key) >= 0) return false
      this.push(key, Kind.string, this.part(valueStart, TAG_ESCAPES), true)
    }
    return this.kvs.length <= MAX_PLAIN_KEYS
  }

  /**
   * Steps to one of two delimiters that no backslash precedes; false at the one that is refused, at a doubled
   * backslash, at the end of the line, and at a comma or space in a key.
   */
  private toDelimiter(first: number, second: number, refused: number): boolean {
    const { text } = this
    let at = this.at
    let previous = 0
    this.escaped = false
    for (;;) {
      const unit = text.charCodeAt(at)
      if (unit === BACKSLASH) {
        if (previous === BACKSLASH) return false
        this.escaped = true
      } else if (unit === NEWLINE || unit !== unit) return false
      else if (previous !== BACKSLASH) {
        if (unit === first || unit === second) break
        if (unit === refused || (first === EQUALS && (unit === COMMA || unit === SPACE))) return false
      }
      previous = unit
      at++
    }
    this.at = at
    return true
  }

  /** The text from `start` to the cursor, freed of its escapes. */
  private part(start: number, escapes: RegExp): string {
    const part = this.text.slice(start, this.at)
    return this.escaped ? part.replace(escapes, '$1') : part
  }

  private find(key: string): number {
    const { kvs } = this
    for (let i = 0; i < kvs.length; i++) if (kvs[i]!.key === key) return i
    return -1
  }

  private push(key: string, kind: Kind, value: Value, isTag: boolean): void {
    this.kvs.push({ key, kind, value, isTag, type: 0, unit: '' })
  }

  private readFields(): boolean {
    const { text } = this
    for (;;) {
      const keyStart = this.at
      if (!this.toDelimiter(EQUALS, NONE, NONE)) return false
      if (this.at === keyStart || this.at - keyStart > MAX_PLAIN_KEY) return false
      const key = this.part(keyStart, NAME_ESCAPES)
      if (ODD_IN_KEY.test(key)) return false
      this.at++
      if (!this.readValue()) return false
      const found = this.find(key)
      if (found < 0) this.push(key, this.kind, this.value, false)
      else if (!this.kvs[found]!.isTag) {
        this.kvs[found]!.kind = this.kind
        this.kvs[found]!.value = this.value
      }
      if (text.charCodeAt(this.at) !== COMMA) return true
      if (this.kvs.length > MAX_PLAIN_KEYS) return false
      this.at++
    }
  }

  /** Reads a value up to a comma, a space or the end of the line. */
  private readValue(): boolean {
    const unit = this.text.charCodeAt(this.at)
    if (unit === QUOTE) return this.readString()
    if ((unit >= ZERO && unit <= NINE) || unit === MINUS) return this.readNumber()
    const end = this.tokenEnd()
    const bool = end - this.at > 5 ? undefined : booleanOf(this.text.slice(this.at, end))
    if (bool === undefined) return false
    this.kind = Kind.bool
    this.value = bool
    this.at = end
    return true
  }

  private tokenEnd(): number {
    const { text } = this
    let at = this.at
    let unit = text.charCodeAt(at)
    while (unit !== COMMA && unit !== SPACE && unit !== NEWLINE && unit === unit) unit = text.charCodeAt(++at)
    return at
  }

  private readString(): boolean {
    const { text } = this
    const start = this.at + 1
    let escaped = false
    let at = start
    let unit = text.charCodeAt(at)
    while (unit !== QUOTE) {
      if (unit === BACKSLASH) {
        escaped = true
        at++
      } else if (unit !== unit) return false
      unit = text.charCodeAt(++at)
    }
    const next = text.charCodeAt(at + 1)
    if (next !== COMMA && next !== SPACE && next !== NEWLINE && next === next) return false
    const content = text.slice(start, at)
    this.kind = Kind.string
    this.value = escaped ? unescapeString(content) : content
    this.at = at + 1
    return true
  }

  /** A decimal number or an integer; very long and odd ones are left to the long way. */
  private readNumber(): boolean {
    const { text } = this
    const start = this.at
    const negative = text.charCodeAt(start) === MINUS
    let at = negative ? start + 1 : start
    let unit = text.charCodeAt(at)
    let whole = 0
    let digits = 0
    let dots = 0
    for (;;) {
      if (unit >= ZERO && unit <= NINE) {
        whole = whole * 10 + unit - ZERO
        digits++
      } else if (unit === DOT) dots++
      else break
      unit = text.charCodeAt(++at)
    }
    if (digits === 0 || digits > MAX_FLOAT_DIGITS || dots > 1) return false
    const exact = digits <= EXACT_DIGITS
    if (unit === SMALL_I && dots === 0) {
      if (digits > MAX_INT_DIGITS) return false
      this.kind = Kind.int
      this.value = exact ? (negative && whole !== 0 ? -whole : whole) : integer(BigInt(text.slice(start, at)))
      unit = text.charCodeAt(++at)
    } else {
      this.kind = Kind.float
      this.value = dots === 0 && exact ? (negative ? -whole : whole) : Number(text.slice(start, at))
    }
    this.at = at
    return unit === COMMA || unit === SPACE || unit === NEWLINE || unit !== unit
  }

  private readTime(): boolean {
    const { text } = this
    let at = skipSpace(text, this.at)
    const start = at
    let unit = text.charCodeAt(at)
    while (unit >= ZERO && unit <= NINE) unit = text.charCodeAt(++at)
    const end = at
    while (unit === SPACE) unit = text.charCodeAt(++at)
    if (unit !== NEWLINE && unit === unit) return false
    this.at = at
    this.time = end === start ? undefined : BigInt(text.slice(start, end))
    return this.time === undefined || end - start < 19 || this.time <= MAX_LINE_TIME
  }
}
