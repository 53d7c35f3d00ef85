// Time in the console: passed as an argument, so tests drive it.

export interface Timer {
  dispose(): void
}

export interface Clock {
  /** ms since the Unix epoch. */
  now(): number
  after(ms: number, run: () => void): Timer
  every(ms: number, run: () => void): Timer
}

export const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return { dispose: () => clearTimeout(timer) }
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    return { dispose: () => clearInterval(timer) }
  },
}
