// Reads PBPoints (the grammar stands in protobuf.ts). Unknown fields are skipped, of a repeated scalar the last wins.
import { AgentError } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { anyValue, ARRAY_URL, MAP_URL } from './protobuf.ts'
import {
  Kind,
  keyValue,
  makePoint,
  type Element,
  type Integer,
  type KeyValue,
  type MetricType,
  type Point,
} from './point.ts'
import { bytesText } from './text.ts'

/**
 * The points of a PBPoints message, as they stand: no checks, no time rules, time 0 when absent. Bytes in values are
 * views of `bytes`. A tag whose value is no string fails, as does any broken wire format (POINT_PROTOBUF).
 */
export function decodePoints(bytes: Uint8Array): Result<Point[]> {
  const reader = new WireReader(bytes)
  const points: Point[] = []
  while (reader.next('PBPoints')) {
    if (reader.field === 1) {
      const end = reader.enter('Arr')
      points.push(readPoint(reader))
      reader.leave(end)
    } else reader.skip()
  }
  return reader.fault === '' ? ok(points) : err(new AgentError('POINT_PROTOBUF', reader.fault))
}

/** Reads protobuf. A fault sticks and ends every loop over `next`, so callers check once, at the end. */
class WireReader {
  fault = ''
  field = 0
  private wire = 0
  private at = 0
  private end: number
  private readonly bytes: Buffer
  private readonly view: DataView
  private low = 0
  private high = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.length
  }

  fail(text: string): void {
    if (this.fault === '') this.fault = text
    this.at = this.end
  }

  /** Moves to the next field of a message; false at its end. */
  next(message: string): boolean {
    if (this.at >= this.end) return false
    this.varint()
    if (this.fault !== '') return false
    this.wire = this.low & 7
    this.field = (this.low >>> 3) | (this.high << 29) | 0
    if (this.wire === 4) this.fail(`proto: ${message}: wiretype end group for non-group`)
    else if (this.field <= 0)
      this.fail(`proto: ${message}: illegal tag ${this.field} (wire type ${this.wire})`)
    return this.fault === ''
  }

  private expect(wire: number, name: string): boolean {
    if (this.wire === wire) return true
    this.fail(`proto: wrong wireType = ${this.wire} for field ${name}`)
    return false
  }

  private varint(): void {
    const { bytes, end } = this
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) return this.fail('unexpected EOF')
      const byte = bytes[this.at++]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.low = low >>> 0
        this.high = high >>> 0
        return
      }
    }
    this.fail('proto: integer overflow')
  }

  int(name: string): Integer {
    if (!this.expect(0, name)) return 0
    this.varint()
    const high = this.high | 0
    if (high >= -0x20_0000 && high < 0x20_0000) {
      const value = high * 0x1_0000_0000 + this.low
      if (Number.isSafeInteger(value)) return value
    }
    return (BigInt(high) << 32n) | BigInt(this.low)
  }

  uint(name: string): Integer {
    if (!this.expect(0, name)) return 0
    this.varint()
    if (this.high < 0x20_0000) return this.high * 0x1_0000_0000 + this.low
    return (BigInt(this.high) << 32n) | BigInt(this.low)
  }

  int64(name: string): bigint {
    if (!this.expect(0, name)) return 0n
    this.varint()
    return (BigInt(this.high | 0) << 32n) | BigInt(this.low)
  }

  bool(name: string): boolean {
    if (!this.expect(0, name)) return false
    this.varint()
    return this.low !== 0 || this.high !== 0
  }

  enum32(name: string): number {
    if (!this.expect(0, name)) return 0
    this.varint()
    return this.low | 0
  }

  double(name: string): number {
    if (!this.expect(1, name)) return 0
    if (this.at + 8 > this.end) {
      this.fail('unexpected EOF')
      return 0
    }
    this.at += 8
    return this.view.getFloat64(this.at - 8, true)
  }

  /** Length of what follows, or 0 after a fault. */
  private size(name: string): number {
    if (!this.expect(2, name)) return 0
    this.varint()
    if (this.high >>> 31 === 1) this.fail('proto: negative length found during unmarshaling')
    else if (this.fault === '' && (this.high > 0 || this.low > this.end - this.at))
      this.fail('unexpected EOF')
    return this.fault === '' ? this.low : 0
  }

  text(name: string): string {
    const size = this.size(name)
    this.at += size
    return bytesText(this.bytes, this.at - size, this.at)
  }

  blob(name: string): Buffer {
    const size = this.size(name)
    this.at += size
    return this.bytes.subarray(this.at - size, this.at)
  }

  /** Narrows the reader to a nested message; give what it returns to `leave`. */
  enter(name: string): number {
    const size = this.size(name)
    const outer = this.end
    this.end = this.at + size
    return outer
  }

  leave(outer: number): void {
    this.end = outer
    if (this.fault !== '') this.at = outer
  }

  /** Skips a field that nobody knows, groups included. */
  skip(): void {
    let depth = 0
    do {
      if (this.wire === 0) this.varint()
      else if (this.wire === 1) this.advance(8)
      else if (this.wire === 2) this.blob('')
      else if (this.wire === 3) depth++
      else if (this.wire === 4) depth--
      else if (this.wire === 5) this.advance(4)
      else this.fail(`proto: illegal wireType ${this.wire}`)
      if (depth > 0 && this.fault === '') {
        if (this.at >= this.end) this.fail('unexpected EOF')
        else this.varint()
        this.wire = this.low & 7
      }
    } while (depth > 0 && this.fault === '')
  }

  private advance(count: number): void {
    if (this.at + count > this.end) this.fail('unexpected EOF')
    else this.at += count
  }
}

