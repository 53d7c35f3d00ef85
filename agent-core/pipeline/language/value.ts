// Script values as plain JavaScript values, chosen so that integer arithmetic needs no box and 1 never equals 1.0:
//
//   int   number while it is a safe integer, bigint beyond (always the canonical one of the two)
//   float Float, the only boxed scalar
//   str   string; a byte that is not UTF-8 is the lone surrogate U+DC00 + byte (point/text.ts)
//   bool, nil, void   boolean, null, undefined
//   list, map         array, Map: shared by reference as scripts see them
import { integer } from '../../point/point.ts'

export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** A value that goes by another type than its own: what the cache gives is typed str whatever it holds. */
export class Opaque {
  readonly value: Value
  readonly type: TypeName
  constructor(value: Value, type: TypeName) {
    this.value = value
    this.type = type
  }
}

export type ScriptList = Value[]
export type ScriptMap = Map<string, Value>
export type Value =
  | number
  | bigint
  | Float
  | string
  | boolean
  | null
  | undefined
  | ScriptList
  | ScriptMap
  | Opaque

export type TypeName = 'nil' | 'bool' | 'int' | 'float' | 'str' | 'list' | 'map' | 'void'

export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'int'
    case 'string':
      return 'str'
    case 'boolean':
      return 'bool'
    case 'undefined':
      return 'void'
    default:
      if (value === null) return 'nil'
      if (value instanceof Float) return 'float'
      if (value instanceof Map) return 'map'
      return value instanceof Opaque ? value.type : 'list'
  }
}

/** What `if` and `for` see. */
export function truthy(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'number':
      return value !== 0
    case 'bigint':
      return true
    case 'string':
      return value !== ''
    case 'undefined':
      return false
    default:
      if (value === null) return false
      // NaN is not 0.0.
      if (value instanceof Float) return value.value !== 0
      if (value instanceof Map) return value.size > 0
      return value instanceof Opaque ? truthy(value.value) : value.length > 0
  }
}

/** Deep equality with types: 1 is not 1.0, nil is not void. */
export function deepEqual(a: Value, b: Value): boolean {
  if (a instanceof Float) return b instanceof Float && a.value === b.value
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Opaque) return b instanceof Opaque && deepEqual(a.value, b.value)
  return sameItems(a, b, new Map())
}

/** Pairs met before count as equal, so lists and maps that hold themselves come to an end. */
function sameItems(a: object, b: object, met: Map<object, Set<object>>): boolean {
  const partners = met.get(a) ?? new Set()
  if (partners.has(b)) return true
  met.set(a, partners.add(b))
  const same = (x: Value, y: Value): boolean =>
    isContainer(x) && isContainer(y) ? x === y || sameItems(x, y, met) : deepEqual(x, y)
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((x, i) => same(x, b[i]))
  if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false
  for (const [key, value] of a) if (!b.has(key) || !same(value, b.get(key))) return false
  return true
}

const isContainer = (value: Value): value is ScriptList | ScriptMap =>
  Array.isArray(value) || value instanceof Map

const WRAP = 64

/** The int64 that a mathematical integer wraps to. */
export const wrapInt = (value: bigint): number | bigint => integer(BigInt.asIntN(WRAP, value))

/** Any 64-bit text as an int value, saturated by the caller. */
export const intValue = (value: bigint): number | bigint => integer(value)

/** float64 to int64 as Go on amd64 does it: towards zero, everything out of range is the smallest int64. */
export function floatToInt(value: number): number | bigint {
  if (Number.isNaN(value) || value >= 2 ** 63 || value < -(2 ** 63)) return -(2n ** 63n)
  const whole = Math.trunc(value) + 0
  return Number.isSafeInteger(whole) ? whole : BigInt(whole)
}

/** A float as text: shortest decimal, never an exponent. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  const at = text.indexOf('e')
  return at < 0 ? text : withoutExponent(text.slice(0, at), Number(text.slice(at + 1)))
}

function withoutExponent(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length)
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** A value as a tag or an in-place function sees it; undefined when its JSON text cannot be made. */
export function valueText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return ''
    default:
      if (value === null) return ''
      if (value instanceof Float) return floatText(value.value)
      return value instanceof Opaque ? valueText(value.value) : (jsonText(value) ?? '')
  }
}

/** What is nested deeper holds itself. */
const MAX_DEPTH = 1000

/**
 * JSON as the Go agent writes it: sorted keys, < > & escaped. Undefined when a float is NaN or infinite, or when a
 * list or map holds itself.
 */
export function jsonText(value: Value): string | undefined {
  return nestedJson(value, 0)
}

function nestedJson(value: Value, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return jsonString(value)
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    default:
      if (value === null) return 'null'
      if (value instanceof Float) return jsonFloat(value.value)
      if (value instanceof Opaque) return nestedJson(value.value, depth)
      if (depth > MAX_DEPTH) return undefined
      return Array.isArray(value) ? jsonList(value, depth + 1) : jsonMap(value, depth + 1)
  }
}

function jsonList(list: ScriptList, depth: number): string | undefined {
  const parts: string[] = []
  for (const item of list) {
    const text = nestedJson(item, depth)
    if (text === undefined) return undefined
    parts.push(text)
  }
  return `[${parts.join(',')}]`
}

function jsonMap(map: ScriptMap, depth: number): string | undefined {
  const parts: [string, string][] = []
  for (const [key, value] of map) {
    const text = nestedJson(value, depth)
    if (text === undefined) return undefined
    parts.push([jsonString(key), text])
  }
  // Sorted as they are written, quotes and escapes included: "a b" comes before "a".
  if (parts.length > 1) parts.sort(([a], [b]) => compareText(a, b))
  return `{${parts.map(([key, text]) => `${key}:${text}`).join(',')}}`
}

/** Surrogates stand for code points above U+FFFF. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

/** Order of the UTF-8 bytes, which is the order of code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    return rank(x) - rank(y)
  }
  return a.length - b.length
}

function jsonFloat(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  if (Object.is(value, -0)) return '-0'
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21))
    // Go's encoder leaves at least two exponent digits: 1e-07 but 1e+21.
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return floatText(value)
}

const PLAIN = /^[ !#-%'-;=?-[\]-~]*$/
const ESCAPED = /["\\<>&\u0000-\u001f\u2028\u2029]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** A JSON string literal as Go writes it. */
export function jsonString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  return `"${text.replace(ESCAPED, (c) => {
    if (c.length === 2) return c
    const unit = c.charCodeAt(0)
    if (unit >= 0xd800 && unit <= 0xdfff) return '\\ufffd'
    return SHORT[c] ?? `\\u${unit.toString(16).padStart(4, '0')}`
  })}"`
}
