// Reads JSON bodies: an array of points, each in the simple form {measurement, tags, fields, time} or as PBJSON
// (pbjson-decode.ts). Simple numbers become float64; a null or anything else that no field can hold leaves a field
// without a value.
import { isUtf8 } from 'node:buffer'
import { AgentError } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { JsonNumber, JsonObject, parseJson, type JsonValue } from './json-text.ts'
import { readPbJson } from './pbjson-decode.ts'
import { Kind, keyValue, makePoint, tag, type Element, type KeyValue, type Point } from './point.ts'
import { bytesText } from './text.ts'

/** The points of a body as they stand: no checks, no time rules, time 0 when absent. Errors are POINT_JSON. */
export function decodeJson(body: Uint8Array): Result<Point[]> {
  const parsed = parseJson(jsonText(body))
  if ('fault' in parsed) return refuse(parsed.fault)
  if (parsed.value === null) return ok([])
  if (!Array.isArray(parsed.value))
    return refuse(`the body is ${kindOf(parsed.value)}, not an array of points`)
  const points: Point[] = []
  for (const [index, value] of parsed.value.entries()) {
    const point = readPoint(value)
    if (typeof point === 'string') return refuse(`point ${index}: ${point}`)
    points.push(point)
  }
  return ok(points)
}

const refuse = (detail: string) => err(new AgentError('POINT_JSON', detail))

/** JSON is UTF-8: a byte that is not becomes U+FFFD. */
function jsonText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return isUtf8(bytes)
    ? bytes.toString()
    : bytesText(bytes).replace(/[\udc80-\udcff](?<![\ud800-\udbff].)/g, '\ufffd')
}

function readPoint(value: JsonValue): Point | string {
  if (!(value instanceof JsonObject)) return `${kindOf(value)} is no point`
  const exact = readPbJson(value)
  if (exact.point) return exact.point
  if (exact.fatal) return exact.fault
  const simple = readSimple(value)
  // A list of fields is PBJSON's form: its own fault says more.
  if (typeof simple !== 'string' || !hasFieldList(value)) return simple
  return exact.fault
}

const hasFieldList = (object: JsonObject): boolean =>
  object.entries.some(([key, value]) => key === 'fields' && Array.isArray(value))

interface Simple {
  measurement: string
  tags: Map<string, string>
  fields: Map<string, Element>
  time: bigint
}

const MEMBERS: readonly (readonly [RegExp, (into: Simple, value: JsonValue) => string | undefined])[] = [
  [/^measurement$/iu, readMeasurement],
  [/^tags$/iu, readTags],
  [/^fields$/iu, readFields],
  [/^time$/iu, readTime],
]

/** The simple form: keys in any case, unknown ones ignored, repeated objects merged. */
function readSimple(object: JsonObject): Point | string {
  const simple: Simple = { measurement: '', tags: new Map(), fields: new Map(), time: 0n }
  for (const [key, value] of object.entries) {
    const fault = MEMBERS.find(([name]) => name.test(key))?.[1](simple, value)
    if (fault !== undefined) return fault
  }
  // Fields first: when a field and a tag come to the same key, the field stays.
  const kvs: KeyValue[] = []
  for (const [key, { kind, value }] of simple.fields)
    if (!simple.tags.has(key)) kvs.push(keyValue(key, kind, value))
  for (const [key, value] of simple.tags) kvs.push(tag(key, value))
  return makePoint(simple.measurement, kvs, simple.time)
}

function readMeasurement(into: Simple, value: JsonValue): string | undefined {
  if (value === null) return undefined
  if (typeof value !== 'string') return `measurement must be text, got ${kindOf(value)}`
  into.measurement = value
  return undefined
}

function readTags(into: Simple, value: JsonValue): string | undefined {
  if (value === null) into.tags.clear()
  else if (!(value instanceof JsonObject)) return `tags must be an object, got ${kindOf(value)}`
  else
    for (const [key, text] of value.entries) {
      if (text !== null && typeof text !== 'string') return `tag ${key} must be text, got ${kindOf(text)}`
      into.tags.set(key, text ?? '')
    }
  return undefined
}

function readFields(into: Simple, value: JsonValue): string | undefined {
  if (value === null) into.fields.clear()
  else if (!(value instanceof JsonObject)) return `fields must be an object, got ${kindOf(value)}`
  else
    for (const [key, item] of value.entries) {
      const element = fieldElement(item)
      if (typeof element === 'string') return `field ${key}: ${element}`
      into.fields.set(key, element)
    }
  return undefined
}

function readTime(into: Simple, value: JsonValue): string | undefined {
  if (value === null) return undefined
  if (!(value instanceof JsonNumber)) return `time must be an integer, got ${kindOf(value)}`
  const time = int64(value.text)
  if (time === undefined) return `time must be an int64, got ${value.text}`
  into.time = time
  return undefined
}

const NIL: Element = { kind: Kind.nil, value: null }

function fieldElement(value: JsonValue): Element | string {
  if (typeof value === 'string') return { kind: Kind.string, value }
  if (typeof value === 'boolean') return { kind: Kind.bool, value }
  if (value instanceof JsonNumber) {
    const number = Number(value.text)
    return Number.isFinite(number) ? { kind: Kind.float, value: number } : `${value.text} is beyond float64`
  }
  if (value instanceof JsonObject) return objectElement(value)
  return value === null ? NIL : arrayElement(value)
}

/** An object has no value, and yet what is in it must be readable. */
function objectElement(object: JsonObject): Element | string {
  for (const [, item] of object.entries) {
    const element = fieldElement(item)
    if (typeof element === 'string') return element
  }
  return NIL
}

/** An array of one kind; anything else has no value. */
function arrayElement(values: readonly JsonValue[]): Element | string {
  const elements: Element[] = []
  let mixed = false
  for (const value of values) {
    const element = fieldElement(value)
    if (typeof element === 'string') return element
    mixed ||= element.kind === Kind.nil || element.kind === Kind.array
    mixed ||= elements.length > 0 && element.kind !== elements[0]!.kind
    elements.push(element)
  }
  return mixed ? NIL : { kind: Kind.array, value: elements }
}

/** An int64 in plain digits, undefined for anything else. */
function int64(text: string): bigint | undefined {
  if (!/^-?[0-9]+$/.test(text) || text.length > 40) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** What a value is, for messages. */
function kindOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (value instanceof JsonNumber) return 'a number'
  if (value instanceof JsonObject) return 'an object'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'string' ? 'text' : 'a boolean'
}
