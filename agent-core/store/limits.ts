// How much the store keeps and how much it may cost. All of it bounded; the newest stays.

export interface StoreLimits {
  /** ms that appended points wait for others before they go to the worker in one batch. */
  readonly flushMs: number
  /** ms between two rounds of sealing, roll-up and retention. */
  readonly maintainMs: number
  /** Bytes that wait for the worker; beyond it the newest are dropped. */
  readonly queueBytes: number
  /** Bytes of one category taken in one flush interval: a flood is sampled, and starves no other category. */
  readonly burstBytes: number
  /** Bytes the worker keeps in memory while the file cannot be written; beyond it the oldest go. */
  readonly heldBytes: number

  /** Recent points a category, their age in ms, and the compressed bytes of all categories. */
  readonly recentPoints: number
  readonly recentAgeMs: number
  readonly recentBytes: number
  /** Latest objects, and ms after which one that came no more is forgotten. */
  readonly objects: number
  readonly objectAgeMs: number

  /** Age in ms of samples at the collectors' rhythm and of the 1 min roll-up. */
  readonly sampleAgeMs: number
  readonly minuteAgeMs: number
  /** Series in all and a measurement; samples of further ones are refused and counted. */
  readonly series: number
  readonly seriesPerMeasurement: number
  /** Bytes of the database; beyond it the oldest roll-up goes, then the oldest samples. */
  readonly totalBytes: number
}

const MIB = 2 ** 20
const HOUR = 3_600_000

export const DEFAULT_LIMITS: StoreLimits = {
  flushMs: 5_000,
  maintainMs: 600_000,
  queueBytes: 8 * MIB,
  burstBytes: MIB,
  heldBytes: 4 * MIB,
  recentPoints: 20_000,
  recentAgeMs: 24 * HOUR,
  recentBytes: 64 * MIB,
  objects: 5_000,
  objectAgeMs: 24 * HOUR,
  sampleAgeMs: 24 * HOUR,
  minuteAgeMs: 14 * 24 * HOUR,
  series: 5_000,
  seriesPerMeasurement: 1_000,
  totalBytes: 512 * MIB,
}
