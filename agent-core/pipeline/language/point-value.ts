// Between the values of a point and the values of a script.
import { Kind, integer, type Element, type KeyValue } from '../../point/point.ts'
import { bytesText } from '../../point/text.ts'
import { Float, Opaque, jsonText, wrapInt, type ScriptMap, type Value } from './value.ts'

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

/** A script value as a point keeps it natively. */
export function nativeElement(value: Value): Element {
  switch (typeof value) {
    case 'string':
      return { kind: Kind.string, value }
    case 'number':
      return { kind: Kind.int, value }
    case 'bigint':
      return { kind: Kind.int, value: integer(value) }
    case 'boolean':
      return { kind: Kind.bool, value }
    case 'undefined':
      return { kind: Kind.nil, value: null }
    default:
      if (value === null) return { kind: Kind.nil, value: null }
      if (value instanceof Float) return { kind: Kind.float, value: value.value }
      if (value instanceof Opaque) return nativeElement(value.value)
      if (Array.isArray(value)) return { kind: Kind.array, value: value.map(nativeElement) }
      return { kind: Kind.map, value: new Map([...value].map(([key, item]) => [key, nativeElement(item)])) }
  }
}
