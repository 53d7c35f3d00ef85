// The samples of a script: typed, from a file, from the tap, from the store, or saved as cases.
import type { CaseResult, Expectation, Sample, SampleResult } from '../../../agent-core/contract/index.ts'
import { countChanges, diffPoints } from './field-diff.ts'

export type Origin = 'typed' | 'file' | 'tap' | 'store' | 'case'

export interface SampleEntry {
  readonly id: string
  readonly origin: Origin
  readonly sample: Sample
  /** Name of a case, or of the file or source it came from. */
  readonly name: string | undefined
  /** What a point says, where its text is not for people. */
  readonly summary?: string
}

/** More than a person reads; a file beyond it belongs into a benchmark. */
export const MOST_SAMPLES = 200
const TITLE_LENGTH = 80

export const emptySample = (): Sample => ({ format: 'message', text: '' })

export function sampleTitle({ sample, name, origin, summary }: SampleEntry): string {
  if (origin === 'case' && name) return name
  const line = (summary ?? sample.text).trim().split('\n', 1)[0]!
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH)}…` : line
}

/** The text that a script works on: the message, as far as one can tell without running. */
export const messageOf = (entry: SampleEntry | undefined, result: SampleResult | undefined): string => {
  if (entry?.sample.format === 'message') return entry.sample.text
  return result?.before?.keys.find(({ key }) => key === 'message')?.value.text ?? ''
}

export type Verdict =
  | { readonly kind: 'pending' }
  | { readonly kind: 'passes' }
  | { readonly kind: 'differs'; readonly count: number }
  | { readonly kind: 'error' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly added: number; readonly changed: number; readonly removed: number }

/** What the list says about a sample: its case's verdict first, else what the run did. */
export function verdictOf(result: SampleResult | undefined, ofCase?: CaseResult): Verdict {
  if (ofCase)
    return ofCase.passed ? { kind: 'passes' } : { kind: 'differs', count: ofCase.differences.length }
  if (!result) return { kind: 'pending' }
  if (result.error || !result.before || !result.after) return { kind: 'error' }
  if (result.dropped) return { kind: 'dropped' }
  const rows = diffPoints(result.before, result.after).filter(({ key }) => key !== STATUS)
  const { added, changed, removed } = countChanges(rows)
  if (added + changed + removed === 0) return { kind: 'unchanged' }
  return { kind: 'changed', added, changed, removed }
}
/** Every log gets one: a script that only got it did nothing. */
const STATUS = 'status'

export const dotOf = ({ kind }: Verdict): 'ok' | 'warn' | 'bad' | 'idle' => {
  if (kind === 'error' || kind === 'differs') return 'bad'
  if (kind === 'unchanged') return 'warn'
  return kind === 'pending' ? 'idle' : 'ok'
}

/** What a case keeps of a run. A message has no time of its own, so the case leaves it open unless the script set it. */
export function expectationOf({ format }: Sample, result: SampleResult): Expectation {
  const { before, after, dropped, error, created } = result
  const open = format === 'message' && before?.time === after?.time
  return {
    dropped,
    error: error?.message ?? null,
    name: after?.name ?? null,
    time: open ? null : (after?.time ?? null),
    keys: after?.keys ?? [],
    created,
  }
}

/** A name that no case has yet: `case`, `case-2`, ... */
export function freeName(base: string, taken: readonly string[]): string {
  const stem =
    base
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 40) || 'case'
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem}-${n}`
    if (!taken.includes(name)) return name
  }
}
