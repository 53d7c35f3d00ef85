// A context compiled: points of a batch go through the scripts they select. Lives in a lane, in a command, in tests.
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Category } from '../../point/category.ts'
import { keyValue, Kind, setKeyValue, tag, type Point } from '../../point/point.ts'
import type { Environment, ScriptState } from '../environment.ts'
import { compileScripts, type CompiledScript } from '../language/compile.ts'
import { scriptErrorText } from '../language/fault.ts'
import { runScript, type RunOptions, type RunOutcome } from '../language/run.ts'
import { openGeoDatabase } from '../state/geo-database.ts'
import { openReferTables } from '../state/refer-source.ts'
import type { OpenReferTables } from '../state/refer-sqlite.ts'
import { newScriptState } from '../state/state.ts'
import { EMPTY_CONTEXT, scriptKey, type ScriptContext, type ScriptMap, type ScriptSource } from './script.ts'
import { Selection } from './selection.ts'

export interface RuntimePorts {
  readonly clock: Pick<Clock, 'now' | 'nowNs' | 'monotonic'>
  readonly timeZone: string
  readonly http?: Environment['http']
  /** Called before a script runs, with its key: what is running when a lane has to be stopped. */
  readonly entering?: (key: string) => void
}

/** Points that scripts made. They are filtered and time-corrected, meet no script again and get no global tags. */
export interface CreatedBatch {
  readonly category: Category
  /** `pipeline/create_point` or `pl_agg/<bucket>`. */
  readonly source: string
  readonly points: Point[]
  /** Points that came in and were held back till now, not new ones. */
  readonly released: boolean
}

/** Points that windows hold, by category. */
export type HeldPoints = Readonly<Partial<Record<Category, number>>>

export interface ScriptRuns {
  /** `<namespace>/<category>/<name>`. */
  readonly script: string
  points: number
  dropped: number
  errors: number
  ms: number
  /** The first runtime error of the batch. */
  error?: string
}

export interface Processed {
  /** The points that go on, in order, changed in place. */
  readonly points: readonly Point[]
  /** Points that are gone for good: those in a window are not, until it lets go of them. */
  readonly dropped: number
  /** Points that windows hold more than before; fewer when it is negative. */
  readonly held: number
  readonly created: readonly CreatedBatch[]
  readonly runs: readonly ScriptRuns[]
}

interface Loaded {
  readonly key: string
  readonly script: CompiledScript
  readonly options: RunOptions
  readonly state: ScriptState
  readonly namespace: string
}

interface KeptState {
  readonly category: Category
  readonly source: string
  readonly state: ScriptState
}

const FAILED: RunOutcome = { dropped: false, created: [], released: [] }

export class ScriptRuntime {
  readonly #ports: RuntimePorts
  #context = EMPTY_CONTEXT
  #selection = new Selection<Loaded>(EMPTY_CONTEXT, () => undefined)
  #states = new Map<string, KeptState>()
  #tables: { readonly stamp: string; readonly open: OpenReferTables } | undefined

  constructor(ports: RuntimePorts) {
    this.#ports = ports
  }

  get version(): number {
    return this.#context.version
  }

