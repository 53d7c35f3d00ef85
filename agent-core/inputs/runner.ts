// Runs the configured collectors, each alone: crash isolation, back-off, clamps, aligned rounds, numbers for the Overview.
import { isDeepStrictEqual } from 'node:util'
import { formatGoDuration } from '../config/duration.ts'
import type { Clock } from '../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { AgentError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import type { CollectorStat, HostFacts, InputDefinition } from './define-input.ts'
import { inputMetrics } from './input-metrics.ts'
import { claimError } from './generation.ts'
import { Instance, runsOn } from './instance.ts'
import type {
  ConfiguredInput,
  FeedSink,
  InstanceSnapshot,
  InstanceWorld,
  RunnerEvent,
} from './instance-world.ts'
import { createSchedule } from './schedule.ts'

export type { ConfiguredInput, FeedSink, InstanceSnapshot, RunnerEvent } from './instance-world.ts'

export interface RunnerOptions {
  /** Every collector the agent knows. */
  readonly definitions: readonly InputDefinition[]
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly feed: FeedSink
  readonly host: HostFacts
  /** datakit.conf `protect_mode`; default true. */
  readonly protectMode?: boolean
  /** ms after which a round counts as late; default: three intervals, at least 30 s. */
  readonly timeoutMs?: number
  /** ms that the end of an instance waits for its running round, and again for its dispose(). Default 5 s. */
  readonly stopTimeoutMs?: number
  /** What to add to the wall clock for the network's time, ms. */
  readonly ntpOffsetMs?: () => number
  /** Whether this agent may run elected inputs now; default always. */
  readonly elected?: () => boolean
  /** In [0, 1): start jitter and back-off. */
  readonly random?: () => number
  readonly onEvent?: (event: RunnerEvent) => void
}

export interface Runner {
  /** Starts what was given by replace(). */
  start(): void
  /** Ends every instance; waits for running rounds within stopTimeoutMs. Nothing starts again afterwards. */
  stop(): Promise<void>
  /** Takes a new configuration: healthy instances whose configuration is the same go on undisturbed. */
  replace(inputs: readonly ConfiguredInput[]): Promise<void>
  /** Starts an instance anew with its crashes cleared. Fails with INPUT_UNKNOWN. */
  restart(id: string): Promise<Result<void>>
  /** Runs a round now and waits for it. Fails with INPUT_UNKNOWN, INPUT_STOPPED, INPUT_LATE. */
  runOnce(id: string): Promise<Result<void>>
  /** Every instance in the order of the configuration. */
  snapshot(): InstanceSnapshot[]
  /** Clamps, platforms, stopped collectors, clock jumps, and what collectors told. */
  diagnostics(): Diagnostic[]
  /** One entry a collector name, for HostFacts.collectorStats. */
  collectorStats(): CollectorStat[]
  /**
   * Gives an uncaught exception or unhandled rejection of the process to the instance whose code it came from, as its
   * crash. To be called from the process's handler; false when no collector caused it.
   */
  claim(thrown: unknown): boolean
}

