// The pipeline as the agent has it: script store, lanes and metrics, and the door through which batches of points pass.
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { Scope, type Disposable } from '../kernel/disposable.ts'
import { errorText } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { ScriptRequests, type RequestRules } from './lanes/ask-server.ts'
import type { FilterSource } from '../io/filter/filter.ts'
import { LanePool, type BatchOutcome, type BreachKind, type LaneReply } from './lanes/lane-pool.ts'
import type { EncodedBatch, RawBody } from './lanes/messages.ts'
import { LastGood } from './scripts/last-good.ts'
import { OutsideSources, type OutsideSettings } from './scripts/outside.ts'
import { applyPull, loadRemote, NO_REMOTE, saveRemote, type RemoteScripts } from './scripts/remote.ts'
import type { ScriptRuns } from './scripts/runtime.ts'
import type { ScriptMap, ScriptSource } from './scripts/script.ts'
import { scriptKey } from './scripts/script.ts'
import { ScriptStore } from './scripts/script-store.ts'
import { Selection } from './scripts/selection.ts'
import { watchDirectories } from './scripts/watch.ts'
import { readWorkspace } from './scripts/workspace.ts'

export interface PipelineSettings extends OutsideSettings {
  /** `<I>/pipeline`: scripts of the namespace default, and `pattern`. */
  readonly dir: string
  readonly confdDir: string
  readonly gitrepoDir: string | undefined
  readonly remoteDir: string
  readonly remotePullMs: number
  readonly defaults: Readonly<Partial<Record<Category, string>>>
  readonly debugFields: boolean
  readonly lanes: number
  /** Most that a batch may take. */
  readonly budgetMs: number
  readonly requests: RequestRules
}

export interface PipelineParts {
  readonly settings: PipelineSettings
  readonly hostTags: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Asks the DataWay for scripts: the answer's body; undefined = there is no single DataWay to ask. */
  readonly pull: (
    updateTime: number,
    relationTime: number,
    signal: AbortSignal,
  ) => Promise<string | undefined>
  /** Takes points that scripts made besides batches: aggregation. */
  readonly onCreated: (created: readonly EncodedBatch[]) => void
  /** Points in context windows that no batch tells of: gone with a lane or a script's old version, or copies of a batch that was stopped. */
  readonly onHeld: (category: Category, change: number) => void
  readonly onSuspended: (script: string, detail: string) => void
  /** The blacklist of a category took longer than a batch may. */
  readonly onFilterBreach: (category: Category) => void
}

/** What a batch meets besides its scripts. */
export interface LaneSteps {
  /** false: scripts made these points. */
  readonly scripts: boolean
  readonly map: ScriptMap | undefined
  /** The blacklist, when it has rules for the category. */
  readonly filters: FilterSource | undefined
  /** They run a user's regular expression, which may take for ever: not on the main thread. */
  readonly regExp: boolean
  /** The present, ns, for time correction; undefined = off. */
  readonly correctTo: bigint | undefined
  readonly showPiped: boolean
}

const MIN_REMOTE_PULL_MS = 10_000
const REFER_BUDGET_MS = 60_000
const ERROR_LOG_MS = 60_000

export class Pipeline implements Disposable {
  readonly store: ScriptStore
  readonly pool: LanePool
  readonly #parts: PipelineParts
  readonly #scope = new Scope()
  readonly #stop = new AbortController()
  readonly #metrics: ReturnType<typeof pipelineMetrics>
  readonly #problems = new Map<string, Diagnostic>()
  readonly #errorLogged = new Map<string, number>()
  readonly #lastGood: LastGood
  readonly #outside: OutsideSources
  readonly #requests: ScriptRequests
  #selection: Selection
  #remote: RemoteScripts = NO_REMOTE

