// Protobuf v2 of points. Encoded points are fragments of a PBPoints message: concatenated they are a PBPoints again.
//
//   PBPoints { 1 rep PBPoint }
//   PBPoint  { 1 name, 2 rep Field, 3 int64 time, 4 rep Warn { 1 type, 2 message }, 5 rep Debug { 1 info } }
//   Field    { 1 key, oneof (2 int64 i, 3 uint64 u, 4 double f, 5 bool b, 6 bytes d, 7 Any a, 11 string s),
//              8 bool is_tag, 9 enum type, 10 unit }         written as key, is_tag, type, unit, then the value
//   Any      { 1 type_url, 2 value }                         of point.Array { 1 rep Basic } or point.Map { 1 map }
//   Basic    { oneof (1 i, 2 u, 3 f, 4 b, 5 d, 6 s) }
import { ByteBuffer } from './byte-buffer.ts'
import { Kind, type AnyValue, type Element, type Integer, type KeyValue, type Point } from './point.ts'
import { lengthOf, textByteLength } from './text.ts'

export const ARRAY_URL = 'type.googleapis.com/point.Array'
export const MAP_URL = 'type.googleapis.com/point.Map'

/** The points as one PBPoints message, in the memory given if they fit. */
export function encodePoints(points: readonly Point[], memory?: SharedArrayBuffer): Buffer {
  const out = new ByteBuffer(memory ?? Math.max(256, points.length * 256))
  for (const point of points) appendPoint(out, point)
  return out.written()
}

/** A point of 128 to 16,383 bytes, as nearly all are, has a length of two bytes; another costs a move. */
const USUAL_SIZE = 1024

/** Appends one point as a fragment of PBPoints. */
export function appendPoint(out: ByteBuffer, point: Point): void {
  out.byte(0x0a)
  const mark = out.openSized(USUAL_SIZE)
  if (point.name !== '') {
    out.byte(0x0a)
    out.sizedText(point.name)
  }
  for (const kv of point.kvs) appendKeyValue(out, kv)
  if (point.time !== 0n) {
    out.byte(0x18)
    out.varint64(point.time)
  }
  if (point.warns.length > 0) for (const warn of point.warns) appendPair(out, 0x22, warn.type, warn.message)
  if (point.debugs.length > 0) for (const debug of point.debugs) appendPair(out, 0x2a, debug, '')
  out.closeSized(mark, USUAL_SIZE)
}

function guessValueSize({ kind, value }: KeyValue): number {
  if (kind === Kind.string) return lengthOf(value as string)
  if (kind === Kind.bytes) return (value as Uint8Array).length
  return kind >= Kind.array ? 128 : 8
}

/** A message of two strings: Warn, or Debug when the second is empty. */
function appendPair(out: ByteBuffer, fieldTag: number, first: string, second: string): void {
  const guess = first.length + second.length + 4
  out.byte(fieldTag)
  const mark = out.openSized(guess)
  if (first !== '') {
    out.byte(0x0a)
    out.sizedText(first)
  }
  if (second !== '') {
    out.byte(0x12)
    out.sizedText(second)
  }
  out.closeSized(mark, guess)
}

/** Appends one Field of a PBPoint. */
export function appendKeyValue(out: ByteBuffer, kv: KeyValue): void {
  out.byte(0x12)
  const guess = lengthOf(kv.key) + 6 + guessValueSize(kv)
  const mark = out.openSized(guess)
  if (kv.key !== '') {
    out.byte(0x0a)
    out.sizedText(kv.key)
  }
  if (kv.isTag) {
    out.byte(0x40)
    out.byte(1)
  }
  if (kv.type !== 0) {
    out.byte(0x48)
    out.varint64(kv.type)
  }
  if (kv.unit !== '') {
    out.byte(0x52)
    out.sizedText(kv.unit)
  }
  appendValue(out, kv)
  out.closeSized(mark, guess)
}

function appendValue(out: ByteBuffer, kv: KeyValue): void {
  switch (kv.kind) {
    case Kind.nil:
      return
    case Kind.string:
      out.byte(0x5a)
      return out.sizedText(kv.value as string)
    case Kind.array:
      return appendAny(out, ARRAY_URL, (body) => appendElements(body, kv.value as readonly Element[]))
    case Kind.map:
      return appendAny(out, MAP_URL, (body) => appendMap(body, kv.value as ReadonlyMap<string, Element>))
    case Kind.any: {
      const { typeUrl, bytes } = kv.value as AnyValue
      return appendAny(out, typeUrl, (body) => body.append(bytes))
    }
    default:
      // The scalar numbers of Field are those of Basic plus one.
      appendScalar(out, kv, 1)
  }
}

