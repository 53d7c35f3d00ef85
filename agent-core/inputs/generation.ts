// One life of a collector instance, from create() to dispose(): a restart begins a new one. All its code runs in its
// asynchronous context, so that an error which nobody awaits can still be told to be its own.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../kernel/clock.ts'
import type { Alignment } from './align.ts'
import type { Collector } from './define-input.ts'
import { guardedClock } from './guarded-clock.ts'

const owner = new AsyncLocalStorage<Generation>()

/** Ends the instance whose code threw outside any await of its own; false when the error belongs to no collector. */
export function claimError(thrown: unknown): boolean {
  const generation = owner.getStore()
  generation?.fail(thrown)
  return generation !== undefined
}

export class Generation {
  readonly align: Alignment
  collector: Collector | undefined
  /** The round that runs. */
  running: Promise<void> | undefined
  /** Set at its end: a late throw counts no more. */
  ended = false
  /** Set once the running round had its time: feeds are refused. */
  closed = false
  readonly #abort = new AbortController()
  readonly #onFailure: (generation: Generation, thrown: unknown) => void

  constructor(align: Alignment, onFailure: (generation: Generation, thrown: unknown) => void) {
    this.align = align
    this.#onFailure = onFailure
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  fail(thrown: unknown): void {
    this.#onFailure(this, thrown)
  }

  /** Runs code of the collector. */
  run<T>(code: () => T): T {
    return owner.run(this, code)
  }

  /** A clock whose timers end with this generation, and whose callbacks fail it. */
  clock(clock: Clock): Clock {
    return guardedClock(clock, this.signal, (callback) =>
      this.run(() => {
        try {
          const result = callback()
          if (result instanceof Promise) result.catch((thrown: unknown) => this.fail(thrown))
        } catch (thrown) {
          this.fail(thrown)
        }
      }),
    )
  }

  /**
   * Aborts, waits for the running round, disposes. Rejects when dispose() does.
   * @param within waits for no longer than the stop timeout
   */
  async close(within: (work: Promise<void>) => Promise<void>): Promise<void> {
    this.run(() => this.#abort.abort())
    if (this.running) await within(this.running)
    this.closed = true
    const released = this.run(() => this.collector?.dispose?.())
    if (released) await within(released)
  }
}
