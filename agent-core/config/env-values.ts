// Text of an environment variable to the value that a TOML file would hold, by the shape of the setting.
import type { GenericSchema } from 'valibot'
import { expectedText, shapeOf } from './shape.ts'
import { newTable } from './toml.ts'

/** As Go's strconv.ParseBool reads it. */
const BOOLEANS = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
])

/** A value for checkValues (integers as bigint), or undefined when the text cannot be one. */
export function parseEnvText(schema: GenericSchema, text: string): unknown {
  const shape = shapeOf(schema)
  const trimmed = text.trim()
  switch (shape.kind) {
    case 'bool':
      return BOOLEANS.get(trimmed)
    case 'int':
      return /^[+-]?\d+$/.test(trimmed) ? BigInt(trimmed.replace('+', '')) : undefined
    case 'float':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined
    case 'duration':
      return /^[+-]?\d+$/.test(trimmed) && trimmed !== '0' ? undefined : trimmed
    case 'list':
      return trimmed.startsWith('[') ? json(trimmed, Array.isArray) : splitList(trimmed)
    case 'map':
      return trimmed.startsWith('{') ? json(trimmed, isObject) : keyValues(trimmed)
    case 'table':
      return json(trimmed, isObject)
    default:
      return text
  }
}

/** What the variable should hold, in words. */
export function envExpectation(schema: GenericSchema): string {
  const { kind } = shapeOf(schema)
  if (kind === 'list') return 'a list separated by commas, or a JSON list'
  if (kind === 'map') return 'k=v,k=v or a JSON object'
  return kind === 'table' ? 'a JSON object' : expectedText(schema)
}

export const splitList = (text: string, separator: RegExp = /,/): string[] =>
  text
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '')

function keyValues(text: string): unknown {
  const out = newTable()
  for (const pair of splitList(text)) {
    const at = pair.indexOf('=')
    if (at <= 0) return undefined
    out[pair.slice(0, at).trim()] = pair.slice(at + 1).trim()
  }
  return out
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON with whole numbers as bigint, as parseToml gives them. */
function json(text: string, fits: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text, (_, item: unknown) =>
      typeof item === 'number' && Number.isSafeInteger(item) ? BigInt(item) : item,
    )
    return fits(value) ? value : undefined
  } catch {
    return undefined
  }
}