function readPoint(reader: WireReader): Point {
  const point = makePoint('', [], 0n)
  while (reader.next('PBPoint')) {
    switch (reader.field) {
      case 1:
        point.name = reader.text('Name')
        break
      case 2: {
        const outer = reader.enter('Fields')
        point.kvs.push(readKeyValue(reader))
        reader.leave(outer)
        break
      }
      case 3:
        point.time = reader.int64('Time')
        break
      case 4: {
        const [type, message] = readPair(reader, 'Warn')
        point.warns.push({ type, message })
        break
      }
      case 5:
        point.debugs.push(readPair(reader, 'Debug')[0])
        break
      default:
        reader.skip()
    }
  }
  return point
}

function readPair(reader: WireReader, message: string): [string, string] {
  const pair: [string, string] = ['', '']
  const outer = reader.enter(`${message}s`)
  while (reader.next(message)) {
    if (reader.field === 1) pair[0] = reader.text('Type')
    else if (reader.field === 2 && message === 'Warn') pair[1] = reader.text('Msg')
    else reader.skip()
  }
  reader.leave(outer)
  return pair
}

function readKeyValue(reader: WireReader): KeyValue {
  const kv = keyValue('', Kind.nil, null)
  while (reader.next('Field')) {
    switch (reader.field) {
      case 1:
        kv.key = reader.text('Key')
        break
      case 7:
        readAny(reader, kv)
        break
      case 8:
        kv.isTag = reader.bool('IsTag')
        break
      case 9:
        kv.type = reader.enum32('Type') as MetricType
        break
      case 10:
        kv.unit = reader.text('Unit')
        break
      case 11:
        setValue(kv, Kind.string, reader.text('S'))
        break
      default:
        // The scalars of Field are those of Basic plus one.
        if (reader.field > 6) reader.skip()
        else readScalar(reader, reader.field - 1, kv)
    }
  }
  if (kv.isTag && kv.kind !== Kind.string) reader.fail(`tag ${JSON.stringify(kv.key)} has no string value`)
  return kv
}

type Settable = { kind: Kind; value: Element['value'] }

function setValue(into: Settable, kind: Kind, value: Element['value']): void {
  into.kind = kind
  into.value = value
}

/** A scalar by its number in Basic. */
function readScalar(reader: WireReader, number: number, into: Settable): void {
  switch (number) {
    case 1:
      return setValue(into, Kind.int, reader.int('I'))
    case 2:
      return setValue(into, Kind.uint, reader.uint('U'))
    case 3:
      return setValue(into, Kind.float, reader.double('F'))
    case 4:
      return setValue(into, Kind.bool, reader.bool('B'))
    case 5:
      return setValue(into, Kind.bytes, reader.blob('D'))
    default:
      reader.skip()
  }
}

function readAny(reader: WireReader, kv: KeyValue): void {
  let typeUrl = ''
  let bytes: Uint8Array = new Uint8Array()
  const outer = reader.enter('A')
  while (reader.next('Any')) {
    if (reader.field === 1) typeUrl = reader.text('TypeUrl')
    else if (reader.field === 2) bytes = reader.blob('Value')
    else reader.skip()
  }
  reader.leave(outer)
  if (reader.fault !== '') return
  const typed = openAny(typeUrl, bytes)
  setValue(kv, typed.kind, typed.value)
}

/** The array or map in an Any; what cannot be read, or would be written differently, stays as it came. */
function openAny(typeUrl: string, bytes: Uint8Array): Element {
  const raw: Element = { kind: Kind.any, value: { typeUrl, bytes } }
  if (typeUrl !== ARRAY_URL && typeUrl !== MAP_URL) return raw
  const reader = new WireReader(bytes)
  const value = typeUrl === ARRAY_URL ? readArray(reader) : readMap(reader)
  if (reader.fault !== '') return raw
  const typed: Element = { kind: typeUrl === ARRAY_URL ? Kind.array : Kind.map, value }
  return Buffer.compare(anyValue(typed).bytes, bytes) === 0 ? typed : raw
}

function readArray(reader: WireReader): Element[] {
  const elements: Element[] = []
  while (reader.next('Array')) {
    if (reader.field === 1) elements.push(readElement(reader))
    else reader.skip()
  }
  return elements
}

function readElement(reader: WireReader): Element {
  const element: Settable = { kind: Kind.nil, value: null }
  const outer = reader.enter('Arr')
  while (reader.next('BasicTypes')) {
    if (reader.field === 6) setValue(element, Kind.string, reader.text('S'))
    else readScalar(reader, reader.field, element)
  }
  reader.leave(outer)
  return element
}

function readMap(reader: WireReader): Map<string, Element> {
  const map = new Map<string, Element>()
  while (reader.next('Map')) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    let key = ''
    let element: Element = { kind: Kind.nil, value: null }
    const outer = reader.enter('Map')
    while (reader.next('MapEntry')) {
      if (reader.field === 1) key = reader.text('Key')
      else if (reader.field === 2) element = readElement(reader)
      else reader.skip()
    }
    reader.leave(outer)
    map.set(key, element)
  }
  return map
}