export function createRunner(options: RunnerOptions): Runner {
  const { clock } = options
  const known = new Map(options.definitions.map((d) => [d.name, d]))
  const metrics = inputMetrics(options.metrics)
  const schedule = createSchedule(clock)
  let instances = new Map<string, Instance>()
  let refused: Diagnostic[] = []
  let jump: { readonly mono: number; readonly ms: number; readonly notice: Diagnostic } | undefined
  let running = false
  let stopped = false
  /** Reloads and stops one after the other. */
  let queue: Promise<void> = Promise.resolve()

  const event = (e: RunnerEvent): void => options.onEvent?.(e)

  function clockJumped(sinceMono: number, ms: number, interval: number): void {
    // Each instance meets the same jump at its own next round: one notice is enough.
    if (jump && jump.mono > sinceMono && Math.abs(jump.ms - ms) < interval) return
    const by = `${ms > 0 ? 'forward' : 'back'} by ${formatGoDuration(Math.round(Math.abs(ms)))}`
    const at = new Date(clock.now()).toISOString()
    const notice = diagnostic('INPUT_CLOCK_JUMP', `The clock of this machine jumped ${by} (now ${at})`, {
      severity: 'notice',
    })
    jump = { mono: clock.monotonic(), ms, notice }
    options.log.warn(notice.message)
    event({ time: clock.now(), kind: 'clock_jump', severity: 'warning', params: { ms: Math.round(ms) } })
  }

  const world: InstanceWorld = {
    clock,
    schedule,
    metrics,
    log: options.log,
    feed: options.feed,
    host: options.host,
    protectMode: options.protectMode ?? true,
    timeoutMs: options.timeoutMs,
    stopTimeoutMs: options.stopTimeoutMs ?? 5_000,
    ntpOffsetMs: options.ntpOffsetMs ?? (() => 0),
    elected: options.elected ?? (() => true),
    random: options.random ?? Math.random,
    event,
    clockJumped,
  }

  /** The instance to run for a configured input, or why there is none. */
  function admit(input: ConfiguredInput, taken: ReadonlySet<string>): Instance | Diagnostic {
    const where = {
      path: `inputs.${input.name}[${input.index}]`,
      ...(input.file === null ? {} : { file: input.file }),
    }
    const definition = known.get(input.name)
    if (!definition)
      return diagnostic('CONFIG_UNKNOWN_INPUT', `Unknown collector: ${input.name}`, {
        severity: 'warning',
        ...where,
      })
    const { platform } = options.host
    if (!runsOn(definition, platform))
      return diagnostic('CONFIG_PLATFORM', `${input.name} is not available on ${platform}`, {
        severity: 'warning',
        ...where,
      })
    if (definition.singleton && taken.has(input.name))
      return diagnostic('CONFIG_SINGLETON', `${input.name}: only one instance is allowed`, {
        severity: 'warning',
        ...where,
      })
    return keep(input) ?? new Instance(definition, input, world)
  }

  /** The running instance of the very same configuration. */
  function keep(input: ConfiguredInput): Instance | undefined {
    const current = instances.get(`${input.name}#${input.index}`)
    if (!current || current.stats.crashes > 0) return undefined
    return isDeepStrictEqual(current.input, input) ? current : undefined
  }

  async function swap(inputs: readonly ConfiguredInput[]): Promise<void> {
    if (stopped) return
    const next = new Map<string, Instance>()
    const taken = new Set<string>()
    refused = []
    for (const input of inputs) {
      const admitted = admit(input, taken)
      if (admitted instanceof Instance) {
        taken.add(input.name)
        next.set(admitted.id, admitted)
      } else refused.push(admitted)
    }
    const old = [...instances.values()].filter((i) => next.get(i.id) !== i)
    const fresh = [...next.values()].filter((i) => instances.get(i.id) !== i)
    instances = next
    countInstances()
    await Promise.all(old.map((i) => i.stop()))
    if (running && !stopped) startAll(fresh)
  }

  function countInstances(): void {
    metrics.instances.reset()
    for (const { input } of instances.values()) metrics.instances.inc({ input: input.name })
  }

  function startAll(list: Iterable<Instance>): void {
    const origin = clock.monotonic()
    for (const instance of list) instance.start(origin)
  }

  function inOrder(work: () => Promise<void>): Promise<void> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  return {
    start() {
      if (running || stopped) return
      running = true
      startAll(instances.values())
    },
    stop() {
      stopped = true
      return inOrder(async () => {
        await Promise.all([...instances.values()].map((i) => i.stop()))
        schedule.dispose()
        metrics.instances.reset()
      })
    },
    replace: (inputs) => inOrder(() => swap(inputs)),
    async restart(id) {
      const instance = instances.get(id)
      if (!instance) return unknownInstance(id)
      await instance.restart()
      return ok(undefined)
    },
    async runOnce(id) {
      return (await instances.get(id)?.runOnce()) ?? unknownInstance(id)
    },
    snapshot: () => [...instances.values()].map((i) => i.snapshot()),
    diagnostics: () => [
      ...refused,
      ...[...instances.values()].flatMap((i) => i.diagnostics),
      ...(jump ? [jump.notice] : []),
    ],
    collectorStats: () => collectorStats([...instances.values()]),
    claim: claimError,
  }
}

function collectorStats(instances: readonly Instance[]): CollectorStat[] {
  return [...Map.groupBy(instances, (i) => i.input.name)].map(([name, group]) => statOf(name, group))
}

function statOf(name: string, group: readonly Instance[]): CollectorStat {
  const stats = group.map((i) => i.stats)
  const count = stats.reduce((sum, s) => sum + s.feeds, 0)
  const lastTime = Math.max(...stats.map((s) => s.lastFeed ?? 0))
  const errors = stats.flatMap((s) => s.lastError ?? [])
  const lastError = errors.toSorted((a, b) => b.time - a.time).at(0)
  return {
    name,
    count,
    ...(lastTime > 0 ? { lastTime } : {}),
    ...(lastError ? { lastErr: lastError.message, lastErrTime: lastError.time } : {}),
  }
}

const unknownInstance = (id: string): Result<never> => err(new AgentError('INPUT_UNKNOWN', id))