/** A scalar under its Basic number plus `shift`. */
function appendScalar(out: ByteBuffer, { kind, value }: Element, shift: number): void {
  switch (kind) {
    case Kind.int:
      out.byte((1 + shift) << 3)
      return out.varint64(value as Integer)
    case Kind.uint:
      out.byte((2 + shift) << 3)
      return out.varint64(value as Integer)
    case Kind.float:
      out.byte(((3 + shift) << 3) | 1)
      return out.double(value as number)
    case Kind.bool:
      out.byte((4 + shift) << 3)
      return out.byte(value ? 1 : 0)
    case Kind.bytes:
      out.byte(((5 + shift) << 3) | 2)
      return out.sizedBytes(value as Uint8Array)
  }
}

function appendAny(out: ByteBuffer, typeUrl: string, body: (out: ByteBuffer) => void): void {
  out.byte(0x3a)
  const any = out.openSized(128)
  if (typeUrl !== '') {
    out.byte(0x0a)
    out.sizedText(typeUrl)
  }
  out.byte(0x12)
  const mark = out.openSized(64)
  const start = out.length
  body(out)
  if (out.length === start) out.length = mark - 1
  else out.closeSized(mark, 64)
  out.closeSized(any, 128)
}

function appendElements(out: ByteBuffer, elements: readonly Element[]): void {
  for (const element of elements) {
    out.byte(0x0a)
    appendElement(out, element)
  }
}

function appendElement(out: ByteBuffer, element: Element): void {
  const mark = out.openSized(1)
  if (element.kind === Kind.string) {
    out.byte(0x32)
    out.sizedText(element.value as string)
  } else if (element.kind !== Kind.nil) appendScalar(out, element, 0)
  out.closeSized(mark, 1)
}

/** Entries in the order of their keys, as a sorted marshaller writes them. */
function appendMap(out: ByteBuffer, map: ReadonlyMap<string, Element>): void {
  for (const [key, element] of [...map].sort(([a], [b]) => (a < b ? -1 : 1))) {
    out.byte(0x0a)
    const mark = out.openSized(1)
    out.byte(0x0a)
    out.sizedText(key)
    out.byte(0x12)
    appendElement(out, element)
    out.closeSized(mark, 1)
  }
}

/** The bytes of an array's or map's Any value, as PBJSON and size estimates need them. */
export function anyValue(kv: Element): AnyValue {
  const out = new ByteBuffer(256)
  if (kv.kind === Kind.array) appendElements(out, kv.value as readonly Element[])
  else if (kv.kind === Kind.map) appendMap(out, kv.value as ReadonlyMap<string, Element>)
  else return kv.value as AnyValue
  return { typeUrl: kv.kind === Kind.array ? ARRAY_URL : MAP_URL, bytes: out.written() }
}

/**
 * Size of a point as body limits count it (spec points-io-http.md section 2.1): name, and for each key 13 bytes, its
 * unit and its value (8 a number, 1 a bool, text and bytes their length, an array its type URL and bytes), and the
 * text of warns and debugs.
 */
export function pointSize(point: Point): number {
  let size = textByteLength(point.name)
  for (const kv of point.kvs) size += textByteLength(kv.key) + 13 + textByteLength(kv.unit) + valueSize(kv)
  for (const warn of point.warns) size += textByteLength(warn.type) + textByteLength(warn.message)
  for (const debug of point.debugs) size += textByteLength(debug)
  return size
}

function valueSize(kv: KeyValue): number {
  switch (kv.kind) {
    case Kind.nil:
      return 0
    case Kind.bool:
      return 1
    case Kind.string:
      return textByteLength(kv.value as string)
    case Kind.bytes:
      return (kv.value as Uint8Array).length
    case Kind.array:
    case Kind.map:
    case Kind.any: {
      const { typeUrl, bytes } = anyValue(kv)
      return typeUrl.length + bytes.length
    }
    default:
      return 8
  }
}
