// A script's cache: keys that expire after whole seconds. A write is seen at once and sets the expiry anew.
import type { Clock } from '../../kernel/clock.ts'
import type { Value } from '../language/value.ts'

interface Entry {
  readonly value: Value
  readonly expires: number
}

const SWEEP_EVERY = 1024

export class ScriptCache {
  readonly #clock: Pick<Clock, 'now'>
  readonly #entries = new Map<string, Entry>()
  #writes = 0

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  get(key: string): Value {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (entry.expires > this.#clock.now()) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: Value, seconds: number): void {
    if (seconds <= 0) return
    if (++this.#writes % SWEEP_EVERY === 0) this.#sweep()
    this.#entries.set(key, { value, expires: this.#clock.now() + seconds * 1000 })
  }

  #sweep(): void {
    const now = this.#clock.now()
    for (const [key, { expires }] of this.#entries) if (expires <= now) this.#entries.delete(key)
  }
}
