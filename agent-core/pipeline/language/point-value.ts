// Between the values of a point and the values of a script.
import { Kind, type Element, type KeyValue } from '../../point/point.ts'
import { bytesText } from '../../point/text.ts'
import { Float, Opaque, jsonText, wrapInt, type ScriptList, type ScriptMap, type Value } from './value.ts'

/** A tag or field as a script reads it: uint as int, bytes as text, a list or map as its JSON text. */
export function kvValue(kv: Element): Value {
  switch (kv.kind) {
    case Kind.string:
    case Kind.int:
    case Kind.bool:
      return kv.value as Value
    case Kind.float:
      return new Float(kv.value as number)
    case Kind.uint:
      return typeof kv.value === 'bigint' ? wrapInt(kv.value) : (kv.value as number)
    case Kind.bytes:
      return bytesText(Buffer.from(kv.value as Uint8Array))
    case Kind.array:
    case Kind.map:
      return jsonText(elementValue(kv)) ?? null
    default:
      return null
  }
}

/** The same with lists and maps as such. */
export function elementValue(element: Element | KeyValue): Value {
  if (element.kind === Kind.array) return (element.value as readonly Element[]).map(elementValue)
  if (element.kind !== Kind.map) return kvValue(element)
  const map: ScriptMap = new Map()
  for (const [key, item] of element.value as ReadonlyMap<string, Element>) map.set(key, elementValue(item))
  return map
}

/**
 * A list or map as a point keeps it natively: scalars of one kind, or a map of scalars and nils; nothing for any other.
 * An empty list has no element kind, so its key stays without a value.
 */
export function nativeElement(value: ScriptList | ScriptMap): Element | undefined {
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [key, scalar(item)] as const)
    if (entries.some(([, element]) => element === undefined)) return undefined
    return { kind: Kind.map, value: new Map(entries as [string, Element][]) }
  }
  if (value.length === 0) return { kind: Kind.nil, value: null }
  const elements = value.map(scalar)
  const kind = elements[0]?.kind
  if (kind === undefined || kind === Kind.nil || elements.some((element) => element?.kind !== kind))
    return undefined
  return { kind: Kind.array, value: elements as Element[] }
}

function scalar(value: Value): Element | undefined {
  switch (typeof value) {
    case 'string':
      return { kind: Kind.string, value }
    case 'number':
    case 'bigint':
      return { kind: Kind.int, value }
    case 'boolean':
      return { kind: Kind.bool, value }
    case 'undefined':
      return { kind: Kind.nil, value: null }
    default:
      if (value === null) return { kind: Kind.nil, value: null }
      if (value instanceof Float) return { kind: Kind.float, value: value.value }
      return value instanceof Opaque ? scalar(value.value) : undefined
  }
}
