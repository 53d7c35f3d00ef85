// What happens to a batch between the feed and its encoding: scripts, blacklist, time correction. One function, which
// runs in a lane where a script or a user's regular expression is concerned, and in place everywhere else.
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { correctTimes } from '../point/time-correction.ts'
import type { Filters } from '../io/filter/filter.ts'
import type { CreatedBatch, Processed, ScriptRuns } from './scripts/runtime.ts'

export interface BatchSteps {
  /** Runs the scripts that the points select; absent: none. */
  readonly scripts?: ((category: Category, points: readonly Point[]) => Processed) | undefined
  readonly filters?: Filters | undefined
  /** The present, ns: points more than 2 h off it are moved. Absent: times stay. */
  readonly correctTo?: bigint | undefined
  /** Sees the points behind the scripts, before the blacklist. */
  readonly onPiped?: ((points: readonly Point[]) => void) | undefined
  readonly monotonic: () => number
}

export interface BatchCounts {
  /** Points that scripts dropped. */
  readonly dropped: number
  /** Points that windows of scripts hold more than before; fewer when it is negative. */
  readonly held: number
  /** Points that the blacklist took. */
  readonly filtered: number
  /** Points that went by the blacklist, and the ms that took; 0 when it has no rule for the category. */
  readonly screened: number
  readonly screenMs: number
  /** Points whose time was moved to the present. */
  readonly moved: number
}

export interface ProcessedBatch extends BatchCounts {
  /** Points that go on, in order. */
  readonly points: readonly Point[]
  /** Points that scripts made; none of the steps here has seen them. */
  readonly created: readonly CreatedBatch[]
  readonly runs: readonly ScriptRuns[]
}

export function processBatch(
  category: Category,
  points: readonly Point[],
  steps: BatchSteps,
): ProcessedBatch {
  const piped = steps.scripts?.(category, points)
  const behind = piped?.points ?? points
  steps.onPiped?.(behind)
  let kept = behind
  let screened = 0
  let screenMs = 0
  const { filters, correctTo } = steps
  if (filters && filters.count(category) > 0) {
    const started = steps.monotonic()
    kept = behind.filter((point) => filters.filter(category, point) === undefined)
    screened = behind.length
    screenMs = steps.monotonic() - started
  }
  return {
    points: kept,
    dropped: piped?.dropped ?? 0,
    held: piped?.held ?? 0,
    filtered: behind.length - kept.length,
    screened,
    screenMs,
    moved: correctTo === undefined ? 0 : correctTimes(kept, correctTo),
    created: piped?.created ?? [],
    runs: piped?.runs ?? [],
  }
}
