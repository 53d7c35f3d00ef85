// Processor usage of processes: over their lifetime, and between two rounds.
import type { ProcessReading } from '../host/processes.ts'

interface Before {
  readonly startTime: number
  readonly cpuTime: number
}

export interface Usage {
  /** Percent. */
  readonly lifetime: number
  readonly top: number
}

export class ProcessUsage {
  #before = new Map<number, Before>()
  #now = new Map<number, Before>()
  #lastRound: number | undefined
  #elapsed = 0

  /** @param mono monotonic ms of this round. */
  begin(mono: number): void {
    this.#elapsed = this.#lastRound === undefined ? 0 : (mono - this.#lastRound) / 1000
    this.#lastRound = mono
  }

  /** @param processors what the time is divided by: their number on Windows, 1 elsewhere. */
  of(process: ProcessReading, processors: number): Usage {
    const cpuTime = process.userTime + process.systemTime
    const { pid, startTime, age } = process
    const before = this.#before.get(pid)
    this.#now.set(pid, { startTime, cpuTime })
    const lifetime = age > 0 ? (100 * cpuTime) / age / processors : 0
    // A pid that was given to another process, and a first round, have nothing to compare with.
    if (!before || before.startTime !== startTime || this.#elapsed <= 0) return { lifetime, top: lifetime }
    const top = (100 * (cpuTime - before.cpuTime)) / this.#elapsed / processors
    return { lifetime, top: top < 0 ? lifetime : top }
  }

  /** Forgets the processes that this round did not meet. */
  end(): void {
    this.#before = this.#now
    this.#now = new Map()
  }
}
