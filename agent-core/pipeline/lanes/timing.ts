// How long a script takes on a point and each of its statements: the middle of several runs after warm ones, since the
// first runs of code are those that compile it. Nothing leaves these runs: no requests, state of their own.
import type { Clock } from '../../kernel/clock.ts'
import type { Category } from '../../point/category.ts'
import { toPoint, type CasePoint } from '../conformance.ts'
import type { Environment } from '../environment.ts'
import type { CompiledScript } from '../language/compile.ts'
import type { TraceStep } from '../language/frame.ts'
import { runScript } from '../language/run.ts'
import { newScriptState } from '../state/state.ts'

/** Enough for the engine to compile what is hot, and no more than a person notices. */
const WARM_MS = 25
const WARM_RUNS = 2000
const TIMED_MS = 50
const TIMED_RUNS = 25

export interface TimedScript {
  readonly category: Category
  readonly environment: Environment
  readonly plain: CompiledScript
  /** The same script compiled with a trace; its statements are timed too. */
  readonly traced: CompiledScript | undefined
}

export interface PointTime {
  readonly ms: number
  /** Of each statement in the order of the run; undefined when the runs were not alike. */
  readonly steps: readonly number[] | undefined
}

type Timer = Pick<Clock, 'now' | 'nowNs' | 'monotonic'>

/** Runs the points until the code is hot, in turn; ends early when they take long. */
export function warm(script: TimedScript, points: readonly CasePoint[], clock: Timer): void {
  const until = clock.monotonic() + WARM_MS
  for (let runs = 0; runs < WARM_RUNS && points.length > 0; runs++) {
    const point = points[runs % points.length]!
    once(script, script.plain, point, clock)
    if (script.traced) once(script, script.traced, point, clock, () => {})
    if (clock.monotonic() > until) return
  }
}

/** One time a point; each has its share of the time there is. */
export function timePoints(script: TimedScript, points: readonly CasePoint[], clock: Timer): PointTime[] {
  const share = TIMED_MS / Math.max(1, points.length)
  const overhead = clockOverhead(clock)
  return points.map((point) => {
    const until = clock.monotonic() + share
    const times: number[] = []
    const steps: number[][] = []
    do {
      times.push(Math.max(0, once(script, script.plain, point, clock) - overhead))
      if (script.traced) {
        const run: number[] = []
        const hook = ({ elapsedMs }: TraceStep): void => void run.push(elapsedMs)
        once(script, script.traced, point, clock, hook)
        steps.push(run)
      }
    } while (times.length < TIMED_RUNS && clock.monotonic() < until)
    const alike = steps.every(({ length }) => length === steps[0]!.length)
    return {
      ms: median(times),
      steps:
        script.traced && alike
          ? steps[0]!.map((_, n) => Math.max(0, median(steps.map((run) => run[n]!)) - overhead))
          : undefined,
    }
  })
}

function once(
  { category, environment }: TimedScript,
  script: CompiledScript,
  given: CasePoint,
  clock: Timer,
  trace?: (step: TraceStep) => void,
): number {
  const point = toPoint(given)
  const { http: _never, ...quiet } = environment
  const options = { category, environment: quiet, state: newScriptState(clock), ...(trace ? { trace } : {}) }
  const started = clock.monotonic()
  runScript(script, point, options)
  return clock.monotonic() - started
}

/** What reading the clock twice costs: as much as a short statement. */
export function clockOverhead(clock: Timer): number {
  const times = Array.from({ length: 200 }, () => {
    const started = clock.monotonic()
    return clock.monotonic() - started
  })
  return median(times)
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
