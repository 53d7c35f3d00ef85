// Windows has no load average: it is made here as Unix does, from the length of the processor queue every 5 s.
import type { Clock } from '../../../kernel/clock.ts'
import type { Disposable } from '../../../kernel/disposable.ts'
import type { LoadReader, LoadReading } from '../ports.ts'
import type { Cim } from './cim-session.ts'

const SAMPLE_MS = 5000
const decay = (periodMs: number): number => Math.exp(-SAMPLE_MS / periodMs)
const DECAY_1 = decay(60_000)
const DECAY_5 = decay(300_000)
const DECAY_15 = decay(900_000)

export class QueueLoad implements LoadReader, Disposable {
  readonly #cim: Cim
  readonly #timer: Disposable
  #load: LoadReading = { load1: 0, load5: 0, load15: 0 }

  constructor(cim: Cim, clock: Clock) {
    this.#cim = cim
    this.#timer = clock.every(SAMPLE_MS, () => void this.#sample())
  }

  read(): LoadReading {
    return this.#load
  }

  dispose(): void {
    this.#timer.dispose()
  }

  async #sample(): Promise<void> {
    let queue: number
    try {
      const [row] = await this.#cim.query({
        className: 'Win32_PerfRawData_PerfOS_System',
        properties: ['ProcessorQueueLength'],
      })
      queue = Number(row?.['ProcessorQueueLength'] ?? Number.NaN)
    } catch {
      // The session reports its failures through the collectors that wait for an answer.
      return
    }
    if (Number.isNaN(queue)) return
    const next = (load: number, factor: number): number => load * factor + queue * (1 - factor)
    const { load1, load5, load15 } = this.#load
    this.#load = {
      load1: next(load1, DECAY_1),
      load5: next(load5, DECAY_5),
      load15: next(load15, DECAY_15),
    }
  }
}
