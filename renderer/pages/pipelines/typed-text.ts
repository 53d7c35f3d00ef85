// Typed values as the studio writes them: text in quotes, so that "1" and 1 and 1.0 look as different as they are.
import type { PointView, TypedValue } from '../../../agent-core/contract/index.ts'

export function valueText(value: TypedValue): string {
  if (value.kind === 'str') return JSON.stringify(value.text)
  if (value.kind === 'nil' || value.kind === 'void') return value.kind
  return value.text
}

/** Same type and text; a cut value is compared by its length too. */
export const sameValue = (a: TypedValue, b: TypedValue): boolean =>
  a.kind === b.kind && a.text === b.text && a.length === b.length

const NS_A_MS = 1_000_000n

/** ms since the epoch of a ns text; undefined when it is none. */
export function timeOf(ns: string): number | undefined {
  return /^-?\d+$/.test(ns) ? Number(BigInt(ns) / NS_A_MS) : undefined
}

/** The point as JSON text. Numbers are written digit by digit, so an int64 stays exact. */
export function pointJson(point: PointView): string {
  const members = (tag: boolean): string =>
    point.keys
      .filter((one) => one.tag === tag)
      .map(({ key, value }) => `    ${JSON.stringify(key)}: ${jsonValue(value)}`)
      .join(',\n')
  const group = (name: string, body: string): string => `  "${name}": ${body ? `{\n${body}\n  }` : '{}'}`
  return [
    '{',
    [
      `  "measurement": ${JSON.stringify(point.name)}`,
      group('tags', members(true)),
      group('fields', members(false)),
      `  "time": ${point.time || 'null'}`,
    ].join(',\n'),
    '}',
  ].join('\n')
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function jsonValue({ kind, text }: TypedValue): string {
  if (kind === 'nil' || kind === 'void') return 'null'
  if (kind === 'bool' || kind === 'list' || kind === 'map') return text
  if ((kind === 'int' || kind === 'uint') && JSON_NUMBER.test(text)) return text
  if (kind === 'float' && JSON_NUMBER.test(text)) return /[.eE]/.test(text) ? text : `${text}.0`
  return JSON.stringify(text)
}
