// The agent's own vitals and rates, sampled each second while a console looks and at no cost otherwise.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readdirSync } from 'node:fs'
import type { Clock } from '../kernel/clock.ts'
import type { Disposable } from '../kernel/disposable.ts'

/** Seconds of history that a spark shows. */
const HISTORY = 300

export class History {
  #values: number[] = []

  push(value: number): void {
    this.#values.push(value)
    if (this.#values.length > HISTORY) this.#values.shift()
  }
  clear(): void {
    this.#values = []
  }
  get values(): number[] {
    return [...this.#values]
  }
}

/** Turns a growing total into a rate a second with history. */
export class Rate {
  readonly history = new History()
  #last: { total: number; at: number } | undefined
  rate = 0

  sample(total: number, at: number): void {
    const seconds = this.#last ? (at - this.#last.at) / 1000 : 0
    this.rate = this.#last && seconds > 0 ? Math.max(0, total - this.#last.total) / seconds : 0
    if (this.#last) this.history.push(this.rate)
    this.#last = { total, at }
  }
  /** After a pause nobody knows what happened meanwhile: the next sample only sets the base. */
  pause(): void {
    this.#last = undefined
    this.rate = 0
  }
}

export interface Vitals {
  cpuPercent: number
  rssBytes: number
  heapBytes: number
  loopDelayP99Ms: number
  openFiles: number | null
  cpuHistory: number[]
  rssHistory: number[]
  loopHistory: number[]
}

export class VitalsSampler implements Disposable {
  readonly #clock: Clock
  readonly #cpu = new History()
  readonly #rss = new History()
  readonly #loop = new History()
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined
  #last: { cpu: NodeJS.CpuUsage; at: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  sample(): Vitals {
    const at = this.#clock.monotonic()
    const cpu = process.cpuUsage()
    const used = this.#last ? (cpu.user + cpu.system - this.#last.cpu.user - this.#last.cpu.system) / 1000 : 0
    const elapsed = this.#last ? at - this.#last.at : 0
    const cpuPercent = elapsed > 0 ? (100 * used) / elapsed : 0
    this.#last = { cpu, at }
    const memory = process.memoryUsage()
    const loopDelayP99Ms = this.#loopDelay()
    if (elapsed > 0) this.#cpu.push(cpuPercent)
    this.#rss.push(memory.rss)
    this.#loop.push(loopDelayP99Ms)
    return {
      cpuPercent,
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      loopDelayP99Ms,
      openFiles: openFiles(),
      cpuHistory: this.#cpu.values,
      rssHistory: this.#rss.values,
      loopHistory: this.#loop.values,
    }
  }

  dispose(): void {
    this.#delay?.disable()
    this.#delay = undefined
    this.#last = undefined
  }

  /** p99 of the second since the last sample, ms beyond the histogram's own resolution. */
  #loopDelay(): number {
    const resolution = 20
    if (!this.#delay) {
      this.#delay = monitorEventLoopDelay({ resolution })
      this.#delay.enable()
      return 0
    }
    const p99 = this.#delay.count > 0 ? Math.max(0, this.#delay.percentile(99) / 1e6 - resolution) : 0
    this.#delay.reset()
    return p99
  }
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
