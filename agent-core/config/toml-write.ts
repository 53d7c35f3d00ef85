// TOML text of values and keys.
import { isTable } from './toml.ts'

export type TomlInput =
  | string
  | boolean
  | number
  | bigint
  | readonly TomlInput[]
  | { readonly [key: string]: TomlInput }

/** One line: tables become inline tables. Throws a TypeError for what TOML cannot hold. */
export function writeValue(value: TomlInput): string {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return writeNumber(value)
  if (Array.isArray(value)) return `[${value.map((item: TomlInput) => writeValue(item)).join(', ')}]`
  if (!isTable(value)) throw new TypeError(`TOML has no ${typeof value}`)
  const items = Object.entries(value).map(
    ([key, item]) => `${writeKey(key)} = ${writeValue(item as TomlInput)}`,
  )
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`
}

export const writeKey = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : writeString(key))

function writeNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  // Beyond 2^53 a whole number is no integer that was meant: exact ones come as bigint.
  if (Number.isSafeInteger(value)) return String(value)
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

/** A basic string. Lone surrogates, which TOML cannot hold, become U+FFFD. */
function writeString(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(
      /["\\\u0000-\u001f\u007f]/g,
      (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  return `"${escaped}"`
}
