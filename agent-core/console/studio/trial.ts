// A draft tried out: compiled and run in a lane of its own, so that a script that does not end harms nobody.
import type {
  CaseResult,
  SampleResult,
  Sample,
  ScriptCase,
  StatementCost,
  TypedValue,
} from '../../contract/pipelines.ts'
import type { DiagnosticView } from '../../contract/common.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Diagnostic } from '../../kernel/diagnostic.ts'
import type { Result } from '../../kernel/result.ts'
import type { CasePoint } from '../../pipeline/conformance.ts'
import { scriptHints } from '../../pipeline/language/hints.ts'
import { Source } from '../../pipeline/language/source.ts'
import type { RunReport, SampleResult as LaneResult, StepView, Subject } from '../../pipeline/lanes/tasks.ts'
import { viewDiagnostic } from '../overview.ts'
import { expectationDifferences } from './cases.ts'
import { cut, samplePoint, viewPoint, viewValue } from './points.ts'

const MOST_STEPS = 1000
const NS_A_MS = 1e6

export interface Trial {
  readonly diagnostics: DiagnosticView[]
  readonly results: SampleResult[]
  readonly statements: StatementCost[]
}

type RunTask = (args: {
  readonly subject: Subject
  readonly points: readonly CasePoint[]
  readonly trace: boolean
  readonly timed?: boolean
}) => Promise<Result<RunReport>>

/** Errors, and when there are none what a reader would stumble over. */
export function draftDiagnostics(diagnostics: readonly Diagnostic[], subject: Subject): DiagnosticView[] {
  const failed = diagnostics.some(({ severity }) => severity === 'error')
  const all = failed ? diagnostics : [...diagnostics, ...scriptHints(subject.name, subject.source)]
  return all.map(viewDiagnostic)
}

export async function tryDraft(
  run: RunTask,
  clock: Pick<Clock, 'nowNs'>,
  subject: Subject,
  samples: readonly Sample[],
  { trace, timed }: { readonly trace: boolean; readonly timed: boolean },
): Promise<Result<Trial>> {
  const now = clock.nowNs()
  const points = samples.map((one) => samplePoint(one, subject, now))
  const good = points.flatMap((one) => (one.ok ? [one.value] : []))
  const report = await run({ subject, points: good, trace, timed })
  if (!report.ok) return report
  const diagnostics = draftDiagnostics(report.value.diagnostics, subject)
  if (report.value.error) return { ok: true, value: { diagnostics, results: [], statements: [] } }
  const source = new Source(subject.name, subject.source)
  const lane = report.value.samples[Symbol.iterator]()
  const results = points.map((one) =>
    one.ok ? viewResult(lane.next().value!, source) : undecoded(one.error),
  )
  return { ok: true, value: { diagnostics, results, statements: costs(report.value.samples, source) } }
}

export async function tryCases(
  run: RunTask,
  clock: Pick<Clock, 'nowNs'>,
  subject: Subject,
  cases: readonly ScriptCase[],
): Promise<Result<{ diagnostics: DiagnosticView[]; results: CaseResult[] }>> {
  const trial = await tryDraft(
    run,
    clock,
    subject,
    cases.map(({ sample }) => sample),
    { trace: false, timed: false },
  )
  if (!trial.ok) return trial
  const { diagnostics, results } = trial.value
  const judged = results.map((result, index): CaseResult => {
    const { name, expect } = cases[index]!
    const differences = expectationDifferences(expect, result)
    return { name, passed: differences.length === 0, differences, result }
  })
  return { ok: true, value: { diagnostics, results: judged } }
}

const undecoded = (message: string): SampleResult => ({
  before: null,
  after: null,
  dropped: false,
  created: [],
  error: { message, chain: [] },
  steps: [],
  moreSteps: 0,
  ns: 0,
})

function viewResult(one: LaneResult, source: Source): SampleResult {
  const made = one.created.map(({ category, ...point }) => ({ category, point: viewPoint(point) }))
  return {
    before: viewPoint(one.before),
    after: viewPoint(one.after),
    dropped: one.dropped,
    created: made as SampleResult['created'],
    error: one.error
      ? {
          message: one.error.message,
          chain: one.error.chain.map(({ file, line, column }) => ({ file, line, column })),
        }
      : null,
    steps: one.steps.slice(0, MOST_STEPS).map((step) => viewStep(step, source)),
    moreSteps: Math.max(0, one.steps.length - MOST_STEPS),
    ns: one.ms * NS_A_MS,
  }
}

const KINDS = new Set<TypedValue['kind']>(['nil', 'bool', 'int', 'float', 'str', 'list', 'map', 'void'])
const kindOf = (type: string): TypedValue['kind'] => {
  const kind = type as TypedValue['kind']
  return KINDS.has(kind) ? kind : 'any'
}

function viewStep(step: StepView, source: Source): SampleResult['steps'][number] {
  const { file, from, to, line, variable, type, text, ms } = step
  const own = file === source.name
  const written = own ? source.text.slice(from, to).split('\n', 1)[0]! : ''
  return {
    file,
    from,
    to,
    line,
    column: own ? source.place(from).column : 1,
    text: written,
    variable: variable ?? null,
    value: type === 'void' ? null : cut({ kind: kindOf(type), text }),
    changes: step.changes.map(({ key, before, after }) => ({
      key,
      before: before ? { tag: before.tag, value: viewValue(before) } : null,
      after: after ? { tag: after.tag, value: viewValue(after) } : null,
    })),
    dropped: /^drop\s*\(/.test(written),
    ns: ms * NS_A_MS,
  }
}

function costs(samples: readonly LaneResult[], source: Source): StatementCost[] {
  const found = new Map<number, StatementCost>()
  for (const { steps } of samples)
    for (const { file, from, to, line, ms } of steps) {
      if (file !== source.name) continue
      const { column } = source.place(from)
      const one = found.get(from) ?? { from, to, line, column, runs: 0, ns: 0 }
      found.set(from, { ...one, runs: one.runs + 1, ns: one.ns + ms * NS_A_MS })
    }
  return [...found.values()]
}
