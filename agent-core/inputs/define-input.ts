// What a collector is: its settings schema, its sample, what it emits, and how one instance collects.
import type { GenericSchema, InferOutput } from 'valibot'
import type { Clock } from '../kernel/clock.ts'
import type { Diagnostic } from '../kernel/diagnostic.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { Category } from '../point/category.ts'
import type { MeasurementInfo } from '../point/measurement.ts'
import type { Point } from '../point/point.ts'

export type Platform = 'linux' | 'darwin' | 'win32'

/**
 * How often an instance runs, and the protect-mode clamp of spec config-and-lifecycle.md section 4. All ms; `max` may be
 * Infinity where nothing clamps. All three 0: no rounds at all, the instance lives by its own events.
 */
export interface Rhythm {
  readonly interval: number
  readonly min: number
  readonly max: number
  /** The setting it comes from, for the notice when it is clamped. Default `interval`. */
  readonly key?: string
}

/** Options of one feed (spec points-io-http.md section 2.1). */
export interface FeedOptions {
  /** Name of the feed in `datakit_io_feed_total{name=…}`; default: the collector's name. */
  readonly source?: string
  /** Points of an elected collector get election tags instead of host tags. */
  readonly election?: boolean
  readonly noGlobalTags?: boolean
  /** ms the collection took; the runner fills it for collect(). */
  readonly cost?: number
}

/** What the agent gives an instance. Everything it starts must end when `signal` aborts. */
export interface InputContext {
  readonly name: string
  readonly instance: number
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Logger
  /** Resolves when the points are accepted; rejects only when the agent stops. */
  feed(category: Category, points: readonly Point[], options?: FeedOptions): Promise<void>
  /** An error that is not a crash: shown on the Overview, counted, the instance goes on. */
  reportError(error: unknown): void
  /** Shown on the Overview until the instance ends. */
  diagnose(diagnostic: Diagnostic): void
  /** Clamps a second interval as the runner clamps rhythm(): the ms to obey, with a notice when they differ. */
  protect(rhythm: Rhythm): number
  /** The runtime of the host, replaceable in tests. */
  readonly host: HostFacts
}

/** Facts of this machine and agent that several collectors need. */
export interface HostFacts {
  readonly platform: Platform
  /** `os.hostname()` or ENV_HOSTNAME. */
  hostname(): string
  readonly version: string
  /** Prefix of /proc, /sys, /etc: "/" but in tests. */
  readonly root: string
  readonly metrics: Metrics
  /** Statistics of all collectors, for hostobject's message. */
  collectorStats(): readonly CollectorStat[]
  /** Facts of the configuration that hostobject reports. */
  agentFacts(): AgentFacts
  /** Adds tags that only a collector finds out, such as the region of a cloud, to the global ones. */
  addGlobalTags?(of: 'host' | 'election', tags: Readonly<Record<string, string>>): void
  /** No request leaves this machine but to addresses that the configuration names: tests. */
  readonly offline?: boolean
}

export interface CollectorStat {
  readonly name: string
  readonly count: number
  readonly lastTime?: number
  readonly lastErr?: string
  readonly lastErrTime?: number
}

export interface AgentFacts {
  readonly httpListen: string
  readonly loggingLevel: string
  readonly startedAt: number
  readonly election: { namespace: string; elected: string; electedTime: number; status: string }
}

export interface Collector {
  /**
   * One round. `time` is the aligned timestamp in ns for its points. A throw or rejection counts as a crash;
   * anything expected goes through ctx.reportError.
   */
  collect(time: bigint): Promise<void> | void
  /** Releases what the instance holds beyond its signal. */
  dispose?(): Promise<void> | void
}

export interface InputDefinition<S extends GenericSchema = GenericSchema> {
  /** The table's name under `inputs.` */
  readonly name: string
  readonly catalog: string
  readonly platforms: readonly Platform[]
  /** `false`: never elected; otherwise the default of its `election` key. */
  readonly election: boolean
  /** Only the first instance runs. */
  readonly singleton: boolean
  /** Runs by default on a first start. */
  readonly default: boolean
  /** Parses the TOML table; durations are already ms (see config duration()). Unknown keys are reported by config. */
  readonly schema: S
  /** The text of sample.conf beside the collector. */
  readonly sample: string
  readonly measurements: readonly MeasurementInfo[]
  /** Local inputs start at once; remote ones with a jitter of up to 10 s. Default true. */
  readonly local?: boolean
  /** Rate-based collectors run a second round 1 s after the first, so that rates show at once. */
  readonly rateBased?: boolean
  rhythm(config: InferOutput<S>): Rhythm
  create(config: InferOutput<S>, context: InputContext): Collector
}

/** Keeps the config type between schema, rhythm and create. */
export function defineInput<const S extends GenericSchema>(
  definition: InputDefinition<S>,
): InputDefinition<S> {
  return definition
}