  /** Takes a context. State stays with scripts that did not change; what the others had aggregated comes back. */
  load(context: ScriptContext): CreatedBatch[] {
    const tables = this.#referTables(context)
    const geo = context.geo && openGeoDatabase(context.geo)
    const environment: Environment = {
      clock: this.#ports.clock,
      timeZone: this.#ports.timeZone,
      ...(tables ? { referTables: tables } : {}),
      ...(geo?.ok ? { geo: geo.value } : {}),
      ...(this.#ports.http && context.httpRequests ? { http: this.#ports.http } : {}),
    }
    const compiled = compileContext(context, (key) => this.#ports.entering?.(key))
    const states = new Map<string, KeptState>()
    const hostTags = new Map(Object.entries(context.hostTags))
    const selection = new Selection<Loaded>(context, (script) => {
      const key = scriptKey(script)
      const runnable = compiled.get(key)
      if (!runnable) return undefined
      const before = this.#states.get(key)
      const state =
        before?.source === script.source ? before.state : newScriptState(this.#ports.clock, hostTags)
      if (runnable.stateful) states.set(key, { category: script.category, source: script.source, state })
      const options: RunOptions = { category: script.category, environment, state }
      return { key, script: runnable, options, state, namespace: script.namespace }
    })
    const created = new Created()
    for (const [key, { state }] of this.#states)
      if (states.get(key)?.state !== state) created.flushed(state.aggregation.close())
    this.#context = context
    this.#selection = selection
    this.#states = states
    return created.batches
  }

  /** Key of the script that a point selects. */
  selects(category: Category, point: Point, map?: ScriptMap): string | undefined {
    return this.#selection.choose(category, point, map)?.key
  }

  process(category: Category, points: readonly Point[], map?: ScriptMap): Processed {
    if (!this.#selection.has(category)) return { points, dropped: 0, held: 0, created: [], runs: [] }
    const monotonic = (): number => this.#ports.clock.monotonic()
    const kept: Point[] = []
    const created = new Created()
    const runs = new Map<Loaded, ScriptRuns>()
    let current: Loaded | undefined
    let tally: ScriptRuns | undefined
    let since = 0
    let held = 0
    let released = 0
    const settle = (): void => {
      if (tally) tally.ms += monotonic() - since
    }
    for (const point of points) {
      const loaded = this.#selection.choose(category, point, map)
      if (loaded !== current) {
        settle()
        current = loaded
        tally = undefined
        if (loaded) {
          this.#ports.entering?.(loaded.key)
          tally = runs.get(loaded)
          if (!tally) {
            tally = { script: loaded.key, points: 0, dropped: 0, errors: 0, ms: 0 }
            runs.set(loaded, tally)
            held -= loaded.state.windows.held
          }
          since = monotonic()
        }
      }
      if (!loaded || !tally) {
        kept.push(point)
        continue
      }
      const started = this.#context.debugFields ? monotonic() : 0
      const { outcome, error } = run(loaded, point)
      tally.points++
      if (error !== undefined) {
        tally.errors++
        tally.error ??= error
      }
      if (this.#context.debugFields) addDebugFields(point, loaded, error === undefined, monotonic() - started)
      for (const made of outcome.created) created.add(made.category, 'pipeline/create_point', made.point)
      for (const back of outcome.released) created.add(category, 'pipeline/create_point', back, true)
      released += outcome.released.length
      if (outcome.dropped) tally.dropped++
      else kept.push(point)
    }
    settle()
    this.#takeAggregated(created)
    for (const { state } of runs.keys()) held += state.windows.held
    return {
      points: kept,
      dropped: points.length - kept.length - released - held,
      held,
      created: created.batches,
      runs: [...runs.values()],
    }
  }

  /** What intervals of aggregation buckets have made due. */
  due(): readonly CreatedBatch[] {
    const created = new Created()
    this.#takeAggregated(created)
    return created.batches
  }

  /** Drops the state of a script and compiles everything anew: the script was stopped in the middle of a point. */
  recover(key: string): void {
    this.#states.delete(key)
    this.load(this.#context)
  }

  /** Everything aggregated, at the end. */
  close(): readonly CreatedBatch[] {
    const created = new Created()
    for (const { state } of this.#states.values()) created.flushed(state.aggregation.close())
    this.#states.clear()
    this.#tables?.open.close()
    this.#tables = undefined
    return created.batches
  }

  /** What windows hold now. */
  get held(): HeldPoints {
    const held: Partial<Record<Category, number>> = {}
    for (const { category, state } of this.#states.values())
      if (state.windows.held > 0) held[category] = (held[category] ?? 0) + state.windows.held
    return held
  }

  /** True while a script keeps something between points. */
  get holdsState(): boolean {
    return this.#states.size > 0
  }

  /** Tables stay open while they are the same. */
  #referTables({ referTables: source }: ScriptContext): OpenReferTables | undefined {
    const stamp = source && `${source.kind} ${source.stamp}`
    if (stamp !== undefined && this.#tables?.stamp === stamp) return this.#tables.open
    this.#tables?.open.close()
    this.#tables = undefined
    const opened = source && openReferTables(source)
    if (opened?.ok) this.#tables = { stamp: stamp!, open: opened.value }
    return this.#tables?.open
  }

  #takeAggregated(created: Created): void {
    for (const { state } of this.#states.values()) created.flushed(state.aggregation.take())
  }
}

function run(loaded: Loaded, point: Point): { outcome: RunOutcome; error?: string } {
  try {
    const outcome = runScript(loaded.script, point, loaded.options)
    return outcome.error ? { outcome, error: scriptErrorText(outcome.error) } : { outcome }
  } catch (thrown) {
    // A limit of the engine, e.g. a text beyond its greatest length: an error of this point.
    return { outcome: FAILED, error: `${loaded.script.name}: ${errorText(thrown)}` }
  }
}

class Created {
  readonly #batches = new Map<string, CreatedBatch>()

  add(category: Category, source: string, point: Point, released = false): void {
    const key = `${category} ${source} ${released}`
    let batch = this.#batches.get(key)
    if (!batch) this.#batches.set(key, (batch = { category, source, points: [], released }))
    batch.points.push(point)
  }

  flushed(points: readonly { category: Category; bucket: string; point: Point }[]): void {
    for (const { category, bucket, point } of points) this.add(category, `pl_agg/${bucket}`, point)
  }

  get batches(): CreatedBatch[] {
    return [...this.#batches.values()]
  }
}

function addDebugFields(point: Point, loaded: Loaded, ok: boolean, ms: number): void {
  setKeyValue(point, tag('_pl_script', loaded.script.name))
  setKeyValue(point, tag('_pl_service', 'datakit'))
  setKeyValue(point, tag('_pl_ns', loaded.namespace))
  setKeyValue(point, tag('_pl_status', ok ? 'ok' : 'failed'))
  setKeyValue(point, keyValue('_pl_cost', Kind.float, ms / 1000))
}

/** Compiles by category and namespace: scripts of one group may use each other. */
function compileContext(
  context: ScriptContext,
  entering: (key: string) => void,
): Map<string, CompiledScript> {
  const out = new Map<string, CompiledScript>()
  for (const group of groupScripts(context.scripts)) {
    entering(scriptKey(group[0]!))
    const results = compileScripts(new Map(group.map((s) => [s.name, s.source])), {
      patterns: context.patterns,
    })
    for (const script of group) {
      const { script: compiled } = results.get(script.name)!
      if (compiled) out.set(scriptKey(script), compiled)
    }
  }
  return out
}

export function groupScripts<T extends ScriptSource>(scripts: readonly T[]): T[][] {
  return Object.values(Object.groupBy(scripts, (s) => `${s.namespace}/${s.category}`)) as T[][]
}
