// Pieces of valibot schemas for settings: what TOML can hold, as the agent uses it. Collectors build their schemas of
// these, so that the loader can explain a wrong value and ENV_* can be parsed by the same schema.
import * as v from 'valibot'
import { formatGoDuration, nanosecondsToMs, parseGoDuration } from './duration.ts'
import { compileRe2 } from '../kernel/re2.ts'

/** What a piece is, for the loader, ENV parsing, docs and the form. */
export type PieceKind = 'duration' | 'regexp' | 'tags'

interface Piece {
  readonly [key: string]: string
  readonly kind: PieceKind
  /** In words, after "must be". */
  readonly expects: string
}
const piece = <Value>(kind: PieceKind, expects: string) => v.metadata<Value, Piece>({ kind, expects })

export interface Range {
  readonly min?: number
  readonly max?: number
}

/**
 * A duration: input is Go text or an integer of nanoseconds, output is ms. `range` is in ms. A fraction such as 1.5 and
 * text without a unit such as "5" are refused. Give a default with `v.optional(duration(), '10s')`.
 */
export function duration(range: Range = {}) {
  return v.pipe(
    v.union([v.string(), v.number(), v.bigint()]),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const ms = durationMs(dataset.value)
      if (ms === undefined) {
        addIssue({ message: 'expected a duration such as "10s" or "1m30s", or whole nanoseconds' })
        return NEVER
      }
      if (ms < (range.min ?? -Infinity) || ms > (range.max ?? Infinity)) {
        addIssue({ message: `must be ${rangeText(range, formatGoDuration)}` })
        return NEVER
      }
      return ms
    }),
    piece<number>('duration', 'a duration such as "10s"'),
  )
}

function durationMs(value: string | number | bigint): number | undefined {
  if (typeof value === 'string') return parseGoDuration(value)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
  return nanosecondsToMs(BigInt(value))
}

/** "at least 1s", "at most 5", "1 to 5". */
export function rangeText(range: Range, show: (value: number) => string = String): string {
  if (range.min === undefined) return `at most ${show(range.max!)}`
  return range.max === undefined ? `at least ${show(range.min)}` : `${show(range.min)} to ${show(range.max)}`
}

/** A whole number that JS holds exactly. */
export function int(range: Range = {}) {
  return v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(range.min ?? -Number.MAX_SAFE_INTEGER),
    v.maxValue(range.max ?? Number.MAX_SAFE_INTEGER),
  )
}

/** A number with or without a fraction; TOML integers are welcome. */
export function float(range: Range = {}) {
  return v.pipe(v.number(), v.minValue(range.min ?? -Infinity), v.maxValue(range.max ?? Infinity))
}

export const stringList = () => v.array(v.string())

/** A table of texts, e.g. `[inputs.x.tags]`. */
export const tagsTable = () =>
  v.pipe(v.record(v.string(), v.string()), piece<Record<string, string>>('tags', 'a table of texts'))

/** One regular expression in RE2's syntax; output is a RegExp without the g flag. */
export function regexp() {
  return v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const compiled = compileRe2(dataset.value)
      if (compiled.ok) return compiled.value.regexp
      // What is wrong, without the part of the pattern that it quotes: a pattern may hold a secret.
      const why = compiled.error.replace(/^error parsing regexp: /, '').replace(/: `[^]*$/, '')
      addIssue({ message: `not a regular expression: ${why}` })
      return NEVER
    }),
    piece<RegExp>('regexp', 'a regular expression'),
  )
}

export const regexpList = () => v.array(regexp())
