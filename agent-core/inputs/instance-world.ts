// What a collector instance is given, what it tells, and what all instances of one runner share.
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import type { FeedOptions, HostFacts } from './define-input.ts'
import type { InputMetrics } from './input-metrics.ts'
import type { LastError } from './round-stats.ts'
import type { Schedule } from './schedule.ts'

/** What configuration found: one `[[inputs.name]]` table, parsed by the definition's schema. */
export interface ConfiguredInput {
  readonly name: string
  /** Position among the instances of that name, from 0. */
  readonly index: number
  readonly file: string | null
  readonly config: unknown
}

/** Where points go; `source` is always set. */
export type FeedSink = (
  category: Category,
  points: readonly Point[],
  options: FeedOptions & { readonly source: string },
) => Promise<void>

export interface RunnerEvent {
  readonly time: number
  readonly kind: 'collector_crashed' | 'collector_stopped' | 'collector_late' | 'clock_jump'
  readonly params: Readonly<Record<string, string | number>>
  readonly severity: 'info' | 'warning' | 'error'
}

/** What the instances of one runner share. */
export interface InstanceWorld {
  readonly clock: Clock
  readonly schedule: Schedule
  readonly log: Logger
  readonly metrics: InputMetrics
  readonly feed: FeedSink
  readonly host: HostFacts
  readonly protectMode: boolean
  readonly timeoutMs: number | undefined
  readonly stopTimeoutMs: number
  readonly ntpOffsetMs: () => number
  readonly elected: () => boolean
  readonly random: () => number
  readonly event: (event: RunnerEvent) => void
  readonly clockJumped: (sinceMono: number, jumpMs: number, intervalMs: number) => void
}

/** What the Overview shows of an instance: contract/overview.ts `collectorInstance`. */
export interface InstanceSnapshot {
  readonly id: string
  readonly name: string
  readonly instance: number
  readonly state: 'ok' | 'starting' | 'degraded' | 'failing' | 'stopped' | 'paused'
  readonly file: string | null
  readonly interval: number | null
  readonly feeds: number
  readonly points: number
  readonly lastFeed: number | null
  readonly avgCostMs: number | null
  readonly p90CostMs: number | null
  readonly nextRun: number | null
  readonly crashes: number
  readonly errors: number
  readonly lastError: LastError | null
  readonly history: string
}
