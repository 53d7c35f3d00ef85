// When to try an endpoint again: exponential back-off with jitter, and after several failures to reach it at all a
// circuit that lets one probe through at a time, so a dead DataWay costs one connection attempt, not one a category.
import type { Clock } from '../../kernel/clock.ts'

const OPEN_AFTER = 3
const MAX_WAIT_MS = 30_000

/** ms to wait before attempt `n` (1-based): base · 2^(n-1), at most 30 s, of which the upper half is random. */
export function backOff(n: number, baseMs: number, random: () => number = Math.random): number {
  const full = Math.min(MAX_WAIT_MS, baseMs * 2 ** Math.min(16, n - 1))
  return full / 2 + (full / 2) * random()
}

export class Circuit {
  #failures = 0
  #openUntil = 0
  #probing = false
  readonly #clock: Clock
  readonly #baseMs: number

  constructor(clock: Clock, baseMs: number) {
    this.#clock = clock
    this.#baseMs = baseMs
  }

  /** 0 = go ahead; else ms to wait before asking again. */
  enter(): number {
    if (this.#failures < OPEN_AFTER) return 0
    const wait = this.#openUntil - this.#clock.monotonic()
    if (wait > 0) return wait
    if (this.#probing) return 250
    this.#probing = true
    return 0
  }

  reached(): void {
    this.#failures = 0
    this.#probing = false
  }

  unreachable(): void {
    this.#failures++
    this.#probing = false
    this.#openUntil = this.#clock.monotonic() + backOff(this.#failures, this.#baseMs)
  }

  /** The probe was given up before an answer. */
  abandon(): void {
    this.#probing = false
  }
}
