// The timestamps of rounds (spec collectors-host.md section 0): a steady grid while the clock is sane, the tick when not.
import type { Clock } from '../kernel/clock.ts'

interface RoundTime {
  /** ns since the Unix epoch for the round's points. */
  readonly time: bigint
  /** ms that the wall clock moved against the monotonic one since the last round, when more than an interval; else 0. */
  readonly jump: number
}

export interface Alignment {
  /** A scheduled round: previous + interval, or the tick when that is more than 10 % of the interval off. */
  next(): RoundTime
  /** A round outside the rhythm: the tick, and the grid stays where it is. */
  extra(): bigint
}

/** @param ntpOffsetMs what to add to the wall clock for the network's time. */
export function createAlignment(clock: Clock, intervalMs: number, ntpOffsetMs: () => number): Alignment {
  const interval = BigInt(Math.round(intervalMs * 1e6))
  const tick = (): bigint => clock.nowNs() + BigInt(Math.round(ntpOffsetMs() * 1e6))
  const skew = (): number => clock.now() - clock.monotonic()
  let previous: bigint | undefined
  let lastSkew = skew()

  return {
    next() {
      const now = tick()
      const moved = skew() - lastSkew
      lastSkew += moved
      const due = previous === undefined ? now : previous + interval
      const off = due > now ? due - now : now - due
      previous = off * 10n > interval ? now : due
      return { time: previous, jump: Math.abs(moved) > intervalMs ? moved : 0 }
    },
    extra: tick,
  }
}
