// A clock for the console's tests: stands still until told, runs due timers in order.
import type { Clock, Timer } from '../clock.ts'

interface Waiting {
  at: number
  readonly every: number | undefined
  readonly run: () => void
}

export class FakeClock implements Clock {
  #now: number
  #timers = new Set<Waiting>()

  constructor(now = Date.UTC(2026, 10, 20, 6, 32, 7)) {
    this.#now = now
  }
  now(): number {
    return this.#now
  }
  after(ms: number, run: () => void): Timer {
    return this.#add({ at: this.#now + ms, every: undefined, run })
  }
  every(ms: number, run: () => void): Timer {
    return this.#add({ at: this.#now + ms, every: ms, run })
  }
  /** Timers that wait: 0 proves that everything was disposed. */
  get pending(): number {
    return this.#timers.size
  }
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#now = next.at
      if (next.every === undefined) this.#timers.delete(next)
      else next.at += next.every
      next.run()
    }
    this.#now = end
  }
  #add(timer: Waiting): Timer {
    this.#timers.add(timer)
    return { dispose: () => void this.#timers.delete(timer) }
  }
}
