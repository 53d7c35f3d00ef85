// Long looks at a draft: how fast it runs, and what it would change on points. Both stop when nobody listens.
import type {
  BenchProgress,
  ImpactProgress,
  PointView,
  StatementCost,
  TypedValue,
} from '../../contract/pipelines.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Result } from '../../kernel/result.ts'
import type { CasePoint } from '../../pipeline/conformance.ts'
import type { LanePool } from '../../pipeline/lanes/lane-pool.ts'
import type { BenchReport, SampleResult as LaneResult, Subject } from '../../pipeline/lanes/tasks.ts'
import { Source } from '../../pipeline/language/source.ts'
import { maskView, viewPoint } from './points.ts'

type Lanes = Pick<LanePool, 'task'>

const NS_A_MS = 1e6
const FIRST_RUNS = 200
/** A round of the benchmark takes about this long. */
const ROUND_MS = 200
const MOST_EXAMPLES = 20
const BENCH_BUDGET_MS = 10_000
const IMPACT_BUDGET_MS = 5000

interface Side {
  readonly subject: Subject
  count: number
  points: number
  /** ms a point, of each round. */
  readonly each: number[]
}

export async function benchDraft(
  lanes: Lanes,
  clock: Clock,
  args: {
    readonly draft: Subject
    readonly saved: Subject | undefined
    readonly points: readonly CasePoint[]
    readonly ms: number
  },
  emit: (progress: BenchProgress) => void,
  signal: AbortSignal,
): Promise<Result<null>> {
  const { points, ms } = args
  const side = (subject: Subject): Side => ({ subject, count: FIRST_RUNS, points: 0, each: [] })
  const draft = side(args.draft)
  const saved = args.saved && side(args.saved)
  const started = clock.monotonic()
  let failed = 0
  for (let done = false; !done;) {
    const report = await round(lanes, draft, points, signal)
    if (!report.ok) return report
    failed += report.value.failed
    if (saved) {
      const other = await round(lanes, saved, points, signal)
      if (!other.ok) return other
    }
    if (signal.aborted) break
    const elapsedMs = clock.monotonic() - started
    done = elapsedMs >= ms
    emit({
      done,
      elapsedMs,
      runs: draft.points,
      errors: failed,
      ...speed(draft),
      saved: saved && saved.points > 0 ? speed(saved) : null,
      statements: done ? statementCosts(report.value, args.draft) : [],
    })
  }
  return { ok: true, value: null }
}

async function round(
  lanes: Lanes,
  side: Side,
  points: readonly CasePoint[],
  signal: AbortSignal,
): Promise<Result<BenchReport>> {
  const { subject, count } = side
  const report = await lanes.task('bench', { subject, points, count }, BENCH_BUDGET_MS, signal)
  if (!report.ok) return report
  side.points += report.value.points
  const each = report.value.ms / Math.max(1, report.value.points)
  side.each.push(each)
  side.count = Math.max(points.length, Math.min(1_000_000, Math.ceil(ROUND_MS / Math.max(each, 1e-5))))
  return report
}

/** The middle of the rounds: what else the machine does comes and goes. */
function speed({ each }: Side): { pointsPerSecond: number; nsPerPoint: number } {
  const ms = each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)] ?? 0
  return { pointsPerSecond: ms > 0 ? 1000 / ms : 0, nsPerPoint: ms * NS_A_MS }
}

function statementCosts({ statements }: BenchReport, { name, source }: Subject): StatementCost[] {
  const text = new Source(name, source)
  return statements
    .filter(({ file }) => file === name)
    .map(({ from, to, line, runs, ms }) => ({
      from,
      to,
      line,
      column: text.place(from).column,
      runs,
      ns: ms * NS_A_MS,
    }))
}

export interface Batch {
  readonly points: readonly CasePoint[]
  /** Points that were looked at for them. */
  readonly scanned: number
  readonly last: boolean
}

/** The next points, at most so many looked at; resolves when there are some, or the signal says so. */
export type NextPoints = (most: number) => Promise<Result<Batch>>

export const IMPACT_PAGE = 500

export async function compareDrafts(
  lanes: Lanes,
  args: {
    readonly draft: Subject
    readonly saved: Subject | undefined
    readonly limit: number
    readonly next: NextPoints
  },
  emit: (progress: ImpactProgress) => void,
  signal: AbortSignal,
): Promise<Result<null>> {
  const { draft, saved, limit, next } = args
  const tally = new Tally()
  for (let last = false; !last && tally.scanned < limit;) {
    const batch = await next(Math.min(IMPACT_PAGE, limit - tally.scanned))
    if (!batch.ok) return batch
    if (signal.aborted) break
    const { points, scanned } = batch.value
    last = batch.value.last
    // Times of the first page would be those of code that is being compiled.
    const timed = tally.judged === 0
    const run = (subject: Subject) =>
      lanes.task('run', { subject, points, trace: false, timed, offline: true }, IMPACT_BUDGET_MS, signal)
    const mine = points.length > 0 ? await run(draft) : undefined
    if (mine && !mine.ok) return mine
    const theirs = saved && points.length > 0 ? await run(saved) : undefined
    if (theirs && !theirs.ok) return theirs
    tally.scanned += scanned
    tally.offline ||= mine?.value.asked === true || theirs?.value.asked === true
    mine?.value.samples.forEach((one, index) => {
      const other = theirs?.value.samples[index]
      tally.add(points[index]!, other ?? untouched(points[index]!), one, other !== undefined)
    })
    emit(tally.progress(false, limit))
  }
  if (!signal.aborted) emit(tally.progress(true, tally.scanned))
  return { ok: true, value: null }
}

