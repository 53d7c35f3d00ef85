// One configured collector: its rounds, its crashes and restarts, its numbers. Nothing it does reaches another one.
import { formatGoDuration } from '../config/duration.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { AgentError, errorText } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { maskSecrets } from '../kernel/secrets.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { createAlignment } from './align.ts'
import type { FeedOptions, InputContext, InputDefinition, Platform, Rhythm } from './define-input.ts'
import { Generation } from './generation.ts'
import type { ConfiguredInput, InstanceSnapshot, InstanceWorld, RunnerEvent } from './instance-world.ts'
import { clampNotice, protectedInterval } from './protect.ts'
import { RoundStats, type Outcome } from './round-stats.ts'

const MAX_CRASHES = 6
/** Waits between restarts: 0.5 s doubled with each crash, at most 30 s, the upper half of it random. */
const BACKOFF = { first: 500, max: 30_000 } as const
const REMOTE_JITTER_MS = 10_000
const FIRST_RATE_MS = 1_000
/** Rounds without a single feed after which a collector counts as failing. */
const SILENT_ROUNDS = 3

export class Instance {
  readonly id: string
  readonly input: ConfiguredInput
  readonly definition: InputDefinition
  readonly stats = new RoundStats()
  /** ms; undefined for an instance without rounds. */
  readonly interval: number | undefined
  readonly #world: InstanceWorld
  readonly #log: Logger
  readonly #electable: boolean
  readonly #timeout: number
  #diagnostics: Diagnostic[] = []
  #generation: Generation | undefined
  #next: { readonly due: number; readonly entry: Disposable } | undefined
  #extra: Disposable | undefined
  #ending: Promise<void> = Promise.resolve()
  #lastOutcome: Outcome | undefined
  #errorInRound = false
  #roundStart: number | undefined
  #late = false
  #paused = false
  #closed = false
  #lastErrLabels: Record<'input' | 'source' | 'category' | 'error', string> | undefined

  constructor(definition: InputDefinition, input: ConfiguredInput, world: InstanceWorld) {
    this.id = `${input.name}#${input.index}`
    this.definition = definition
    this.input = input
    this.#world = world
    this.#log = world.log.child({ input: input.name, instance: input.index })
    const wanted = (input.config as { election?: unknown } | null)?.election
    this.#electable = typeof wanted === 'boolean' ? wanted : definition.election
    const rhythm = definition.rhythm(input.config)
    const rounds = rhythm.interval !== 0 || rhythm.max !== 0
    this.interval = rounds ? this.#clamp(rhythm) : undefined
    this.#timeout = world.timeoutMs ?? Math.max(3 * (this.interval ?? 0), 30_000)
  }

  get stopped(): boolean {
    return this.stats.crashes >= MAX_CRASHES
  }

