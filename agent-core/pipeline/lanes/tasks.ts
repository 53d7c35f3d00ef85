// What a console, a command or the store asks of scripts that may do anything: checked, run, traced and timed under a
// budget, in a lane or (commands) in place.
import type { Clock } from '../../kernel/clock.ts'
import type { Diagnostic } from '../../kernel/diagnostic.ts'
import type { Category } from '../../point/category.ts'
import { fromPoint, toPoint, type CasePoint } from '../conformance.ts'
import type { Environment, HttpRequest } from '../environment.ts'
import { compileGrok, globalPatterns } from '../grok/grok.ts'
import { builtInPattern } from '../grok/patterns.ts'
import { compileScript, compileScripts, type CompiledScript } from '../language/compile.ts'
import type { ScriptError } from '../language/fault.ts'
import type { TraceStep } from '../language/frame.ts'
import { runScript } from '../language/run.ts'
import { jsonText, typeName, valueText, type Value } from '../language/value.ts'
import { openEnvironment, type EnvironmentSources } from '../state/open-environment.ts'
import { createReferDatabase } from '../state/refer-sqlite.ts'
import type { ReferTableDocument } from '../state/refer-tables.ts'
import { newScriptState } from '../state/state.ts'
import { groupScripts } from '../scripts/runtime.ts'
import { scriptKey, type ScriptSource } from '../scripts/script.ts'
import { clockOverhead, timePoints, warm } from './timing.ts'

export interface TaskPorts {
  readonly clock: Pick<Clock, 'now' | 'nowNs' | 'monotonic'>
  readonly timeZone: string
  readonly http?: HttpRequest
}

export interface Checked {
  readonly key: string
  readonly ok: boolean
  readonly stateful: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** What the language reports first. */
  readonly error?: ScriptError
}

/** A script with what it may use. */
export interface Subject extends EnvironmentSources {
  readonly category: Category
  readonly name: string
  readonly source: string
  /** Other scripts of its category and namespace. */
  readonly others: ReadonlyMap<string, string>
  readonly patterns: ReadonlyMap<string, string>
}

export interface StepView {
  readonly file: string
  readonly line: number
  readonly from: number
  readonly to: number
  readonly variable: string | undefined
  readonly type: string
  /** Cut after 1,000 characters. */
  readonly text: string
  readonly ms: number
  /** Keys of the point that it changed; `(name)` and `(time)` among them. */
  readonly changes: readonly StepChange[]
}

export interface StepValue {
  readonly tag: boolean
  readonly v: unknown
  readonly t: string
}

export interface StepChange {
  readonly key: string
  readonly before: StepValue | undefined
  readonly after: StepValue | undefined
}

export interface SampleResult {
  readonly before: CasePoint
  readonly after: CasePoint
  readonly dropped: boolean
  readonly error: ScriptError | undefined
  readonly created: readonly (CasePoint & { readonly category: Category })[]
  readonly released: readonly CasePoint[]
  readonly ms: number
  readonly steps: readonly StepView[]
}

export interface RunReport {
  /** http_request was called. */
  readonly asked: boolean
  readonly error: ScriptError | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly samples: readonly SampleResult[]
  readonly aggregated: readonly (CasePoint & { readonly category: Category; readonly bucket: string })[]
}

export interface StatementTime {
  readonly file: string
  readonly line: number
  readonly from: number
  readonly to: number
  readonly runs: number
  readonly ms: number
}

export interface BenchReport {
  readonly error: ScriptError | undefined
  readonly points: number
  readonly ms: number
  readonly failed: number
  readonly dropped: number
  readonly statements: readonly StatementTime[]
}

export interface GrokReport {
  readonly error: string | undefined
  readonly results: readonly {
    readonly matched: boolean
    /** UTF-16 offsets of the whole match, and of each capture where it can be told. */
    readonly from: number
    readonly to: number
    readonly captures: readonly {
      readonly key: string
      readonly type: string
      readonly text: string
      readonly from: number
      readonly to: number
    }[]
  }[]
}

export interface Tasks {
  check: {
    args: { readonly scripts: readonly ScriptSource[]; readonly patterns: ReadonlyMap<string, string> }
    value: readonly Checked[]
  }
  /** `timed`: times are those of warm code, for which quick points run several times; else of the one run. */
  run: {
    args: {
      readonly subject: Subject
      readonly points: readonly CasePoint[]
      readonly trace: boolean
      readonly timed?: boolean
      /** http_request gives nil and asks nobody. */
      readonly offline?: boolean
    }
    value: RunReport
  }
  /** Warm, points in turn, `count` times in all, then once more with each statement timed. */
  bench: {
    args: { readonly subject: Subject; readonly points: readonly CasePoint[]; readonly count: number }
    value: BenchReport
  }
  grok: {
    args: {
      readonly pattern: string
      readonly texts: readonly string[]
      readonly patterns: ReadonlyMap<string, string>
    }
    value: GrokReport
  }
  /** Writes reference tables into a new database file; what is wrong with them, if anything. */
  tables: {
    args: { readonly path: string; readonly documents: readonly ReferTableDocument[] }
    value: string | undefined
  }
}
export type TaskName = keyof Tasks