const untouched = (point: CasePoint): LaneResult => ({
  before: point,
  after: point,
  dropped: false,
  error: undefined,
  created: [],
  released: [],
  ms: 0,
  steps: [],
})

type Example = ImpactProgress['examples'][number] & { readonly weight: number }

class Tally {
  /** Points looked at, and those of them that the script gets. */
  scanned = 0
  judged = 0
  /** A script asked for an answer over the network, which it did not get. */
  offline = false
  #same = 0
  #changed = 0
  #newDrops = 0
  #fewerDrops = 0
  #newErrors = 0
  #fewerErrors = 0
  #ms = { saved: 0, draft: 0 }
  #compared = false
  readonly #keys = new Map<string, ImpactProgress['keys'][number]>()
  #examples: Example[] = []

  add(before: CasePoint, saved: LaneResult, draft: LaneResult, compared: boolean): void {
    this.judged++
    this.#compared = compared
    this.#ms.saved += saved.ms
    this.#ms.draft += draft.ms
    if (draft.dropped && !saved.dropped) this.#newDrops++
    if (!draft.dropped && saved.dropped) this.#fewerDrops++
    if (draft.error && !saved.error) this.#newErrors++
    if (!draft.error && saved.error) this.#fewerErrors++
    const [a, b] = [viewPoint(saved.after), viewPoint(draft.after)]
    const changes = keyChanges(a, b)
    for (const { key, change } of changes) {
      const known = this.#keys.get(`${change} ${key}`) ?? { key, change, points: 0 }
      this.#keys.set(`${change} ${key}`, { ...known, points: known.points + 1 })
    }
    const fate =
      draft.dropped !== saved.dropped || (draft.error === undefined) !== (saved.error === undefined)
    if (changes.length === 0 && !fate) return void this.#same++
    this.#changed++
    this.#keep({
      before: maskView(viewPoint(before)),
      saved: side(saved, maskView(a)),
      draft: side(draft, maskView(b)),
      weight: changes.length + (fate ? 100 : 0),
    })
  }

  #keep(example: Example): void {
    const least = this.#examples.at(-1)
    if (this.#examples.length >= MOST_EXAMPLES && least && least.weight >= example.weight) return
    this.#examples = [...this.#examples, example]
      .toSorted((x, y) => y.weight - x.weight)
      .slice(0, MOST_EXAMPLES)
  }

  progress(done: boolean, total: number): ImpactProgress {
    const each = (ms: number): number => (ms * NS_A_MS) / Math.max(1, this.judged)
    return {
      done,
      scanned: this.scanned,
      total,
      others: this.scanned - this.judged,
      offline: this.offline,
      same: this.#same,
      changed: this.#changed,
      newDrops: this.#newDrops,
      fewerDrops: this.#fewerDrops,
      newErrors: this.#newErrors,
      fewerErrors: this.#fewerErrors,
      keys: [...this.#keys.values()].toSorted((a, b) => b.points - a.points).slice(0, 100),
      nsPerPoint: {
        saved: this.#compared ? each(this.#ms.saved) : null,
        draft: this.judged > 0 ? each(this.#ms.draft) : null,
      },
      examples: this.#examples.map(({ weight: _weight, ...example }) => example),
    }
  }
}

const side = ({ dropped, created, error }: LaneResult, after: PointView) => ({
  after,
  dropped,
  created: created.length,
  error: error
    ? { message: error.message, chain: error.chain.map(({ file, line, column }) => ({ file, line, column })) }
    : null,
})

type Change = Pick<ImpactProgress['keys'][number], 'key' | 'change'>

function keyChanges(a: PointView, b: PointView): Change[] {
  const values = (point: PointView): Map<string, { tag: boolean; value: TypedValue }> =>
    new Map<string, { tag: boolean; value: TypedValue }>([
      ['(name)', { tag: false, value: { kind: 'str', text: point.name } }],
      ['(time)', { tag: false, value: { kind: 'int', text: point.time } }],
      ...point.keys.map((one) => [one.key, one] as const),
    ])
  const [before, after] = [values(a), values(b)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): Change[] => {
    const [x, y] = [before.get(key), after.get(key)]
    if (!x) return [{ key, change: 'added' }]
    if (!y) return [{ key, change: 'removed' }]
    if (x.tag !== y.tag || x.value.kind !== y.value.kind) return [{ key, change: 'type' }]
    return x.value.text === y.value.text ? [] : [{ key, change: 'changed' }]
  })
}
