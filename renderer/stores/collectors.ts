// Collectors as the table shows them: one row a collector over its instances, the worst first.
import type { CollectorInstanceView, CollectorState } from '../../agent-core/contract/index.ts'

/** Crashes after which the agent stops an instance for good. */
export const CRASH_LIMIT = 6

export type DotShape = 'ok' | 'warn' | 'bad' | 'idle' | 'pause' | 'run'

const STATES: Readonly<Record<CollectorState, { readonly dot: DotShape; readonly rank: number }>> = {
  stopped: { dot: 'bad', rank: 7 },
  failing: { dot: 'bad', rank: 6 },
  not_loaded: { dot: 'bad', rank: 5 },
  degraded: { dot: 'warn', rank: 4 },
  starting: { dot: 'run', rank: 3 },
  paused: { dot: 'pause', rank: 2 },
  ok: { dot: 'ok', rank: 1 },
  finished: { dot: 'idle', rank: 0 },
}

export const dotOf = (state: CollectorState): DotShape => STATES[state].dot
export const rankOf = (state: CollectorState): number => STATES[state].rank
/** States that somebody must look at. */
export const isFailing = (state: CollectorState): boolean => STATES[state].dot === 'bad'

/** One row: sums and extremes over the instances of one name. */
export interface CollectorRow {
  readonly name: string
  readonly state: CollectorState
  readonly instances: readonly CollectorInstanceView[]
  /** Instances that run or ran: what did not load has none. */
  readonly running: number
  readonly feeds: number
  readonly points: number
  readonly lastFeed: number | null
  /** Mean over all rounds of all instances. */
  readonly avgCostMs: number | null
  /** Worst instance's. */
  readonly p90CostMs: number | null
  readonly nextRun: number | null
  /** Of the instance nearest to the limit. */
  readonly crashes: number
  readonly errors: number
  readonly lastError: CollectorInstanceView['lastError']
}

export function byName(instances: readonly CollectorInstanceView[]): CollectorRow[] {
  const groups = Map.groupBy(instances, ({ name }) => name)
  return [...groups].map(([name, group]) => rowOf(name, group)).sort(worstFirst)
}

/** Worst state, then most errors, then by name. */
function worstFirst(a: CollectorRow, b: CollectorRow): number {
  return (
    rankOf(b.state) - rankOf(a.state) ||
    b.errors - a.errors ||
    a.name.localeCompare(b.name, undefined, { numeric: true })
  )
}

function rowOf(name: string, instances: readonly CollectorInstanceView[]): CollectorRow {
  const worst = instances.reduce((a, b) => (rankOf(b.state) > rankOf(a.state) ? b : a))
  const rounds = instances.filter(({ avgCostMs, feeds }) => avgCostMs !== null && feeds > 0)
  const feeds = sum(instances.map((one) => one.feeds))
  const cost = sum(rounds.map((one) => one.avgCostMs! * one.feeds)) / sum(rounds.map((one) => one.feeds))
  return {
    name,
    state: worst.state,
    instances,
    running: instances.filter(({ state }) => state !== 'not_loaded').length,
    feeds,
    points: sum(instances.map((one) => one.points)),
    lastFeed: extreme(
      instances.map((one) => one.lastFeed),
      Math.max,
    ),
    avgCostMs:
      rounds.length > 0
        ? cost
        : extreme(
            instances.map((one) => one.avgCostMs),
            Math.max,
          ),
    p90CostMs: extreme(
      instances.map((one) => one.p90CostMs),
      Math.max,
    ),
    nextRun: extreme(
      instances.map((one) => one.nextRun),
      Math.min,
    ),
    crashes: Math.max(...instances.map((one) => one.crashes)),
    errors: sum(instances.map((one) => one.errors)),
    lastError: latestError(instances),
  }
}

function latestError(instances: readonly CollectorInstanceView[]): CollectorInstanceView['lastError'] {
  return instances.reduce<CollectorInstanceView['lastError']>(
    (latest, { lastError }) =>
      lastError && lastError.time > (latest?.time ?? -Infinity) ? lastError : latest,
    null,
  )
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function extreme(values: readonly (number | null)[], pick: (...values: number[]) => number): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 ? pick(...known) : null
}

/** The typed text anywhere in name, file or error, in any case. */
export function matches(row: CollectorRow, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return true
  const parts = [row.name, row.lastError?.message, ...row.instances.map(({ file }) => file)]
  return parts.some((part) => part?.toLowerCase().includes(wanted))
}