  /** Clamp notices, what the collector told, and why it stopped. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics
  }

  /** @param origin monotonic ms that all instances of one start share, so that their rounds share wake-ups. */
  start(origin: number): void {
    const remote = this.definition.local === false || this.#electable
    const delay = remote ? Math.round(this.#world.random() * REMOTE_JITTER_MS) : 0
    this.#at(origin + delay, (due) => this.#begin(due))
  }

  /** Clears the crashes and begins anew. */
  async restart(): Promise<void> {
    await this.#end()
    if (this.#closed) return
    this.stats.crashes = 0
    this.#lastOutcome = undefined
    this.#at(this.#world.clock.monotonic(), (due) => this.#begin(due))
  }

  /** A round now, outside the rhythm; one that runs already is waited for. */
  async runOnce(): Promise<Result<void>> {
    const generation = this.#generation
    if (!generation || this.interval === undefined)
      return err(new AgentError('INPUT_STOPPED', `${this.id} does not run`, { hint: 'Restart it first.' }))
    if (this.#late) return err(new AgentError('INPUT_LATE', this.id))
    await (generation.running ?? this.#round(generation, generation.align.extra()))
    return ok(undefined)
  }

  /** Ends for good; waits for the running round within the stop timeout. */
  async stop(): Promise<void> {
    this.#closed = true
    await this.#end()
    if (this.#lastErrLabels) this.#world.metrics.lastErr.remove(this.#lastErrLabels)
  }

  snapshot(): InstanceSnapshot {
    const { stats, input } = this
    const { clock } = this.#world
    return {
      id: this.id,
      name: input.name,
      instance: input.index,
      state: this.#state(),
      file: input.file,
      interval: this.interval ?? null,
      feeds: stats.feeds,
      points: stats.points,
      lastFeed: stats.lastFeed,
      avgCostMs: stats.avgCostMs,
      p90CostMs: stats.p90CostMs,
      nextRun: this.#next ? Math.round(clock.now() + this.#next.due - clock.monotonic()) : null,
      crashes: stats.crashes,
      errors: stats.errors,
      lastError: stats.lastError,
      history: stats.history,
    }
  }

  #state(): InstanceSnapshot['state'] {
    const { stats } = this
    if (this.stopped) return 'stopped'
    if (this.#paused) return 'paused'
    if (!this.#generation) return stats.crashes > 0 ? 'failing' : 'starting'
    if (this.#late || (this.#lastOutcome ?? 'o') !== 'o') return 'degraded'
    if (this.interval === undefined) return 'ok'
    if (this.#lastOutcome === undefined) return 'starting'
    return stats.feeds === 0 && stats.rounds >= SILENT_ROUNDS ? 'failing' : 'ok'
  }

  /** Creates the collector and runs its first round. */
  #begin(due: number): void {
    const { clock, ntpOffsetMs } = this.#world
    const align = createAlignment(clock, this.interval ?? 0, ntpOffsetMs)
    const generation = new Generation(align, (failed, thrown) => this.#crash(failed, thrown))
    this.#generation = generation
    try {
      generation.collector = generation.run(() =>
        this.definition.create(this.input.config, this.#context(generation)),
      )
    } catch (thrown) {
      return generation.fail(thrown)
    }
    if (this.interval !== undefined) this.#tick(generation, due, this.interval)
    if (this.definition.rateBased && (this.interval ?? 0) > FIRST_RATE_MS) {
      this.#extra = this.#world.schedule.at(due + FIRST_RATE_MS, () => {
        if (!generation.running) void this.#round(generation, generation.align.extra())
      })
    }
  }

  /** A round of the rhythm, and the appointment for the next: missed ones are skipped, never made up. */
  #tick(generation: Generation, due: number, interval: number): void {
    const { clock } = this.#world
    const now = clock.monotonic()
    const missed = Math.max(0, Math.floor((now - due) / interval))
    this.#at(due + (missed + 1) * interval, (at) => this.#tick(generation, at, interval))
    if (generation.running) return
    this.#paused = this.#electable && !this.#world.elected()
    if (this.#paused) return
    const { time, jump } = generation.align.next()
    if (jump !== 0) this.#world.clockJumped(now - interval, jump, interval)
    void this.#round(generation, time)
  }

  #round(generation: Generation, time: bigint): Promise<void> {
    const { clock, schedule } = this.#world
    const start = clock.monotonic()
    this.#roundStart = start
    this.#errorInRound = false
    const timeout = schedule.at(start + this.#timeout, () => this.#cameLate(generation))
    const finish = (): void => {
      void timeout.dispose()
      generation.running = undefined
      if (generation.ended) return
      this.#roundStart = undefined
      this.#late = false
      this.#lastOutcome = this.#errorInRound ? 'e' : 'o'
      this.stats.round(this.#lastOutcome, clock.monotonic() - start)
    }
    const collect = async (): Promise<void> => {
      try {
        await generation.run(() => generation.collector?.collect(time))
      } catch (thrown) {
        generation.fail(thrown)
      }
      finish()
    }
    return (generation.running = collect())
  }

  #cameLate(generation: Generation): void {
    if (generation.ended) return
    this.#late = true
    const message = `${this.id}: a round runs for more than ${formatGoDuration(this.#timeout)}`
    this.#reportError(new AgentError('INPUT_LATE', message))
    this.#event('collector_late', 'warning', { error: message })
  }

  #context(generation: Generation): InputContext {
    return {
      name: this.input.name,
      instance: this.input.index,
      signal: generation.signal,
      clock: generation.clock(this.#world.clock),
      log: this.#log,
      host: this.#world.host,
      feed: (category, points, options) => this.#feed(generation, category, points, options),
      reportError: (error) => {
        if (!generation.ended) this.#reportError(error)
      },
      diagnose: (found) => {
        if (!generation.ended) this.#diagnostics.push(found)
      },
      protect: (rhythm) => this.#clamp(rhythm),
    }
  }

  async #feed(
    generation: Generation,
    category: Category,
    points: readonly Point[],
    options: FeedOptions = {},
  ): Promise<void> {
    if (generation.closed) throw new AgentError('KERNEL_CANCELLED', `${this.id} has ended`)
    if (points.length === 0) return
    const { clock, feed } = this.#world
    const source = options.source ?? this.input.name
    const cost =
      options.cost ?? (this.#roundStart === undefined ? undefined : clock.monotonic() - this.#roundStart)
    await feed(category, points, {
      ...options,
      source,
      election: options.election ?? this.#electable,
      ...(cost === undefined ? {} : { cost }),
    })
    this.stats.feed(points.length, clock.now())
  }

  #reportError(error: unknown): void {
    const message = maskSecrets(errorText(error))
    this.#errorInRound = true
    if (this.#roundStart === undefined) this.#lastOutcome = 'e'
    this.stats.error(message, this.#world.clock.now())
    this.#countError(message)
    this.#log.warn('collector reported an error', { error: message })
  }

  #countError(message: string): void {
    const { metrics, clock } = this.#world
    const source = this.input.name
    const category = this.definition.measurements[0]?.category ?? 'metric'
    metrics.errors.inc({ source, category })
    // One series an instance, however many texts its errors have.
    if (this.#lastErrLabels) metrics.lastErr.remove(this.#lastErrLabels)
    this.#lastErrLabels = { input: source, source, category, error: message }
    metrics.lastErr.set(this.#lastErrLabels, Math.floor(clock.now() / 1000))
  }

  #crash(generation: Generation, thrown: unknown): void {
    // After its end a generation may throw because of it, a cancelled sleep for one: that is no crash.
    if (generation.ended) return
    const { clock, metrics, random } = this.#world
    const message = maskSecrets(errorText(thrown))
    this.stats.crash(message, clock.now())
    this.#lastOutcome = 'c'
    metrics.crashes.inc({ input: this.input.name })
    this.#countError(message)
    const stack = thrown instanceof Error ? thrown.stack : undefined
    this.#log.error('collector crashed', { error: message, stack, crashes: this.stats.crashes })
    const ended = this.#end()
    if (this.stopped) return this.#stopForGood(message)
    this.#event('collector_crashed', 'warning', { error: message })
    const wait = Math.min(BACKOFF.first * 2 ** (this.stats.crashes - 1), BACKOFF.max) * (0.5 + random() / 2)
    const due = clock.monotonic() + wait
    void ended.then(() => {
      if (!this.#closed && !this.#generation && !this.#next && !this.stopped)
        this.#at(due, (at) => this.#begin(Math.max(at, clock.monotonic())))
    })
  }

  #stopForGood(message: string): void {
    this.#event('collector_stopped', 'error', { error: message })
    this.#diagnostics.push(
      diagnostic('INPUT_STOPPED', `${this.id} stopped after ${MAX_CRASHES} failures: ${message}`, {
        path: `inputs.${this.input.name}[${this.input.index}]`,
        ...(this.input.file === null ? {} : { file: this.input.file }),
      }),
    )
  }

  /** Ends the generation and its appointments. Never rejects: a dispose that throws is logged. */
  #end(): Promise<void> {
    void this.#next?.entry.dispose()
    void this.#extra?.dispose()
    this.#next = undefined
    this.#extra = undefined
    const generation = this.#generation
    this.#generation = undefined
    this.#roundStart = undefined
    this.#late = false
    this.#paused = false
    this.#diagnostics = this.#diagnostics.filter((d) => d.code === 'CONFIG_CLAMPED')
    if (generation) this.#ending = this.#ending.then(() => this.#close(generation))
    if (generation) generation.ended = true
    return this.#ending
  }

  async #close(generation: Generation): Promise<void> {
    try {
      await generation.close((work) => this.#within(work))
    } catch (thrown) {
      this.#log.error('collector failed to end', { error: maskSecrets(errorText(thrown)) })
    }
  }

  async #within(work: Promise<void>): Promise<void> {
    const { clock, stopTimeoutMs } = this.#world
    let timer: Disposable | undefined
    const limit = new Promise<void>((resolve) => {
      timer = clock.after(stopTimeoutMs, () => {
        this.#log.warn('collector does not end; it is left behind', { timeoutMs: stopTimeoutMs })
        resolve()
      })
    })
    try {
      await Promise.race([work, limit])
    } finally {
      void timer?.dispose()
    }
  }

  #at(due: number, run: (due: number) => void): void {
    void this.#next?.entry.dispose()
    const entry = this.#world.schedule.at(due, () => {
      this.#next = undefined
      run(due)
    })
    this.#next = { due, entry }
  }

  #clamp(rhythm: Rhythm): number {
    const used = protectedInterval(rhythm, this.#world.protectMode)
    const { name: input, index, file } = this.input
    const notice = clampNotice(rhythm, used, { input, index, key: rhythm.key ?? 'interval', file })
    if (notice && !this.#diagnostics.some((d) => d.path === notice.path)) this.#diagnostics.push(notice)
    return used
  }

  #event(
    kind: RunnerEvent['kind'],
    severity: RunnerEvent['severity'],
    params: Readonly<Record<string, string>>,
  ): void {
    const time = this.#world.clock.now()
    this.#world.event({ time, kind, severity, params: { id: this.id, name: this.input.name, ...params } })
  }
}

/** True where the definition runs on that system. */
export const runsOn = (definition: InputDefinition, platform: Platform): boolean =>
  definition.platforms.includes(platform)