const MAX_TEXT = 1000
const MAX_STEPS = 2000
/** A point that takes longer runs once: what compiling adds does not matter there. */
const SLOW_MS = 20
const TRACED_POINTS = 1000

const tasks: { [K in TaskName]: (args: Tasks[K]['args'], ports: TaskPorts) => Tasks[K]['value'] } = {
  check: ({ scripts, patterns }) => groupScripts(scripts).flatMap((group) => checkGroup(group, patterns)),
  run: (args, ports) => withEnvironment(args.subject, ports, (outside) => runSamples(args, ports, outside)),
  bench: (args, ports) => withEnvironment(args.subject, ports, (outside) => bench(args, ports, outside)),
  grok: tryGrok,
  tables: writeTables,
}

export function runTask<K extends TaskName>(
  task: K,
  args: Tasks[K]['args'],
  ports: TaskPorts,
): Tasks[K]['value'] {
  return tasks[task](args, ports)
}

function checkGroup(group: readonly ScriptSource[], patterns: ReadonlyMap<string, string>): Checked[] {
  const results = compileScripts(new Map(group.map((s) => [s.name, s.source])), { patterns })
  return group.map((source) => {
    const { script, diagnostics, firstError } = results.get(source.name)!
    return {
      key: scriptKey(source),
      ok: script !== undefined,
      stateful: script?.stateful ?? false,
      diagnostics,
      ...(firstError ? { error: firstError } : {}),
    }
  })
}

function writeTables({ path, documents }: Tasks['tables']['args']): string | undefined {
  const database = createReferDatabase(path, documents)
  if (!database.ok) return database.error
  database.value.close()
  return undefined
}

function withEnvironment<T>(subject: Subject, ports: TaskPorts, run: (environment: Environment) => T): T {
  const { environment, close } = openEnvironment(ports, subject)
  try {
    return run(environment)
  } finally {
    close()
  }
}

function prepare(subject: Subject, ports: TaskPorts, trace: boolean) {
  const { name, source, others, patterns } = subject
  const result = compileScript(
    { name, source, others },
    { patterns, trace, now: () => ports.clock.monotonic() },
  )
  return { result, state: newScriptState(ports.clock) }
}

function runSamples(args: Tasks['run']['args'], ports: TaskPorts, outside: Environment): RunReport {
  const { subject, points, trace } = args
  const { result, state } = prepare(subject, ports, trace)
  const { script, diagnostics, firstError } = result
  if (!script) return { error: firstError, diagnostics, samples: [], aggregated: [], asked: false }
  let asked = false
  const http = args.offline ? () => undefined : outside.http
  const request: HttpRequest = (call) => {
    asked = true
    return http?.(call)
  }
  const environment = http ? { ...outside, http: request } : outside
  const samples = points.map((point) =>
    runSample(script, point, { category: subject.category, environment, state }, trace, ports.clock),
  )
  const aggregated = [...state.aggregation.take(), ...state.aggregation.close()].map((made) => ({
    category: made.category,
    bucket: made.bucket,
    ...fromPoint(made.point),
  }))
  const timed =
    args.timed && (args.offline || !asked)
      ? withWarmTimes(args, script, samples, ports, environment)
      : samples
  return { error: undefined, diagnostics, samples: timed, aggregated, asked }
}

function runSample(
  script: CompiledScript,
  before: CasePoint,
  options: Omit<Parameters<typeof runScript>[2], 'trace'>,
  trace: boolean,
  clock: TaskPorts['clock'],
): SampleResult {
  const point = toPoint(before)
  const steps: StepView[] = []
  let seen = trace ? snapshot(before) : new Map<string, StepValue>()
  const hook = (step: TraceStep): void => {
    if (steps.length >= MAX_STEPS) return
    const now = snapshot(fromPoint(point))
    steps.push({ ...viewStep(step), changes: changesBetween(seen, now) })
    seen = now
  }
  const started = clock.monotonic()
  const outcome = runScript(script, point, trace ? { ...options, trace: hook } : options)
  const ms = clock.monotonic() - started
  return {
    before,
    after: fromPoint(point),
    dropped: outcome.dropped,
    error: outcome.error,
    created: outcome.created.map((made) => ({ category: made.category, ...fromPoint(made.point) })),
    released: outcome.released.map(fromPoint),
    ms,
    steps,
  }
}

