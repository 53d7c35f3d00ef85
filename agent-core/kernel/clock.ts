// Time as an argument. Rooms never call Date.now or setTimeout: tests drive a FakeClock instead of sleeping.
import { AgentError } from './errors.ts'
import type { Disposable } from './disposable.ts'

export interface Clock {
  /** Wall clock, ms since the Unix epoch. */
  now(): number
  /** Wall clock, ns since the Unix epoch. */
  nowNs(): bigint
  /** Monotonic ms: never jumps with the wall clock. */
  monotonic(): number
  /** Calls once after `ms`. Timers never keep the process alive by themselves. */
  after(ms: number, run: () => void): Disposable
  /** Calls every `ms`. */
  every(ms: number, run: () => void): Disposable
  /** Resolves after `ms`; rejects with KERNEL_CANCELLED when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

const MAX_TIMEOUT_MS = 2 ** 31 - 1

function sleepOn(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): void => {
      timer.dispose()
      reject(new AgentError('KERNEL_CANCELLED'))
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', cancelled)
      resolve()
    })
    if (signal?.aborted) cancelled()
    else signal?.addEventListener('abort', cancelled, { once: true })
  })
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // performance.timeOrigin does not follow clock corrections, so the wall clock's ms are all we get.
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_TIMEOUT_MS))
    timer.unref()
    return { dispose: () => clearTimeout(timer) }
  },
  every(ms, run) {
    const timer = setInterval(run, Math.min(Math.max(1, ms), MAX_TIMEOUT_MS))
    timer.unref()
    return { dispose: () => clearInterval(timer) }
  },
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
}

interface FakeTimer {
  at: number
  readonly every: number | undefined
  readonly run: () => void
}

/** A clock that stands still until told. `advance` runs due timers in order and lets promises settle between. */
export class FakeClock implements Clock {
  #wall: number
  #mono = 0
  #timers = new Set<FakeTimer>()

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#wall = nowMs
  }

  now(): number {
    return this.#wall
  }
  nowNs(): bigint {
    return BigInt(Math.round(this.#wall * 1000)) * 1000n
  }
  monotonic(): number {
    return this.#mono
  }
  after(ms: number, run: () => void): Disposable {
    return this.#add({ at: this.#mono + Math.max(0, ms), every: undefined, run })
  }
  every(ms: number, run: () => void): Disposable {
    const period = Math.max(1, ms)
    return this.#add({ at: this.#mono + period, every: period, run })
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  /** Timers that wait: 0 proves that everything was disposed. */
  get pending(): number {
    return this.#timers.size
  }
  /** Moves the wall clock only, as NTP or a user would. */
  jump(ms: number): void {
    this.#wall += ms
  }

  async advance(ms: number): Promise<void> {
    const end = this.#mono + ms
    await settle()
    for (;;) {
      const next = [...this.#timers].filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#wall += next.at - this.#mono
      this.#mono = next.at
      if (next.every === undefined) this.#timers.delete(next)
      else next.at += next.every
      next.run()
      await settle()
    }
    this.#wall += end - this.#mono
    this.#mono = end
  }

  #add(timer: FakeTimer): Disposable {
    this.#timers.add(timer)
    return { dispose: () => void this.#timers.delete(timer) }
  }
}

/** Lets chains of resolved promises (and immediates) run dry. */
async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
