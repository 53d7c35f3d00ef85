// The point model (spec points-io-http.md section 1.2): a name, one ordered list of tags and fields, a time in ns.
// A value is a plain JS value plus its kind, so that int, uint and float stay apart and int64 stays exact:
// an int or uint is a JS number while it is a safe integer and a bigint beyond that, never otherwise.

export const Kind = {
  /** A key without a value. */
  nil: 0,
  int: 1,
  uint: 2,
  float: 3,
  bool: 4,
  string: 5,
  bytes: 6,
  /** Elements of the basic kinds 1 to 6; mixed kinds only when they arrived so. */
  array: 7,
  /** Text to element. Arrives typed from protobuf or PBJSON only. */
  map: 8,
  /** A protobuf Any that is neither an array nor a map this agent reads: kept as it came. */
  any: 9,
} as const
export type Kind = (typeof Kind)[keyof typeof Kind]

/** number inside ±(2^53-1), bigint outside. */
export type Integer = number | bigint

export interface Element {
  readonly kind: Kind
  readonly value: Value
}

export interface AnyValue {
  readonly typeUrl: string
  readonly bytes: Uint8Array
}

export type Value =
  | null
  | Integer
  | boolean
  | string
  | Uint8Array
  | readonly Element[]
  | ReadonlyMap<string, Element>
  | AnyValue

/** Metric type of a field: the protobuf enum's numbers. */
export const MetricType = { unspecified: 0, count: 1, rate: 2, gauge: 3 } as const
export type MetricType = (typeof MetricType)[keyof typeof MetricType]

export interface KeyValue {
  key: string
  kind: Kind
  value: Value
  isTag: boolean
  type: MetricType
  unit: string
}

export interface Warn {
  readonly type: string
  readonly message: string
}

export interface Point {
  name: string
  kvs: KeyValue[]
  /** ns since the Unix epoch, int64. */
  time: bigint
  warns: Warn[]
  debugs: string[]
}

export function keyValue(key: string, kind: Kind, value: Value, isTag = false): KeyValue {
  return { key, kind, value, isTag, type: MetricType.unspecified, unit: '' }
}

export const tag = (key: string, value: string): KeyValue => keyValue(key, Kind.string, value, true)

/** Canonical form of an int64 or uint64: number when safe, else bigint. */
export function integer(value: bigint): Integer {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

export function makePoint(name: string, kvs: KeyValue[], time: bigint): Point {
  return { name, kvs, time, warns: [], debugs: [] }
}

/** First key of that name, tag or field. */
export function lookup(point: Point, key: string): KeyValue | undefined {
  for (const kv of point.kvs) if (kv.key === key) return kv
  return undefined
}

/** Replaces a tag or field of the same name in place, else appends. */
export function setKeyValue(point: Pick<Point, 'kvs'>, kv: KeyValue): void {
  const at = point.kvs.findIndex((x) => x.key === kv.key)
  if (at < 0) point.kvs.push(kv)
  else point.kvs[at] = kv
}

/** Appends unless the key exists; true when it was added. */
export function addKeyValue(point: Point, kv: KeyValue): boolean {
  if (lookup(point, kv.key)) return false
  point.kvs.push(kv)
  return true
}
