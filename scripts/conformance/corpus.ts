// What a conformance corpus is: a prefix of file names and a way to run one of its cases.

/** One line of a corpus file; what else it holds is the corpus's own affair. */
export interface Case {
  readonly id: string
  /** The recorded answer looks accidental: it may be departed from, on record. */
  readonly quirk?: string
  readonly [key: string]: unknown
}

/** A place where what came out is not what was expected. */
export interface Difference {
  readonly path: string
  readonly expected: unknown
  readonly got: unknown
}

export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly differences: readonly Difference[] }
  /** Other than the recorded quirk, on purpose; the rule stands in docs/compatibility.md. */
  | { readonly kind: 'departed'; readonly rule: string }
  | { readonly kind: 'unstable' }

export interface Corpus {
  /** Files named `<prefix>*.jsonl` belong to it. */
  readonly prefix: string
  readonly run: (test: Case) => Outcome | Promise<Outcome>
}

/** A departure: quirk cases whose text it matches may differ. */
export interface Departure {
  readonly rule: string
  readonly quirk: RegExp
}

export function judge(
  test: Case,
  differences: readonly Difference[],
  departures: readonly Departure[] = [],
): Outcome {
  if (differences.length === 0) return { kind: 'passed' }
  const departure = departures.find((d) => test.quirk !== undefined && d.quirk.test(test.quirk))
  return departure ? { kind: 'departed', rule: departure.rule } : { kind: 'failed', differences }
}

/** Walks two JSON values and lists where they differ, the deepest places only. */
export function compareValues(expected: unknown, got: unknown, path = ''): Difference[] {
  if (isObject(expected) && isObject(got) && Array.isArray(expected) === Array.isArray(got)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)])
    return [...keys].flatMap((key) => compareValues(expected[key], got[key], path ? `${path}.${key}` : key))
  }
  return Object.is(expected, got) ? [] : [{ path, expected, got }]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
