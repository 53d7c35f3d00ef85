// Reads one point in PBJSON, the JSON form of protobuf:
//   {name, fields: [{key, i|u|f|b|s|d|a, is_tag, type, unit}], time, warns: [{type, message|msg}], debugs: [{info}]}
// 64-bit integers as text or numbers, bytes as base64, arrays and maps as an Any with "@type". Unknown keys are refused,
// null is the zero value.
import { decodeBase64, NAN } from './line-value.ts'
import { JsonNumber, JsonObject, parseJson, type JsonValue } from './json-text.ts'
import { anyValue, ARRAY_URL, MAP_URL } from './protobuf.ts'
import {
  Kind,
  MetricType,
  integer,
  keyValue,
  makePoint,
  type Element,
  type KeyValue,
  type Point,
} from './point.ts'

/** `fatal`: it is PBJSON all right, and broken, so no other form needs to be tried. */
export type PbJson =
  | { readonly point: Point }
  | { readonly point?: undefined; readonly fault: string; readonly fatal: boolean }

class Fault {
  readonly text: string
  readonly fatal: boolean
  constructor(text: string, fatal = false) {
    this.text = text
    this.fatal = fatal
  }
}

/** A value or what is wrong with it. */
type Read<T> = T | Fault

export function readPbJson(object: JsonObject): PbJson {
  const point = makePoint('', [], 0n)
  for (const [key, value] of members(object)) {
    const fault = readMember(point, key, value)
    if (fault) return { fault: `${key}: ${fault.text}`, fatal: fault.fatal }
  }
  return { point }
}

/** The members of an object, of a repeated key the last. */
const members = (object: JsonObject): Map<string, JsonValue> => new Map(object.entries)

function readMember(point: Point, key: string, value: JsonValue): Fault | undefined {
  switch (key) {
    case 'name':
      return assign(text(value), (name) => void (point.name = name))
    case 'time':
      return assign(whole(value, 64, true), (time) => void (point.time = time))
    case 'fields':
      return each(value, (item) => assign(readField(item), (kv) => void point.kvs.push(kv)))
    case 'warns':
      return each(value, (item) => assign(readPair(item), (pair) => void point.warns.push(pair)))
    case 'debugs':
      return each(value, (item) => assign(readInfo(item), (info) => void point.debugs.push(info)))
    default:
      return new Fault('unknown key')
  }
}

function assign<T>(read: Read<T>, to: (value: T) => void): Fault | undefined {
  if (read instanceof Fault) return read
  to(read)
  return undefined
}

/** Walks a list of objects. Null stands for no list; a null inside of one is broken beyond the other form's help. */
function each(list: JsonValue, take: (item: JsonObject) => Fault | undefined): Fault | undefined {
  if (list === null) return undefined
  if (!Array.isArray(list)) return new Fault('not a list')
  for (const [index, item] of list.entries()) {
    const fault =
      item instanceof JsonObject
        ? take(item)
        : new Fault(item === null ? 'is null' : 'not an object', item === null)
    if (fault) return new Fault(`[${index}] ${fault.text}`, fault.fatal)
  }
  return undefined
}

function readPair(object: JsonObject): Read<{ type: string; message: string }> {
  const pair = { type: '', message: '' }
  const parts = members(object)
  for (const [key, value] of parts) {
    const name = key === 'msg' ? 'message' : key
    if (name !== 'type' && name !== 'message') return new Fault(`unknown key ${key}`)
    if (key === 'msg' && parts.has('message')) continue
    const fault = assign(text(value), (content) => void (pair[name] = content))
    if (fault) return fault
  }
  return pair
}

function readInfo(object: JsonObject): Read<string> {
  let info = ''
  for (const [key, value] of members(object)) {
    const fault =
      key === 'info'
        ? assign(text(value), (content) => void (info = content))
        : new Fault(`unknown key ${key}`)
    if (fault) return fault
  }
  return info
}

function readField(object: JsonObject): Read<KeyValue> {
  const kv = keyValue('', Kind.nil, null)
  for (const [key, value] of members(object)) {
    const fault = readFieldMember(kv, key, value)
    if (fault) return new Fault(`${key}: ${fault.text}`, fault.fatal)
  }
  if (kv.isTag && kv.kind !== Kind.string) return new Fault(`tag ${JSON.stringify(kv.key)} has no text`, true)
  return kv
}

function readFieldMember(kv: KeyValue, key: string, value: JsonValue): Fault | undefined {
  switch (key) {
    case 'key':
      return assign(text(value), (content) => void (kv.key = content))
    case 'is_tag':
      return assign(bool(value), (isTag) => void (kv.isTag = isTag))
    case 'type':
      return assign(metricType(value), (type) => void (kv.type = type))
    case 'unit':
      return assign(text(value), (unit) => void (kv.unit = unit))
    case 'a':
      return assign(any(value), (element) => setValue(kv, element))
    default: {
      const element = scalar(key, value)
      return element ? assign(element, (set) => setValue(kv, set)) : new Fault('unknown key')
    }
  }
}

function setValue(kv: KeyValue, element: Element): void {
  kv.kind = element.kind
  kv.value = element.value
}

