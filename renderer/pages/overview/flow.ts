// The flow as five doors: what passes each, and what is lost there by reason.
import type { OverviewSnapshot } from '../../../agent-core/contract/index.ts'

const DOORS = ['collected', 'piped', 'filtered', 'queued', 'sent'] as const
type DoorName = (typeof DOORS)[number]

/** Where a point with this reason leaves the flow; a reason that is not named leaves at the queue. */
const DOOR_OF_REASON: Readonly<Record<string, DoorName>> = {
  invalid: 'collected',
  script: 'piped',
  filtered: 'filtered',
  expired: 'sent',
  dead_letter: 'sent',
  too_large: 'sent',
  damaged: 'sent',
}

interface Loss {
  readonly reason: string
  readonly rate: number
  readonly total: number
}

/** Collectors feed every ten seconds or so: a rate of one second would be nothing, then a peak. */
const MEAN_SECONDS = 30
const SMOOTH_SECONDS = 10

/** Mean of the newest values. */
export function recentMean(history: readonly number[]): number {
  const recent = history.slice(-MEAN_SECONDS)
  return recent.reduce((sum, value) => sum + value, 0) / Math.max(1, recent.length)
}

/** Each value with the ones before it, as far as one round of a collector. */
export function smooth(history: readonly number[]): number[] {
  let sum = 0
  return history.map((value, n) => {
    sum += value - (n >= SMOOTH_SECONDS ? history[n - SMOOTH_SECONDS]! : 0)
    return Math.max(0, sum / Math.min(n + 1, SMOOTH_SECONDS))
  })
}

export interface Door {
  readonly name: DoorName
  /** Points a second, mean of the last half minute. */
  readonly rate: number
  /** Smoothed over a round. */
  readonly history: readonly number[]
  readonly losses: readonly Loss[]
  /** What the door before let through, where points leave at this one now. */
  readonly lostFrom: readonly number[] | undefined
}

export function doorsOf(flow: OverviewSnapshot['flow']): Door[] {
  return DOORS.map((name, index) => {
    const history = smooth(flow[name].history)
    const losses = flow.dropped.filter(
      ({ reason, total }) => total > 0 && (DOOR_OF_REASON[reason] ?? 'queued') === name,
    )
    const losesNow = losses.some((loss) => loss.rate > 0)
    const before = DOORS[index - 1]
    return {
      name,
      rate: recentMean(flow[name].history),
      history,
      losses,
      lostFrom: losesNow && before ? smooth(flow[before].history) : undefined,
    }
  })
}

/** One scale for all doors, a little air above. Sending comes in bursts, so it is clipped, not the measure. */
export function flowTop(doors: readonly Door[]): number {
  const values = doors.filter(({ name }) => name !== 'sent').flatMap(({ history }) => history)
  return Math.max(0, ...values) * 1.08
}
