// The corpus of filter rules: rules of a category, a point, and what becomes of it.
import type { Category } from '../../agent-core/point/category.ts'
import { compileFilters } from '../../agent-core/io/filter/filter.ts'
import {
  Kind,
  integer,
  keyValue,
  makePoint,
  tag,
  type Element,
  type Point,
} from '../../agent-core/point/point.ts'
import { compareValues, judge, type Case, type Corpus, type Departure, type Difference } from './corpus.ts'

interface TypedValue {
  readonly t: string
  readonly v?: unknown
}

interface FilterCase extends Case {
  readonly category: Category
  readonly rules: readonly string[]
  readonly point: {
    readonly name: string
    readonly tags: Readonly<Record<string, string>>
    readonly fields: Readonly<Record<string, TypedValue>>
  }
  readonly expect: { readonly error?: string; readonly dropped?: boolean; readonly rule?: number }
}

/** Quirks that a user would be surprised by: docs/compatibility.md. */
const FILTER_DEPARTURES: readonly Departure[] = [
  { rule: 'an empty condition is skipped, the rules after it are in force', quirk: /empty (condition|rule)/ },
  { rule: 'a numeric escape may stand before the closing quote', quirk: /numeric escape/ },
  { rule: '(?<name>...) is a named group, as RE2 has it by now', quirk: /\(\?<name>/ },
]

export const filtersCorpus: Corpus = {
  prefix: 'filters',
  run: (test) => judge(test, runFilterCase(test as FilterCase), FILTER_DEPARTURES),
}

function runFilterCase({ category, rules, point, expect }: FilterCase): Difference[] {
  const { filter, diagnostics } = compileFilters({ [category]: rules })
  const error = diagnostics.find((d) => d.severity === 'error')
  if (error || expect.error !== undefined)
    return compareValues(
      { error: expect.error !== undefined },
      { error: error !== undefined, ...(expect.error === undefined ? { message: error?.message } : {}) },
    )
  const dropped = filter(category, casePoint(point))
  return compareValues(expect, dropped ? { dropped: true, ...dropped } : { dropped: false })
}

function casePoint({ name, tags, fields }: FilterCase['point']): Point {
  const kvs = Object.entries(tags).map(([key, value]) => tag(key, value))
  for (const [key, value] of Object.entries(fields)) {
    const element = typedElement(value)
    kvs.push(keyValue(key, element.kind, element.value))
  }
  return makePoint(name, kvs, 1n)
}

function typedElement({ t, v }: TypedValue): Element {
  switch (t) {
    case 'i':
      return { kind: Kind.int, value: integer(BigInt(v as string)) }
    case 'u':
      return { kind: Kind.uint, value: integer(BigInt(v as string)) }
    case 'f':
      return { kind: Kind.float, value: Number((v as string).replace('Inf', 'Infinity')) }
    case 'b':
      return { kind: Kind.bool, value: v as boolean }
    case 's':
      return { kind: Kind.string, value: v as string }
    case 'd':
      return { kind: Kind.bytes, value: Buffer.from(v as string, 'base64') }
    case 'a':
      return { kind: Kind.array, value: (v as readonly TypedValue[]).map(typedElement) }
    default:
      return { kind: Kind.nil, value: null }
  }
}
