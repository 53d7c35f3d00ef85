// Values of line protocol fields: numbers, booleans, strings, bytes, arrays. A value is judged twice, as the format
// wants it: first its shape while the line is scanned, then its content. Reasons are the wording of the spec.
import { Kind, integer, type Element } from './point.ts'

const INT64_MAX = 2n ** 63n - 1n
const UINT64_MAX = 2n ** 64n - 1n

/** The reason why a token cannot stand as a number, if there is one. */
export function scanNumber(token: string): string | undefined {
  const digits = token.startsWith('-') ? token.slice(1) : token
  if (/^[0-9]+i$/.test(digits)) return checkRange(token, -INT64_MAX - 1n, INT64_MAX, 'integer', 'ParseInt')
  if (/^[0-9]+u$/.test(token)) return checkRange(token, 0n, UINT64_MAX, 'unsigned', 'ParseUint')
  if (!/^[0-9.eE+-]*$/.test(digits) || (digits.match(/\./g)?.length ?? 0) > 1) return 'invalid number'
  if (!/[0-9eE]/.test(digits) || /(?<![eE])[+-]/.test(digits)) return 'invalid number'
  return FLOAT.test(digits) && Number.isFinite(Number(digits)) ? undefined : 'invalid float'
}

const FLOAT = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/

function checkRange(
  token: string,
  min: bigint,
  max: bigint,
  what: string,
  parser: string,
): string | undefined {
  const text = token.slice(0, -1)
  if (text.length < 18) return undefined
  const value = BigInt(text)
  if (value >= min && value <= max) return undefined
  return `unable to parse ${what} ${text}: strconv.${parser}: parsing "${text}": value out of range`
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  ['t', 'T', 'true', 'True', 'TRUE', 'f', 'F', 'false', 'False', 'FALSE'].map((text) => [
    text,
    /^t/i.test(text),
  ]),
)

/** The boolean a token spells, if any. */
export const booleanOf = (token: string): boolean | undefined => BOOLEANS.get(token)

export const scanBoolean = (token: string): string | undefined =>
  BOOLEANS.has(token) ? undefined : 'invalid boolean'

/** The content of a string between its quotes. */
export function unescapeString(text: string): string {
  if (!text.includes('\\')) return text
  // Text without a doubled backslash, as most is, has one escape only: that goes without a regular expression.
  return text.includes('\\\\') ? text.replace(/\\(["\\])/g, '$1') : text.replaceAll('\\"', '"')
}

/** A field's value, or the reason why it cannot be read: nothing is left out in silence. */
export function fieldValue(text: string): Element | string {
  const bool = booleanOf(text)
  if (bool !== undefined) return { kind: Kind.bool, value: bool }
  if (text.startsWith('[') && text.endsWith(']')) return arrayValue(text.slice(1, -1))
  if (!text.startsWith('"')) return numberValue(text)
  const end = closingQuote(text)
  if (end === text.length - 1) return { kind: Kind.string, value: unescapeString(text.slice(1, end)) }
  return end === text.length - 2 && text.endsWith('b') ? bytesValue(text.slice(1, end)) : unreadable(text)
}

function closingQuote(text: string): number {
  let at = 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function numberValue(text: string): Element | string {
  if (text.endsWith('i')) return integerValue(text, Kind.int, /^[+-]?[0-9]+i$/, -INT64_MAX - 1n, INT64_MAX)
  if (text.endsWith('u')) return integerValue(text, Kind.uint, /^[0-9]+u$/, 0n, UINT64_MAX)
  const value = floatValue(text)
  return value === undefined ? unreadable(text) : { kind: Kind.float, value }
}

function integerValue(text: string, kind: Kind, shape: RegExp, min: bigint, max: bigint): Element | string {
  if (!shape.test(text)) return unreadable(text)
  const value = BigInt(text.slice(text.startsWith('+') ? 1 : 0, -1))
  return value < min || value > max ? unreadable(text) : { kind, value: integer(value) }
}

/** NaN with the bits that Go gives the word, as far as the engine keeps the payload of a NaN. */
export const NAN: number = new Float64Array(BigUint64Array.of(0x7ff8_0000_0000_0001n).buffer)[0]!

const WORDS: ReadonlyMap<string, number> = new Map([
  ['nan', NAN],
  ['inf', Infinity],
  ['infinity', Infinity],
])

/** A float as arrays take it: also nan and a signed inf, in any case. */
function floatValue(text: string): number | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  const digits = text.slice(sign.length)
  const word = WORDS.get(digits.toLowerCase())
  if (Number.isNaN(word)) return sign === '' ? word : undefined
  const value = word ?? (FLOAT.test(digits) ? Number(digits) : undefined)
  if (value === undefined || (word === undefined && value === Infinity)) return undefined
  return sign === '-' ? -value : value
}

function bytesValue(base64: string): Element | string {
  const bytes = decodeBase64(base64)
  return bytes ? { kind: Kind.bytes, value: bytes } : `invalid base64 ${shorten(base64)}`
}

/** Bytes of standard base64 with its padding; undefined when it is not. */
export function decodeBase64(text: string): Buffer | undefined {
  const plain = text.replace(/[\r\n]/g, '')
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return undefined
  return Buffer.from(plain, 'base64')
}

/** Elements of one kind, that of the first. A comma at the end is fine. */
function arrayValue(text: string): Element | string {
  const parts = splitElements(text)
  if (parts.at(-1) === '') parts.pop()
  const elements: Element[] = []
  for (const part of parts) {
    const element = elementValue(part, elements[0]?.kind)
    if (typeof element === 'string') return element
    if (element.kind === Kind.array || (elements[0] && elements[0].kind !== element.kind))
      return unreadable(part)
    elements.push(element)
  }
  return { kind: Kind.array, value: elements }
}

/** An element; after a boolean 1 and 0 are booleans too. */
function elementValue(text: string, kind: Kind | undefined): Element | string {
  if (kind === Kind.bool && (text === '1' || text === '0')) return { kind, value: text === '1' }
  return fieldValue(text.includes('"') ? text.trim() : text)
}

function splitElements(text: string): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]
    if (unit === '\\') at++
    else if (unit === '"') quoted = !quoted
    else if (unit === ',' && !quoted) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

const shorten = (text: string): string => (text.length > 64 ? `${text.slice(0, 64)}…` : text)
const unreadable = (text: string): string => `unreadable value ${shorten(text)}`
