// Writes points as JSON (simple form: `echo=json`) and as PBJSON (exact: 64-bit integers as text).
import { floatText } from './line-protocol.ts'
import { Kind, MetricType, type AnyValue, type Element, type KeyValue, type Point } from './point.ts'
import { ARRAY_URL, MAP_URL } from './protobuf.ts'
import { compareText } from './text.ts'

/**
 * The points as an array of {measurement, tags, fields, time}, keys sorted. Integers are written in full, so a reader
 * needs more than float64 for large ones. Bytes become base64, a float that is no number null.
 */
export const encodeJson = (points: readonly Point[]): string => `[${points.map(simplePoint).join(',')}]`

function simplePoint(point: Point): string {
  const kvs = point.kvs.toSorted((a, b) => compareText(a.key, b.key))
  const tags = kvs.filter((kv) => kv.isTag).map(simpleMember)
  const fields = kvs.filter((kv) => !kv.isTag).map(simpleMember)
  const tagPart = tags.length > 0 ? `"tags":{${tags.join(',')}},` : ''
  return `{"measurement":${quote(point.name)},${tagPart}"fields":{${fields.join(',')}},"time":${point.time}}`
}

const quote = (text: string): string => JSON.stringify(text.toWellFormed())
const simpleMember = (kv: KeyValue): string => `${quote(kv.key)}:${simpleValue(kv)}`

function simpleValue({ kind, value }: Element): string {
  switch (kind) {
    case Kind.nil:
      return 'null'
    case Kind.string:
      return quote(value as string)
    case Kind.float:
      return Number.isFinite(value) ? floatText(value as number) : 'null'
    case Kind.bytes:
      return quote(base64(value as Uint8Array))
    case Kind.array:
      return `[${(value as readonly Element[]).map(simpleValue).join(',')}]`
    case Kind.map:
      return `{${entriesOf(value).map(([key, item]) => `${quote(key)}:${simpleValue(item)}`)}}`
    case Kind.any:
      return quote(base64((value as AnyValue).bytes))
    default:
      return String(value)
  }
}

const entriesOf = (value: Element['value']) => [...(value as ReadonlyMap<string, Element>)]

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')

/** The points in PBJSON. */
export const encodePbJson = (points: readonly Point[]): string => `[${points.map(exactPoint).join(',')}]`

function exactPoint(point: Point): string {
  const parts = [
    `"name":${quote(point.name)}`,
    `"fields":[${point.kvs.map(exactField).join(',')}]`,
    `"time":"${point.time}"`,
  ]
  if (point.warns.length > 0)
    parts.push(
      `"warns":[${point.warns.map((w) => `{"type":${quote(w.type)},"message":${quote(w.message)}}`).join(',')}]`,
    )
  if (point.debugs.length > 0)
    parts.push(`"debugs":[${point.debugs.map((info) => `{"info":${quote(info)}}`).join(',')}]`)
  return `{${parts.join(',')}}`
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MetricType).map(([name, type]) => [type, `"${name.toUpperCase()}"`]),
)

function exactField(kv: KeyValue): string {
  const parts = [`"key":${quote(kv.key)}`]
  const value = exactValue(kv)
  if (value !== '') parts.push(value)
  if (kv.isTag) parts.push('"is_tag":true')
  if (kv.type !== 0) parts.push(`"type":${TYPE_NAMES.get(kv.type) ?? kv.type}`)
  if (kv.unit !== '') parts.push(`"unit":${quote(kv.unit)}`)
  return `{${parts.join(',')}}`
}

/** The member that holds a value, '' when there is none. */
function exactValue({ kind, value }: Element): string {
  switch (kind) {
    case Kind.nil:
      return ''
    case Kind.int:
      return `"i":"${String(value)}"`
    case Kind.uint:
      return `"u":"${String(value)}"`
    case Kind.float:
      return `"f":${Number.isFinite(value) ? floatText(value as number) : quote(String(value))}`
    case Kind.bool:
      return `"b":${String(value)}`
    case Kind.string:
      return `"s":${quote(value as string)}`
    case Kind.bytes:
      return `"d":${quote(base64(value as Uint8Array))}`
    case Kind.array: {
      const elements = (value as readonly Element[]).map((element) => `{${exactValue(element)}}`)
      return `"a":{"@type":"${ARRAY_URL}","arr":[${elements.join(',')}]}`
    }
    case Kind.map: {
      const entries = entriesOf(value).map(([key, item]) => `${quote(key)}:{${exactValue(item)}}`)
      return `"a":{"@type":"${MAP_URL}","map":{${entries.join(',')}}}`
    }
    case Kind.any: {
      const { typeUrl, bytes } = value as AnyValue
      return `"a":{"@type":${quote(typeUrl)},"value":${quote(base64(bytes))}}`
    }
  }
}
