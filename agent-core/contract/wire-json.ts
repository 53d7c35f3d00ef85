// JSON text for the WebSocket: what structured clone keeps and JSON loses is boxed as {"$": tag, "v": text}.
//
//   undefined {"$":"u"}   bigint {"$":"n","v":"-1"}   number {"$":"f","v":"NaN|Infinity|-Infinity|-0"}
//   Date {"$":"d","v":ms|null}   Uint8Array {"$":"b","v":base64}   object with a "$" key {"$":"o","v":{...}}

export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

/** Throws a TypeError for what no message may hold: functions, symbols, class instances other than the above. */
export const encodeWire = (value: unknown): string => JSON.stringify(box(value))

export function decodeWire(text: string): Decoded {
  try {
    return { ok: true, value: unbox(JSON.parse(text)) }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

function box(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value
      return { $: 'f', v: Object.is(value, -0) ? '-0' : String(value) }
    case 'undefined':
      return { $: 'u' }
    case 'bigint':
      return { $: 'n', v: String(value) }
    case 'object':
      return value === null ? null : boxObject(value)
    default:
      throw new TypeError(`a message cannot hold a ${typeof value}`)
  }
}

function boxObject(value: object): Json {
  if (Array.isArray(value)) return Array.from(value, box)
  if (value instanceof Uint8Array) return { $: 'b', v: toBase64(value) }
  if (value instanceof Date) {
    const ms = value.getTime()
    return { $: 'd', v: Number.isNaN(ms) ? null : ms }
  }
  const proto: unknown = Object.getPrototypeOf(value)
  if (proto !== Object.prototype && proto !== null)
    throw new TypeError(`a message cannot hold a ${value.constructor.name}`)
  const plain: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) put(plain, key, box(item))
  return Object.hasOwn(plain, '$') ? { $: 'o', v: plain } : plain
}

function unbox(json: Json): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(unbox)
  if (!Object.hasOwn(json, '$')) return unboxEntries(json)
  const { $: tag, v: held } = json
  if (tag === 'u') return undefined
  if (tag === 'o' && typeof held === 'object' && held !== null && !Array.isArray(held))
    return unboxEntries(held)
  if (tag === 'n' && typeof held === 'string' && /^-?\d+$/.test(held)) return BigInt(held)
  if (tag === 'f' && typeof held === 'string') return Number(held)
  if (tag === 'd' && (held === null || typeof held === 'number')) return new Date(held ?? NaN)
  if (tag === 'b' && typeof held === 'string') return fromBase64(held)
  throw new SyntaxError(`unknown box ${JSON.stringify(tag)}`)
}

function unboxEntries(json: { [key: string]: Json }): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(json)) put(plain, key, unbox(item))
  return plain
}

/** `plain.__proto__ = x` would set the prototype: the key of a message is data. */
function put<T>(plain: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(plain, key, { value, enumerable: true, configurable: true, writable: true })
  else plain[key] = value
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // fromCharCode takes its characters as arguments, and an engine limits how many.
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
