// What a collector emits, described once: the table drives the kinds on the wire, the README check and the docs.
import { Kind, MetricType, keyValue, makePoint, tag, integer, type Point, type Value } from './point.ts'
import type { Category } from './category.ts'

export type FieldType = 'int' | 'uint' | 'float' | 'bool' | 'string'

export interface FieldInfo {
  readonly type: FieldType
  /** Unit as shown to people: percent, B, B/s, ms, count, s, ... Empty when it has none. */
  readonly unit: string
  readonly desc: string
  /** Default gauge. */
  readonly metric?: 'count' | 'rate' | 'gauge'
  /** Operating systems that have it; absent = all. */
  readonly platforms?: readonly NodeJS.Platform[]
}

export interface MeasurementInfo {
  readonly name: string
  readonly category: Category
  readonly desc: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, FieldInfo>>
}

export type FieldInput = number | bigint | boolean | string | null | undefined

const KINDS = {
  int: Kind.int,
  uint: Kind.uint,
  float: Kind.float,
  bool: Kind.bool,
  string: Kind.string,
} as const

/**
 * A point of a measurement. Fields that are undefined, null, NaN or infinite are left out (spec collectors-host.md
 * section 0); an int or uint given as a fraction is cut towards zero. A field the table does not know is a defect.
 */
export function measurementPoint(
  info: MeasurementInfo,
  tags: Readonly<Record<string, string | undefined>>,
  fields: Readonly<Record<string, FieldInput>>,
  time: bigint,
): Point {
  const point = makePoint(info.name, [], time)
  for (const [key, value] of Object.entries(tags)) if (value !== undefined) point.kvs.push(tag(key, value))
  for (const [key, input] of Object.entries(fields)) {
    const field = info.fields[key]
    if (!field) throw new TypeError(`measurement ${info.name} does not describe field ${key}`)
    const value = fieldValue(field.type, input)
    if (value === undefined) continue
    const kv = keyValue(key, KINDS[field.type], value)
    if (info.category === 'metric') kv.type = MetricType[field.metric ?? 'gauge']
    point.kvs.push(kv)
  }
  return point
}

function fieldValue(type: FieldType, input: FieldInput): Value | undefined {
  if (input === undefined || input === null) return undefined
  if (type === 'string') return String(input)
  if (type === 'bool') return Boolean(input)
  if (typeof input === 'bigint') return type === 'float' ? Number(input) : integer(input)
  const value = Number(input)
  if (!Number.isFinite(value)) return undefined
  if (type === 'float') return value
  const whole = Math.trunc(value)
  if (type === 'uint' && whole < 0) return undefined
  return Number.isSafeInteger(whole) ? (Object.is(whole, -0) ? 0 : whole) : BigInt(whole)
}
