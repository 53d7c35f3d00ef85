// Reads one line of line protocol by the letter: every escape, array and error of the format (spec points-io-http.md
// section 1.5). The decoder comes here with each line that its short way does not take.
//
//   line   = name *("," tagKey "=" tagValue) 1*space field *("," field) [1*space time]
//   field  = key "=" (number | integer "i" | integer "u" | bool | string | bytes | "[" elements "]")
import { MAX_LINE_TIME, MIN_LINE_TIME } from './line-protocol.ts'
import { fieldValue, scanBoolean, scanNumber } from './line-value.ts'
import { keyValue, tag, type KeyValue } from './point.ts'
import { compareText, textByteLength } from './text.ts'

/** The largest name with its tags plus field key, in bytes. */
const MAX_KEY_BYTES = 65535

export interface ScannedLine {
  readonly name: string
  /** Tags sorted by key, then fields without repetition. */
  readonly kvs: KeyValue[]
  /** Undefined when the line has none. */
  readonly time: bigint | undefined
}

/** Where a line that starts at `start` ends: at a newline outside of strings, or at the end of the text. */
export function lineEnd(text: string, start: number): number {
  let inFields = false
  let quoted = false
  let equals = 0
  let commas = 0
  let brackets = 0
  let at = start
  for (; at < text.length; at++) {
    const unit = text[at]
    if (unit === '\\' && at + 2 < text.length) at++
    else if (unit === '\n' && !quoted) return at
    else if (unit === ' ') inFields = true
    else if (!inFields) continue
    else if (unit === '"' && equals > commas) quoted = !quoted
    else if (quoted) continue
    else if (unit === '=') equals++
    else if (unit === ',' && brackets === 0) commas++
    else if (unit === '[') brackets++
    else if (unit === ']' && brackets > 0) brackets--
  }
  return at
}

/** What a line says, or the reason why it says nothing. `line` starts with a character of the name. */
export function scanLine(line: string): ScannedLine | string {
  const scan = new LineScan(line)
  const kvs = scan.tags()
  if (typeof kvs === 'string') return kvs
  const region = scan.fieldRegion()
  if (typeof region === 'string') return region
  const time = scan.time()
  if (typeof time === 'string') return time
  const fault = readFields(region, kvs)
  return fault ?? { name: scan.name, kvs, time }
}

class LineScan {
  name = ''
  private readonly line: string
  private at = 0
  private keyEnd = 0

  constructor(line: string) {
    this.line = line
  }

  private is(character: string, at = this.at): boolean {
    return this.line[at] === character && this.line[at - 1] !== '\\'
  }

  private skipSpace(): void {
    while (this.at < this.line.length && ' \t\0'.includes(this.line[this.at]!)) this.at++
  }