  constructor(parts: PipelineParts) {
    this.#parts = parts
    const { clock, log, settings } = parts
    this.#metrics = pipelineMetrics(parts.metrics)
    this.#lastGood = new LastGood(join(settings.dataDir, 'pipeline_last_good.json'))
    this.store = new ScriptStore({
      clock,
      lastGood: this.#lastGood,
      check: (args) => this.pool.task('check', args, settings.budgetMs),
      onContext: (context) => {
        this.#selection = new Selection(context, (script) => script)
        this.pool.setContext(context)
        this.#metrics.updated.reset()
        for (const entry of this.store.entries)
          this.#metrics.updated.set(labels(scriptKey(entry)), entry.updated / 1000)
      },
    })
    this.#requests = new ScriptRequests(settings.requests)
    this.pool = new LanePool(
      {
        clock,
        log,
        lanes: settings.lanes,
        budgetMs: settings.budgetMs,
        ask: this.#requests.ask,
        onCreated: parts.onCreated,
        onBreach: (script, why, detail) => this.#breach(script, why, detail),
        onFilterBreach: parts.onFilterBreach,
        onStateLost: (scripts) => this.#metrics.stateLost.inc(scripts),
        onHeld: parts.onHeld,
      },
      this.store.context,
    )
    this.#selection = new Selection(this.store.context, (script) => script)
    this.#outside = this.#scope.add(
      new OutsideSources({
        settings,
        clock,
        log,
        context: () => this.store.context,
        configure: (outside) => this.store.configure(outside),
        writeTables: (args) => this.pool.task('tables', args, REFER_BUDGET_MS),
      }),
    )
  }

  /** Loads every script; resolves when those on disk are in force. Then watches files and pulls. */
  async start(): Promise<void> {
    const { settings, hostTags } = this.#parts
    await this.#lastGood.load()
    await this.store.configure({
      defaults: settings.defaults,
      debugFields: settings.debugFields,
      httpRequests: !settings.requests.disabled,
      hostTags,
    })
    await this.#outside.start()
    this.#remote = await loadRemote(settings.remoteDir)
    // Files first: their grok patterns count for the DataWay's scripts too.
    await this.loadFiles()
    await this.#useRemote()
    const dirs = [settings.dir, settings.confdDir, ...(settings.gitrepoDir ? [settings.gitrepoDir] : [])]
    this.#scope.add(
      await watchDirectories(
        dirs,
        this.#parts.clock,
        () => void this.loadFiles(),
        (error) => this.#problem('watch', errorText(error)),
      ),
    )
    this.#repeat(Math.max(MIN_REMOTE_PULL_MS, settings.remotePullMs), () => this.pullRemote())
  }

  /** Reads the script directories again. */
  async loadFiles(): Promise<void> {
    const { settings } = this.#parts
    const [own, confd, git] = await Promise.all([
      readWorkspace(settings.dir),
      readWorkspace(settings.confdDir),
      settings.gitrepoDir ? readWorkspace(settings.gitrepoDir) : undefined,
    ])
    this.#problems.delete('files')
    for (const { file, why } of [own, confd, git].flatMap((w) => w?.problems ?? []))
      this.#problem('files', `${file}: ${why}`)
    await this.store.configure({ patterns: own.patterns })
    await this.store.replace('default', own.files)
    await this.store.replace('confd', confd.files)
    await this.store.replace('gitrepo', git?.files ?? [])
  }

  async pullRemote(): Promise<void> {
    const { pull, settings } = this.#parts
    try {
      const { updateTime, relationTime } = this.#remote
      const body = await pull(updateTime, relationTime, this.#stop.signal)
      if (body === undefined) return
      const next = applyPull(body, this.#remote)
      if (!next.ok) return this.#problem('remote', next.error.message)
      this.#problems.delete('remote')
      if (next.value === this.#remote) return
      this.#remote = next.value
      await this.#useRemote()
      await saveRemote(settings.remoteDir, this.#remote)
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#problem('remote', errorText(error))
    }
  }

  async #useRemote(): Promise<void> {
    const { scripts, defaults, relations } = this.#remote
    await this.store.replace('remote', scripts)
    // What this machine's configuration says about a category counts before the DataWay's word.
    await this.store.configure({ relations, defaults: { ...defaults, ...this.#parts.settings.defaults } })
  }

  /** Now, and again each time so long after the last one ended. */
  #repeat(ms: number, run: () => Promise<void>): void {
    const { clock } = this.#parts
    const loop = async (): Promise<void> => {
      while (!this.#stop.signal.aborted) {
        await run()
        await clock.sleep(ms, this.#stop.signal).catch(() => {})
      }
    }
    const done = loop()
    this.#scope.defer(() => done)
  }

  /** Where scripts of the namespace default are. */
  get dir(): string {
    return this.#parts.settings.dir
  }

  setTags(hostTags: Readonly<Record<string, string>>): Promise<void> {
    return this.store.configure({ hostTags })
  }

  /** Points of the category may select a script. */
  has(category: Category): boolean {
    return this.#selection.has(category)
  }

  /** Takes points through a lane. undefined at once: nothing they meet needs one. */
  points(
    category: Category,
    points: readonly Point[],
    steps: LaneSteps,
  ): Promise<LaneReply | 'unprocessed'> | undefined {
    const selected = new Set<ScriptSource>()
    if (steps.scripts && this.#selection.has(category))
      for (const point of points) {
        const script = this.#selection.choose(category, point, steps.map)
        if (script) selected.add(script)
      }
    if (selected.size === 0 && !steps.regExp) return undefined
    const encode = (): Uint8Array => encodePoints(points)
    // Only a raw body is refused or left.
    return this.#run(category, { encode }, steps, selected) as Promise<LaneReply | 'unprocessed'>
  }

  /** Takes a body as it came through a lane: the main thread never sees its points. */
  body(
    category: Category,
    body: Uint8Array,
    raw: RawBody,
    steps: LaneSteps,
  ): Promise<BatchOutcome> | undefined {
    const selectable = this.#selection.all(category)
    if (selectable.size === 0 && !steps.regExp) return undefined
    return this.#run(category, { raw, encode: () => body }, steps, selectable)
  }

  /** Counts points that went on as they were, because what they met was stopped. */
  unprocessed(category: Category, points: number): void {
    this.#metrics.unprocessed.inc({ category }, points)
  }

  async #run(
    category: Category,
    input: { readonly raw?: RawBody; readonly encode: () => Uint8Array },
    { map, filters, correctTo, showPiped }: LaneSteps,
    selected: ReadonlySet<ScriptSource>,
  ): Promise<BatchOutcome> {
    const outcome = await this.pool.batch({
      category,
      map,
      filters,
      correctTo,
      showPiped,
      raw: input.raw,
      encode: input.encode,
      scripts: new Set([...selected].map(scriptKey)),
      stateful: [...selected].some((script) => script.stateful === true),
    })
    if (typeof outcome === 'object' && 'runs' in outcome) this.#countRuns(outcome.runs)
    return outcome
  }

  #countRuns(runs: readonly ScriptRuns[]): void {
    for (const run of runs) {
      const label = labels(run.script)
      this.#metrics.points.inc(label, run.points)
      if (run.dropped > 0) this.#metrics.dropped.inc(label, run.dropped)
      if (run.errors > 0) this.#metrics.errors.inc(label, run.errors)
      if (run.points > 0) this.#metrics.cost.observe(label, run.ms / 1000 / run.points)
      if (run.error !== undefined) this.#logError(run.script, run.error)
    }
  }

  diagnostics(): Diagnostic[] {
    return [...this.#problems.values(), ...this.#outside.diagnostics(), ...this.store.diagnostics()]
  }

  async dispose(): Promise<void> {
    this.#stop.abort()
    await this.#scope.dispose()
    await this.pool.dispose()
    await this.#requests.dispose()
  }

  #breach(script: string, why: BreachKind, detail: string): void {
    const text = why === 'over_budget' ? `longer than ${this.#parts.settings.budgetMs} ms` : detail
    this.#parts.log.warn('a pipeline script was stopped', { script, why: text })
    this.#metrics.breaches.inc(labels(script))
    if (this.store.breach(script, text)) {
      this.#parts.log.error('a pipeline script is suspended', { script })
      this.#parts.onSuspended(script, text)
    }
  }

  #logError(script: string, error: string): void {
    const now = this.#parts.clock.monotonic()
    if (now - (this.#errorLogged.get(script) ?? -Infinity) < ERROR_LOG_MS) return
    this.#errorLogged.set(script, now)
    this.#parts.log.warn('a pipeline script failed on a point', { script, error })
  }

  #problem(kind: string, message: string): void {
    if (!this.#problems.has(kind)) this.#parts.log.warn('pipeline scripts', { problem: message })
    this.#problems.set(
      kind,
      diagnostic(kind === 'remote' ? 'PIPELINE_REMOTE' : 'PIPELINE_FILE', message, { severity: 'warning' }),
    )
  }
}

function labels(key: string): { category: string; name: string; namespace: string } {
  const [namespace = '', category = '', ...name] = key.split('/')
  return { category, name: name.join('/'), namespace }
}

function pipelineMetrics(metrics: Metrics) {
  const names = ['category', 'name', 'namespace'] as const
  return {
    points: metrics.counter('datakit_pipeline_point_total', 'Points that went through a script', names),
    dropped: metrics.counter('datakit_pipeline_drop_point_total', 'Points that a script dropped', names),
    errors: metrics.counter('datakit_pipeline_error_point_total', 'Points that a script failed on', names),
    cost: metrics.summary('datakit_pipeline_cost_seconds', 'Time a script took a point', names),
    updated: metrics.gauge(
      'datakit_pipeline_last_update_timestamp_seconds',
      'Unix time of the last change of a script',
      names,
    ),
    breaches: metrics.counter('datakit_pipeline_breach_total', 'Times a script was stopped', names),
    unprocessed: metrics.counter(
      'datakit_pipeline_unprocessed_point_total',
      'Points that went on as they were, because their script was stopped',
      ['category'],
    ),
    stateLost: metrics.counter(
      'datakit_pipeline_state_lost_total',
      'Scripts whose state was lost with a lane',
    ),
  }
}
