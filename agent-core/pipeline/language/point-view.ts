// A point as scripts see it: keys that scripts name get a number at load, and a run finds the key behind a number
// without searching. Writing follows the language: a tag stays a tag, lists and maps become JSON text.
import { Kind, keyValue, type Element, type KeyValue, type Point } from '../../point/point.ts'
import { elementValue, kvValue, nativeElement } from './point-value.ts'
import { Float, Opaque, jsonText, valueText, type Value } from './value.ts'

/** No variable and no key of that name. */
export const MISSING: unique symbol = Symbol('missing')
export type Found = Value | typeof MISSING

/** The keys that a set of linked scripts names. */
export class KeyTable {
  readonly names: string[] = []
  readonly #ids = new Map<string, number>()

  id(name: string): number {
    let id = this.#ids.get(name)
    if (id === undefined) {
      id = this.names.length
      this.names.push(name)
      this.#ids.set(name, id)
    }
    return id
  }

  find(name: string): number | undefined {
    return this.#ids.get(name)
  }
}

/** Reusable: `bind` points it at another point and forgets the one before. */
export class PointView {
  readonly keys: KeyTable
  point!: Point
  #entries: (KeyValue | undefined)[] = []
  #stamps: number[] = []
  #generation = 0

  constructor(keys: KeyTable) {
    this.keys = keys
  }

  bind(point: Point): void {
    this.point = point
    const generation = ++this.#generation
    while (this.#entries.length < this.keys.names.length) {
      this.#entries.push(undefined)
      this.#stamps.push(0)
    }
    for (const kv of point.kvs) {
      const id = this.keys.find(kv.key)
      if (id === undefined || this.#stamps[id] === generation) continue
      this.#entries[id] = kv
      this.#stamps[id] = generation
    }
  }

  /** The tag or field behind a key number. */
  entry(id: number): KeyValue | undefined {
    return this.#stamps[id] === this.#generation ? this.#entries[id] : undefined
  }

  read(id: number): Found {
    const kv = this.entry(id)
    return kv === undefined ? MISSING : kvValue(kv)
  }

  write(id: number, value: Value): void {
    const kv = this.entry(id)
    if (kv !== undefined) overwrite(kv, value)
    else this.#append(id, fieldOf(this.keys.names[id]!, value))
  }

  /** A native list or map; a tag gets its JSON text. */
  writeElement(id: number, element: Element): void {
    const kv = this.entry(id)
    if (kv === undefined) this.#append(id, keyValue(this.keys.names[id]!, element.kind, element.value))
    else if (kv.isTag) put(kv, Kind.string, valueText(elementValue(element)))
    else put(kv, element.kind, element.value)
  }

  /** Makes it a tag, whatever it was. */
  writeTag(id: number, text: string): void {
    const kv = this.entry(id)
    if (kv === undefined) this.#append(id, keyValue(this.keys.names[id]!, Kind.string, text, true))
    else {
      kv.isTag = true
      put(kv, Kind.string, text)
    }
  }

  remove(id: number): void {
    const kv = this.entry(id)
    if (kv === undefined) return
    this.#entries[id] = undefined
    const { kvs } = this.point
    const at = kvs.indexOf(kv)
    if (at >= 0) kvs.splice(at, 1)
  }

  /** Gives the key behind `from` another name; a key of that name is replaced. */
  rename(from: number, to: number): void {
    const kv = this.entry(from)
    if (kv === undefined || from === to) return
    this.remove(to)
    kv.key = this.keys.names[to]!
    this.#entries[from] = undefined
    this.#entries[to] = kv
    this.#stamps[to] = this.#generation
  }

  #append(id: number, kv: KeyValue): void {
    this.#entries[id] = kv
    this.#stamps[id] = this.#generation
    this.point.kvs.push(kv)
  }

  // --- names that are only known at run time

  find(name: string): KeyValue | undefined {
    const id = this.keys.find(name)
    if (id !== undefined) return this.entry(id)
    for (const kv of this.point.kvs) if (kv.key === name) return kv
    return undefined
  }

  readName(name: string): Found {
    const kv = this.find(name)
    return kv === undefined ? MISSING : kvValue(kv)
  }

  writeName(name: string, value: Value): void {
    const id = this.keys.find(name)
    if (id !== undefined) return this.write(id, value)
    const kv = this.find(name)
    if (kv === undefined) this.point.kvs.push(fieldOf(name, value))
    else overwrite(kv, value)
  }

  writeTagName(name: string, text: string): void {
    const id = this.keys.find(name)
    if (id !== undefined) return this.writeTag(id, text)
    const kv = this.find(name)
    if (kv === undefined) this.point.kvs.push(keyValue(name, Kind.string, text, true))
    else {
      kv.isTag = true
      put(kv, Kind.string, text)
    }
  }

  /** Keeps a list or map as it is instead of its JSON text, where a point can. */
  writeNative(name: string, value: Value): void {
    this.writeName(name, value)
    const kv = this.find(name)
    if (kv === undefined || kv.isTag) return
    const element = Array.isArray(value) || value instanceof Map ? nativeElement(value) : undefined
    if (element !== undefined) put(kv, element.kind, element.value)
  }

  removeName(name: string): void {
    const id = this.keys.find(name)
    if (id !== undefined) return this.remove(id)
    const at = this.point.kvs.findIndex((kv) => kv.key === name)
    if (at >= 0) this.point.kvs.splice(at, 1)
  }

  /** A list or map key as a script value instead of its JSON text. */
  readNative(name: string): Found {
    const kv = this.find(name)
    return kv === undefined ? MISSING : elementValue(kv)
  }
}

function fieldOf(name: string, value: Value): KeyValue {
  switch (typeof value) {
    case 'string':
      return keyValue(name, Kind.string, value)
    case 'boolean':
      return keyValue(name, Kind.bool, value)
    case 'number':
      return keyValue(name, Kind.int, value)
    default: {
      const kv = keyValue(name, Kind.nil, null)
      assign(kv, value)
      return kv
    }
  }
}

function overwrite(kv: KeyValue, value: Value): void {
  if (kv.isTag) put(kv, Kind.string, valueText(value))
  else assign(kv, value)
}

function put(kv: KeyValue, kind: KeyValue['kind'], value: KeyValue['value']): void {
  kv.kind = kind
  kv.value = value
  kv.type = 0
  kv.unit = ''
}

function assign(kv: KeyValue, value: Value): void {
  switch (typeof value) {
    case 'string':
      return put(kv, Kind.string, value)
    case 'number':
    case 'bigint':
      return put(kv, Kind.int, value)
    case 'boolean':
      return put(kv, Kind.bool, value)
    case 'undefined':
      return put(kv, Kind.nil, null)
    default:
      if (value === null) put(kv, Kind.nil, null)
      else if (value instanceof Float) put(kv, Kind.float, value.value)
      else if (value instanceof Opaque) assign(kv, value.value)
      else {
        const text = jsonText(value)
        // NaN and infinities have no JSON text: the list or map is kept as it is, where a point can.
        const element = text === undefined ? nativeElement(value) : { kind: Kind.string, value: text }
        put(kv, element?.kind ?? Kind.nil, element?.value ?? null)
      }
  }
}
