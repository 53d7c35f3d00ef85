// How far the DataWay's clock is ahead of ours: GET /v1/ntp answers `{timestamp_sec}` (spec points-io-http.md
// section 2.4). A difference below `diff` counts as none, also when there was a larger one before.
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { NtpSettings } from '../settings.ts'
import type { DatawayClient } from './client.ts'
import { repeat } from './repeat.ts'

export interface NtpOptions {
  readonly settings: NtpSettings
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export class NtpOffset {
  readonly #o: NtpOptions
  #offsetMs = 0
  readonly #metrics: { readonly syncs: { inc(): void }; readonly diff: { set(value: number): void } }

  constructor(options: NtpOptions) {
    this.#o = options
    this.#metrics = {
      syncs: options.metrics.counter('datakit_ntp_sync_total', 'Answers about the time'),
      diff: options.metrics.gauge('datakit_ntp_time_diff', 'Seconds that the clock of the DataWay is ahead'),
    }
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  /** Asks until the signal aborts. Never rejects; without an answer the offset stays. */
  async run(client: DatawayClient, signal: AbortSignal): Promise<void> {
    if (!this.#o.settings.enable) return
    await repeat(this.#o.clock, signal, async () => {
      await this.sync(client, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#o.log.warn('no time from the DataWay', { error: errorText(error) })
      })
      return this.#o.settings.intervalMs
    })
  }

  async sync(client: DatawayClient, signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#o
    const sent = clock.now()
    const answer = await client.request('/v1/ntp', { signal })
    const seconds = (JSON.parse(answer.body) as { timestamp_sec?: unknown } | null)?.timestamp_sec
    if (answer.status !== 200 || typeof seconds !== 'number' || seconds <= 0)
      throw new Error(`/v1/ntp answered ${answer.status} without timestamp_sec`)
    // The answer tells whole seconds, of a moment between question and answer.
    const diff = seconds * 1000 + 500 - (sent + clock.now()) / 2
    this.#offsetMs = Math.abs(diff) >= settings.diffMs ? Math.round(diff) : 0
    this.#metrics.syncs.inc()
    this.#metrics.diff.set(diff / 1000)
  }
}