/** The results as they are, with times of warm code where the points are quick enough to run again. */
function withWarmTimes(
  { subject, trace }: Tasks['run']['args'],
  script: CompiledScript,
  samples: readonly SampleResult[],
  ports: TaskPorts,
  environment: Environment,
): SampleResult[] {
  const { result } = prepare(subject, ports, false)
  const timed = {
    category: subject.category,
    environment,
    plain: result.script!,
    traced: trace ? script : undefined,
  }
  const quick = samples.filter(({ ms }) => ms <= SLOW_MS)
  const points = quick.map(({ before }) => before)
  warm(timed, points, ports.clock)
  const times = new Map(timePoints(timed, points, ports.clock).map((time, n) => [quick[n]!, time]))
  return samples.map((one) => {
    const time = times.get(one)
    if (!time) return one
    // A run that differs, as one with a cache may, keeps the times it had.
    const alike = time.steps && Math.min(time.steps.length, MAX_STEPS) === one.steps.length
    const steps = alike ? one.steps.map((step, n) => ({ ...step, ms: time.steps![n]! })) : one.steps
    return { ...one, ms: time.ms, steps }
  })
}

function snapshot({ name, time, tags, fields }: CasePoint): Map<string, StepValue> {
  return new Map<string, StepValue>([
    ['(name)', { tag: false, v: name, t: 'string' }],
    ['(time)', { tag: false, v: time, t: 'int' }],
    ...Object.entries(tags).map(([key, v]) => [key, { tag: true, v, t: 'string' }] as const),
    ...Object.entries(fields).map(([key, { v, t }]) => [key, { tag: false, v, t }] as const),
  ])
}

function changesBetween(
  before: ReadonlyMap<string, StepValue>,
  after: ReadonlyMap<string, StepValue>,
): StepChange[] {
  const changes: StepChange[] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const a = before.get(key)
    const b = after.get(key)
    if (JSON.stringify(a) !== JSON.stringify(b)) changes.push({ key, before: a, after: b })
  }
  return changes
}

function viewStep({
  file,
  line,
  from,
  to,
  variable,
  value,
  elapsedMs,
}: TraceStep): Omit<StepView, 'changes'> {
  return { file, line, from, to, variable, type: typeName(value), text: shortText(value), ms: elapsedMs }
}

function shortText(value: Value): string {
  const text = value instanceof Map || Array.isArray(value) ? (jsonText(value) ?? '') : valueText(value)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

function bench(
  { subject, points, count }: Tasks['bench']['args'],
  ports: TaskPorts,
  outside: Environment,
): BenchReport {
  const { category } = subject
  const { clock } = ports
  // Without requests: round and round, they would flood whom they go to.
  const { http: _never, ...environment } = outside
  const { result, state } = prepare(subject, ports, false)
  const nothing = { points: 0, ms: 0, failed: 0, dropped: 0, statements: [] }
  const plain = result.script
  if (!plain) return { error: result.firstError, ...nothing }
  const traced = prepare(subject, ports, true).result.script!
  warm({ category, environment, plain, traced }, points, clock)
  let failed = 0
  let dropped = 0
  let ms = 0
  for (let done = 0; done < count;) {
    // Points are built outside the measured time, a share at a time so that they need not all be there at once.
    const share = points.slice(0, count - done).map(toPoint)
    const started = clock.monotonic()
    for (const point of share) {
      const outcome = runScript(plain, point, { category, environment, state })
      if (outcome.error) failed++
      else if (outcome.dropped) dropped++
    }
    ms += clock.monotonic() - started
    done += share.length
  }
  const overhead = clockOverhead(clock)
  const times = new Map<string, StatementTime & { runs: number; ms: number }>()
  const trace = ({ file, line, from, to, elapsedMs }: TraceStep): void => {
    const key = `${file}:${from}`
    const time = times.get(key) ?? { file, line, from, to, runs: 0, ms: 0 }
    times.set(key, { ...time, runs: time.runs + 1, ms: time.ms + Math.max(0, elapsedMs - overhead) })
  }
  const fresh = newScriptState(clock)
  for (let n = 0; n < Math.min(count, TRACED_POINTS); n++)
    runScript(traced, toPoint(points[n % points.length]!), { category, environment, state: fresh, trace })
  return { error: undefined, points: count, ms, failed, dropped, statements: [...times.values()] }
}

function tryGrok({ pattern, texts, patterns }: Tasks['grok']['args']): GrokReport {
  const compiled = compileGrok(
    pattern,
    globalPatterns((name) => builtInPattern(name) ?? patterns.get(name)),
  )
  if (!compiled.ok) return { error: compiled.error, results: [] }
  const { regexp, captures } = compiled.value
  return {
    error: undefined,
    results: texts.map((text) => {
      const match = regexp.exec(text)
      if (!match) return { matched: false, from: 0, to: 0, captures: [] }
      return {
        matched: true,
        from: match.index,
        to: match.index + match[0].length,
        captures: captures.map(({ key, group, type }) => {
          const captured = match[group] ?? ''
          const from = Math.max(match.index, text.indexOf(captured, match.index))
          return { key, type, text: captured, from, to: from + captured.length }
        }),
      }
    }),
  }
}
