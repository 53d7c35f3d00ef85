// The load of the last 5 s, taken back out of the 1 min load average, which the kernel updates every 5 s as
// load1 = load1 * 1884/2048 + n * 164/2048 in fixed point.
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'

const PERIOD_MS = 5000
const ONE = 2048
const DECAY = 1884

/** Solves the kernel's step for n; a load of 0 before or now leaves nothing to solve. */
export function loadOf5s(now: number, last: number): number {
  if (now === 0 || last === 0) return Math.trunc(now)
  return Math.round((ONE * (ONE * now - 10) - 1024 - DECAY * ONE * last) / (ONE - DECAY) / ONE)
}

export class Load5s implements Disposable {
  readonly #timer: Disposable
  #last = 0
  #value: number | undefined

  /** `load1` gives the current 1 min load, or undefined while it cannot be read. */
  constructor(clock: Clock, load1: () => number | undefined) {
    const sample = (): void => {
      const now = load1()
      if (now === undefined) return
      this.#value = loadOf5s(now, this.#last)
      this.#last = now
    }
    sample()
    this.#timer = clock.every(PERIOD_MS, sample)
  }

  get value(): number | undefined {
    return this.#value
  }

  dispose(): void {
    this.#timer.dispose()
  }
}