/** A scalar by the letter of its kind; undefined when there is no such kind. */
function scalar(key: string, value: JsonValue): Read<Element> | undefined {
  switch (key) {
    case 'i':
      return typed(Kind.int, whole(value, 64, true), integer)
    case 'u':
      return typed(Kind.uint, whole(value, 64, false), integer)
    case 'f':
      return typed(Kind.float, float(value))
    case 'b':
      return typed(Kind.bool, bool(value))
    case 's':
      return typed(Kind.string, text(value))
    case 'd':
      return typed(Kind.bytes, bytes(value))
    default:
      return undefined
  }
}

function typed<T>(
  kind: Kind,
  read: Read<T>,
  convert: (value: T) => Element['value'] = (value) => value as Element['value'],
): Read<Element> {
  return read instanceof Fault ? read : { kind, value: convert(read) }
}

function text(value: JsonValue): Read<string> {
  if (value === null) return ''
  return typeof value === 'string' ? value : new Fault('must be text')
}

function bool(value: JsonValue): Read<boolean> {
  if (value === null) return false
  return typeof value === 'boolean' ? value : new Fault('must be true or false')
}

/** What a number may also be written as: text that holds it, spaces around it allowed. */
function unquoted(value: JsonValue): JsonValue | undefined {
  if (typeof value !== 'string') return value
  const inner = parseJson(value)
  return 'fault' in inner || typeof inner.value === 'string' ? undefined : inner.value
}

function whole(value: JsonValue, bits: number, isSigned: boolean): Read<bigint> {
  const number = unquoted(value)
  if (number === null) return 0n
  if (number instanceof JsonNumber && /^-?[0-9]{1,40}$/.test(number.text)) {
    const exact = BigInt(number.text)
    const same = isSigned ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact)
    if (same === exact && (isSigned || !number.text.startsWith('-'))) return exact
  }
  return new Fault(`must be ${isSigned ? 'an int' : 'a uint'}${bits}`)
}

const SPECIAL: ReadonlyMap<JsonValue, number> = new Map<JsonValue, number>([
  ['NaN', NAN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
])

function float(value: JsonValue): Read<number> {
  const special = SPECIAL.get(value)
  if (special !== undefined) return special
  const number = unquoted(value)
  if (number === null) return 0
  const double = number instanceof JsonNumber ? Number(number.text) : NaN
  return Number.isFinite(double) ? double : new Fault('must be a float64')
}

function bytes(value: JsonValue): Read<Uint8Array> {
  if (value === null) return new Uint8Array()
  const decoded = typeof value === 'string' ? decodeBase64(value) : undefined
  return decoded ?? new Fault('must be base64')
}

const TYPES: ReadonlyMap<JsonValue, MetricType> = new Map<JsonValue, MetricType>([
  ['UNSPECIFIED', MetricType.unspecified],
  ['COUNT', MetricType.count],
  ['RATE', MetricType.rate],
  ['GAUGE', MetricType.gauge],
])

/** A metric type by name, or any number: those without a name travel on. */
function metricType(value: JsonValue): Read<MetricType> {
  const named = TYPES.get(value)
  if (named !== undefined) return named
  if (typeof value === 'string') return new Fault('no such metric type')
  const number = whole(value, 32, true)
  return number instanceof Fault ? number : (Number(number) as MetricType)
}

function any(value: JsonValue): Read<Element> {
  if (value === null) return { kind: Kind.nil, value: null }
  if (!(value instanceof JsonObject)) return new Fault('must be an object with "@type"')
  const parts = members(value)
  const url = parts.get('@type')
  if (typeof url !== 'string') return new Fault('has no "@type"')
  parts.delete('@type')
  // The name after the last slash is what counts; the URL itself travels on.
  const name = url.slice(url.lastIndexOf('/') + 1)
  const element = name === 'point.Array' ? array(parts) : name === 'point.Map' ? map(parts) : undefined
  if (!element) return new Fault(`unknown "@type" ${url}`)
  if (element instanceof Fault || url === ARRAY_URL || url === MAP_URL) return element
  return { kind: Kind.any, value: { typeUrl: url, bytes: anyValue(element).bytes } }
}

function array(parts: Map<string, JsonValue>): Read<Element> {
  const elements: Element[] = []
  for (const [key, list] of parts) {
    const fault =
      key === 'arr'
        ? each(list, (item) => assign(basic(item), (element) => void elements.push(element)))
        : new Fault(`unknown key ${key}`)
    if (fault) return fault
  }
  return { kind: Kind.array, value: elements }
}

function map(parts: Map<string, JsonValue>): Read<Element> {
  const elements = new Map<string, Element>()
  for (const [key, object] of parts) {
    if (key !== 'map') return new Fault(`unknown key ${key}`)
    if (object === null) continue
    if (!(object instanceof JsonObject)) return new Fault('map must be an object')
    for (const [name, item] of members(object)) {
      if (!(item instanceof JsonObject)) return new Fault(`${name} is no value`, item === null)
      const fault = assign(basic(item), (element) => void elements.set(name, element))
      if (fault) return fault
    }
  }
  return { kind: Kind.map, value: elements }
}

function basic(object: JsonObject): Read<Element> {
  let element: Element = { kind: Kind.nil, value: null }
  for (const [key, value] of members(object)) {
    const fault = assign(scalar(key, value) ?? new Fault(`unknown key ${key}`), (set) => void (element = set))
    if (fault) return fault
  }
  return element
}
