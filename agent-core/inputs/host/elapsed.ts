// Time between two rounds by the monotonic clock, and the gaps (sleep, a stepped clock, a long stall) after which a
// difference of counters says nothing.
import type { Clock } from '../../kernel/clock.ts'

/** A wall clock that moved this much more or less than the monotonic one was stepped, or the machine slept. */
const STEP_MS = 1000
const GAP_INTERVALS = 3
/** Protect mode raises shorter intervals to this, so shorter ones must not make every round a gap. */
const SHORTEST_INTERVAL_MS = 1000

export class Elapsed {
  readonly #clock: Clock
  readonly #gapMs: number
  #wall = 0
  #mono: number | undefined

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock
    this.#gapMs = GAP_INTERVALS * Math.max(intervalMs, SHORTEST_INTERVAL_MS)
  }

  /** Seconds since the last call; undefined the first time and after a gap. */
  next(): number | undefined {
    const wall = this.#clock.now()
    const mono = this.#clock.monotonic()
    const before = this.#mono
    const byWall = wall - this.#wall
    this.#wall = wall
    this.#mono = mono
    if (before === undefined) return undefined
    const ms = mono - before
    return ms > this.#gapMs || Math.abs(byWall - ms) > STEP_MS ? undefined : ms / 1000
  }
}
