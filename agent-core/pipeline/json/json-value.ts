// Parsed JSON and script values: every number is a float.
import { Kind, type Element } from '../../point/point.ts'
import { Float, jsonText, type Value } from '../language/value.ts'
import { parseLaxJson, type Json } from './lax-json.ts'

export function jsonToValue(json: Json): Value {
  if (typeof json === 'number') return new Float(json)
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(jsonToValue)
  return new Map(Object.entries(json).map(([key, item]) => [key, jsonToValue(item)]))
}

/** Compact JSON text with sorted keys. */
export const jsonToText = (json: Json): string => jsonText(jsonToValue(json)) ?? 'null'

/** What a json path is made of. */
export type PathStep = string | number

/** The value at a path; undefined when there is none. */
export function atPath(json: Json | undefined, path: readonly PathStep[]): Json | undefined {
  let current = json
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined
    if (typeof step === 'number') {
      if (!Array.isArray(current)) return undefined
      current = current[step < 0 ? step + current.length : step]
    } else {
      if (Array.isArray(current) || !Object.hasOwn(current, step)) return undefined
      current = current[step]
    }
  }
  return current
}

/** Takes the key at the end of a path out of its object. */
export function removeAtPath(json: Json, path: readonly PathStep[]): void {
  const parent = atPath(json, path.slice(0, -1))
  const last = path.at(-1)
  if (typeof parent === 'object' && parent !== null && !Array.isArray(parent) && typeof last === 'string')
    delete parent[last]
}

/**
 * A list or object as a point keeps it: flat lists of one kind and flat objects natively, everything else as text. A
 * null anywhere, or nesting, makes it text.
 */
export function nativeJson(json: Json[] | { [key: string]: Json }): Element | undefined {
  const items = Array.isArray(json) ? json : Object.values(json)
  if (items.some((item) => typeof item === 'object')) return undefined
  if (!Array.isArray(json)) {
    const entries = Object.entries(json).map(([key, item]) => [key, scalar(item)] as const)
    return { kind: Kind.map, value: new Map(entries) }
  }
  // An empty list has no element kind: the key stays without a value.
  if (items.length === 0) return { kind: Kind.nil, value: null }
  if (items.some((item) => typeof item !== typeof items[0])) return undefined
  return { kind: Kind.array, value: items.map(scalar) }
}

function scalar(item: Json): Element {
  if (typeof item === 'number') return { kind: Kind.float, value: item }
  return { kind: typeof item === 'boolean' ? Kind.bool : Kind.string, value: item as boolean | string }
}

/** Remembers the last text: a script that takes six keys from one message parses it once. */
export class JsonMemo {
  #text: string | undefined
  #json: Json | undefined

  parse(text: string): Json | undefined {
    if (text !== this.#text) {
      this.#json = parseLaxJson(text)
      this.#text = text
    }
    return this.#json
  }
}
