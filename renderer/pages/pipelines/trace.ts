// The step trace as a table: what each statement did, in a few words.
import type {
  KeyChange,
  SampleResult,
  StatementCost,
  TraceStepView,
} from '../../../agent-core/contract/index.ts'
import { changeOf, type Change } from './field-diff.ts'
import { valueText } from './typed-text.ts'

export type EffectKind = Change | 'assigned' | 'value' | 'dropped' | 'none'

/** A piece of the Effect column: a key with what happened to it, or what the statement gave. */
export interface Effect {
  readonly kind: EffectKind
  readonly key: string
  /** Value before and after, as far as there is one. */
  readonly before: string | undefined
  readonly after: string | undefined
}

export interface TraceRow {
  readonly id: string
  readonly step: TraceStepView
  /** First word of the statement, or `=`. */
  readonly name: string
  readonly effects: readonly Effect[]
}

export const traceRows = (result: SampleResult | undefined): TraceRow[] =>
  (result?.steps ?? []).map((step, index) => ({
    id: String(index),
    step,
    name: statementName(step),
    effects: effectsOf(step),
  }))

function statementName({ text, variable }: TraceStepView): string {
  if (variable !== null) return '='
  return /^[\p{L}\w]+/u.exec(text)?.[0] ?? text
}

function effectsOf(step: TraceStepView): Effect[] {
  const effects = step.changes.map(effectOf)
  if (step.dropped) effects.push({ kind: 'dropped', key: '', before: undefined, after: undefined })
  if (effects.length > 0) return effects
  const after = step.value === null || step.value.kind === 'void' ? undefined : valueText(step.value)
  if (step.variable !== null) return [{ kind: 'assigned', key: step.variable, before: undefined, after }]
  return [{ kind: after === undefined ? 'none' : 'value', key: '', before: undefined, after }]
}

function effectOf({ key, before, after }: KeyChange): Effect {
  return {
    kind: changeOf(before ?? undefined, after ?? undefined),
    key,
    before: before ? valueText(before.value) : undefined,
    after: after ? valueText(after.value) : undefined,
  }
}

export interface LineCost {
  readonly line: number
  /** Mean of one run through this line. */
  readonly ns: number
  /** Share of the dearest line, 0 to 1. */
  readonly share: number
}

/** One figure a line: the outermost statement that starts there counts, so a block is not counted twice. */
export function lineCosts(statements: readonly StatementCost[], samples: number): Map<number, LineCost> {
  const lines = new Map<number, number>()
  const taken = new Map<number, StatementCost>()
  for (const one of statements) {
    if (one.runs === 0) continue
    const other = taken.get(one.line)
    if (other && one.from >= other.from && one.to <= other.to) continue
    const inside = other && other.from >= one.from && other.to <= one.to
    lines.set(one.line, (inside ? 0 : (lines.get(one.line) ?? 0)) + one.ns / Math.max(1, samples))
    taken.set(one.line, one)
  }
  const most = Math.max(...lines.values(), Number.MIN_VALUE)
  return new Map([...lines].map(([line, ns]) => [line, { line, ns, share: ns / most }]))
}