  /** The name and the tags; stops at the space before the fields. */
  tags(): KeyValue[] | string {
    const { line } = this
    if (line === '' || line[0] === ',') return 'missing measurement'
    do this.at++
    while (this.at < line.length && !this.is(',') && !this.is(' '))
    if (this.at >= line.length) return 'missing fields'
    this.name = unescape(line.slice(0, this.at), /\\([, ="])/g)
    const tags = new Map<string, string>()
    let repeated = false
    while (line[this.at] === ',') {
      const key = this.tagKey()
      if (key.fault !== undefined) return key.fault
      const value = this.tagValue()
      if (value.fault !== undefined) return value.fault
      repeated ||= tags.has(key.text)
      tags.set(key.text, value.text)
    }
    if (repeated) return 'duplicate tags'
    this.keyEnd = this.at
    const length = textByteLength(line.slice(0, this.at))
    if (length > MAX_KEY_BYTES) return tooLong(length)
    return [...tags]
      .map(([key, value]) => tag(unescape(key, /\\([, =])/g), unescape(value, /\\([, =])/g)))
      .sort((a, b) => compareText(a.key, b.key))
  }

  private tagKey(): { text: string; fault?: string } {
    const { line } = this
    const start = ++this.at
    if (start >= line.length || ' ,='.includes(line[start]!)) return { text: '', fault: 'missing tag key' }
    do this.at++
    while (this.at < line.length && !this.is(' ') && !this.is(',') && !this.is('='))
    if (line[this.at] !== '=') return { text: '', fault: 'missing tag value' }
    return { text: line.slice(start, this.at) }
  }

  private tagValue(): { text: string; fault?: string } {
    const { line } = this
    const start = ++this.at
    if (start >= line.length || ' ,'.includes(line[start]!)) return { text: '', fault: 'missing tag value' }
    do this.at++
    while (this.at < line.length && !this.is(' ') && !this.is(',') && !this.is('='))
    if (this.at >= line.length) return { text: '', fault: 'missing fields' }
    if (line[this.at] === '=') return { text: '', fault: 'invalid tag format' }
    return { text: line.slice(start, this.at) }
  }

  /** The text of all fields, when each has the shape of one. */
  fieldRegion(): string | Region {
    const { line } = this
    this.skipSpace()
    const start = this.at
    let quoted = false
    let equals = 0
    let commas = 0
    let brackets = 0
    while (this.at < line.length) {
      const unit = line[this.at]!
      if (unit === '\\' && this.at + 1 < line.length) this.at += 2
      else if (unit === '"' && equals > commas) {
        quoted = !quoted
        const fault = quoted ? undefined : this.afterString()
        if (fault !== undefined) return fault
        this.at++
      } else if (quoted) this.at++
      else if (unit === '=') {
        equals++
        const fault = this.value()
        if (fault !== undefined) return fault
        // An array is stepped over up to the bracket that closes it.
        if (line[this.at] === ']' && ++brackets > 1) return 'invalid field format'
      } else if (unit === ' ') break
      else {
        if (unit === ',') commas++
        else if (unit === '[') brackets++
        else if (unit === ']') brackets--
        if (brackets < 0 || brackets > 1) return 'invalid field format'
        this.at++
      }
    }
    if (quoted) return 'unbalanced quotes'
    if (equals === 0 || commas !== equals - 1) return 'invalid field format'
    return { text: line.slice(start, this.at), keyLength: this.keyEnd, line }
  }

  /** Checks what follows the closing quote at the cursor; steps over the suffix of bytes. */
  private afterString(): string | undefined {
    const next = this.line[this.at + 1]
    if (next === undefined || next === ',' || next === ' ') return undefined
    if (next === '"') return 'unbalanced quotes'
    if (next !== 'b')
      return `invalid string, got tail char \`${String.fromCodePoint(this.line.codePointAt(this.at + 1)!)}'`
    this.at++
    return undefined
  }

  /** Steps from the equals sign over the value as far as it can be judged here: a string is left to the caller. */
  private value(): string | undefined {
    const { line } = this
    const at = this.at
    if (this.is(' ', at - 1) || this.is(',', at - 1)) return 'missing field key'
    const first = line[at + 1]
    if (first === undefined || first === ',' || first === ' ') return 'missing field value'
    if (first === '[') {
      const close = closingBracket(line, at + 2)
      if (close < 0) return 'missing closing bracket'
      this.at = close
      return undefined
    }
    if (first === '"') {
      this.at++
      return undefined
    }
    let end = at + 1
    while (end < line.length && line[end] !== ',' && line[end] !== ' ') end++
    this.at = end
    const token = line.slice(at + 1, end)
    return /[0-9.Nn-]/.test(first) ? scanNumber(token) : scanBoolean(token)
  }

  time(): bigint | undefined | string {
    const { line } = this
    this.skipSpace()
    const text = /^-?[0-9]*(?=[ \n]|$)/.exec(line.slice(this.at))?.[0]
    if (text === undefined) return 'bad timestamp'
    if (text === '') return undefined
    if (text === '-') return 'strconv.ParseInt: parsing "-": invalid syntax'
    const time = BigInt(text)
    if (BigInt.asIntN(64, time) !== time) return `strconv.ParseInt: parsing "${text}": value out of range`
    if (time < MIN_LINE_TIME || time > MAX_LINE_TIME)
      return `time outside range ${MIN_LINE_TIME} - ${MAX_LINE_TIME}`
    return /^ *$/.test(line.slice(this.at + text.length)) ? time : 'point is invalid'
  }
}

interface Region {
  readonly text: string
  readonly keyLength: number
  readonly line: string
}

/** Adds the fields to the tags; returns a reason when one of them cannot be. Of a repeated field the last stays. */
function readFields(region: Region, kvs: KeyValue[]): string | undefined {
  const { text } = region
  const keyBytes = textByteLength(region.line.slice(0, region.keyLength))
  const fields = new Map<string, KeyValue>()
  const tags = new Set(kvs.map((kv) => kv.key))
  let at = 0
  while (at < text.length) {
    let equals = text.indexOf('=', at)
    while (equals > at && text[equals - 1] === '\\') equals = text.indexOf('=', equals + 1)
    const raw = text.slice(at, equals < 0 ? undefined : equals)
    if (equals < 0 || equals + 1 >= text.length) return `invalid value: field-key=${raw.slice(0, 64)}`
    const size = keyBytes + 4 + textByteLength(raw)
    if (size > MAX_KEY_BYTES) return tooLong(size)
    const end = valueEnd(text, equals + 1)
    const key = unescape(raw, /\\([, ="])/g)
    const value = fieldValue(text.slice(equals + 1, end))
    if (typeof value === 'string') return `field ${key}: ${value}`
    if (key !== '' && !tags.has(key)) fields.set(key, keyValue(key, value.kind, value.value))
    at = end + 1
  }
  kvs.push(...fields.values())
  return undefined
}

/** End of a field value: the comma after it, outside of strings and brackets. */
function valueEnd(text: string, start: number): number {
  let quoted = false
  let nested = false
  let at = start
  for (; at < text.length; at++) {
    const unit = text[at]
    if (unit === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++
    else if (unit === '"') quoted = !quoted
    else if (quoted) continue
    else if (unit === '[') nested = true
    else if (unit === ']') nested = false
    else if (unit === ',' && !nested) break
  }
  return Math.min(at, text.length)
}

/** The bracket that closes an array whose elements start at `start`, -1 when there is none. */
function closingBracket(line: string, start: number): number {
  let at = start
  while (at < line.length) {
    const unit = line[at]
    if (unit === '\\') at += 2
    else if (unit === ']') return at
    else if (unit === '"') {
      at++
      while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1
      at++
    } else at++
  }
  return -1
}

const unescape = (text: string, escapes: RegExp): string =>
  text.includes('\\') ? text.replace(escapes, '$1') : text

const tooLong = (bytes: number): string => `max key length exceeded: ${bytes} > ${MAX_KEY_BYTES}`
