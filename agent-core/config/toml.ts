// TOML text to values and places: values by smol-toml, spans by toml-eslint-parser, and only when somebody asks.
import { parse, TomlError } from 'smol-toml'
import { err, ok, type Result } from '../kernel/result.ts'
import { indexSpans, type SpanIndex } from './toml-spans.ts'

export type KeyPath = readonly (string | number)[]
export interface TomlTable {
  [key: string]: unknown
}

export interface Span {
  readonly from: number
  readonly to: number
}

export interface TomlFault {
  /** What is wrong; quotes nothing of the file. */
  readonly message: string
  readonly offset: number
}

/**
 * Integers are bigint here so that 1 and 1.0 stay apart; `plainValue` makes them numbers where they fit.
 */
export interface TomlDocument {
  readonly values: TomlTable
  /** Where a key or its value stands; a path that is not there gives its nearest parent. */
  keySpan(path: KeyPath): Span | undefined
  valueSpan(path: KeyPath): Span | undefined
}

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

export function parseToml(text: string): Result<TomlDocument, TomlFault> {
  let values: TomlTable
  try {
    values = parse(text, { integersAsBigInt: true })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return err({ message: faultText(error), offset: offsetOf(text, error.line, error.column) })
  }
  let spans: SpanIndex | undefined
  const index = (): SpanIndex => (spans ??= indexSpans(text))
  const large = tooLarge(values, [])
  if (large)
    return err({ message: 'integer does not fit in 64 bits', offset: index().value(large)?.from ?? 0 })
  return ok({ values, keySpan: (path) => index().key(path), valueSpan: (path) => index().value(path) })
}

/** smol-toml appends a block of the file to its message, which may hold a secret. */
const faultText = (error: TomlError): string =>
  error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')

function offsetOf(text: string, line: number, column: number): number {
  let start = 0
  for (let n = 1; n < line; n++) start = text.indexOf('\n', start) + 1
  return Math.min(text.length, start + column - 1)
}

function tooLarge(value: unknown, path: KeyPath): KeyPath | undefined {
  if (typeof value === 'bigint') return value < INT64_MIN || value > INT64_MAX ? path : undefined
  if (!isTable(value) && !Array.isArray(value)) return undefined
  for (const [key, item] of Object.entries(value)) {
    const found = tooLarge(item, [...path, Array.isArray(value) ? Number(key) : key])
    if (found) return found
  }
  return undefined
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** Integers that a number holds exactly become numbers, deeply; larger ones stay bigint. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
  if (Array.isArray(value)) return value.map(plainValue)
  if (!isTable(value)) return value
  const out = newTable()
  for (const [key, item] of Object.entries(value)) out[key] = plainValue(item)
  return out
}

/** Without a prototype, so that a key named `__proto__` is a key. */
export const newTable = (): TomlTable => Object.create(null) as TomlTable

/** `inputs.cpu[0]."odd key"`. */
export function pathText(path: KeyPath): string {
  let out = ''
  for (const key of path) {
    if (typeof key === 'number') out += `[${key}]`
    else out += (out === '' ? '' : '.') + (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key))
  }
  return out
}

export const startsWith = (path: KeyPath, prefix: KeyPath): boolean =>
  prefix.length <= path.length && prefix.every((key, i) => key === path[i])
