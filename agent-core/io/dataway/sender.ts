// Sends one category to one DataWay: reads the WAL, joins records into bodies, acts on the answer.
//
//   2xx                              acknowledged
//   413                              split, down to single points
//   408, 429, 5xx, 3xx, no answer    stays, tried again with back-off (Retry-After obeyed)
//   other 4xx                        moved to the dead-letter log with the answer
import type { Clock } from '../../kernel/clock.ts'
import { AgentError, errorText, toAgentError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { maskSecrets } from '../../kernel/secrets.ts'
import type { Category } from '../../point/category.ts'
import type { DatawaySettings } from '../settings.ts'
import type { CategoryQueue } from '../wal/category-queue.ts'
import { splitFragment } from '../wal/fragment.ts'
import type { WalRecord } from '../wal/record.ts'
import type { BodyEncoding, EncodedBody } from './body-encoding.ts'
import { backOff, type Circuit } from './circuit.ts'
import type { Answer, DatawayClient } from './client.ts'

export interface SenderOptions {
  readonly queue: CategoryQueue
  readonly client: DatawayClient
  readonly circuit: Circuit
  readonly settings: DatawaySettings
  readonly encoding: BodyEncoding
  readonly maxCacheCount: number
  readonly flushIntervalMs: number
  readonly clock: Clock
  readonly log: Logger
  /** Called for each body that got an answer. */
  onBody(result: BodyResult): void
}

export interface BodyResult {
  readonly category: Category
  readonly points: number
  readonly bytes: number
  readonly status: number
  /** The points as they lie in the WAL. */
  readonly fragments: Uint8Array
}

interface Outcome {
  readonly kind: 'done' | 'stay'
  readonly retryAfterMs?: number
}

/** A body's fate: no answer, or what came back, and how many points the encoding left out. */
interface Posted {
  readonly answer: Answer | undefined
  readonly invalid: number
}

export class Sender {
  readonly #o: SenderOptions
  readonly #id: string
  #flushNow = false

  constructor(options: SenderOptions) {
    this.#o = options
    this.#id = options.client.endpoint.id
  }

  /**
   * Runs until `stop` aborts; a request under way then still gets its answer unless `kill` aborts too. Never rejects;
   * what was not acknowledged stays in the WAL.
   */
  async run(stop: AbortSignal, kill: AbortSignal): Promise<void> {
    let failures = 0
    while (!stop.aborted) {
      try {
        await this.#untilWorthwhile(stop)
        if (stop.aborted) return
        const outcome = await this.#sendNext(kill)
        failures = outcome.kind === 'done' ? 0 : failures + 1
        if (outcome.kind === 'stay') {
          const wait = outcome.retryAfterMs ?? backOff(failures, this.#o.settings.retryDelayMs)
          await this.#o.clock.sleep(wait, stop).catch(() => {})
        }
      } catch (error) {
        if (kill.aborted) return
        failures++
        this.#o.log.error('sending failed', { category: this.#o.queue.category, error: errorText(error) })
        await this.#o.clock.sleep(backOff(failures, this.#o.settings.retryDelayMs), stop).catch(() => {})
      }
    }
  }

  /** One last pass at stopping: sends what waits while the DataWay takes it. */
  async drain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#o.queue.pendingOf(this.#id) > 0) {
      const outcome = await this.#sendNext(signal).catch(() => ({ kind: 'stay' as const }))
      if (outcome.kind === 'stay') return
    }
  }

  /** Sends what waits without waiting for the flush interval. */
  flush(): void {
    this.#flushNow = true
  }

  /** Waits for max_cache_count points or for flush_interval behind the first one. */
  async #untilWorthwhile(signal: AbortSignal): Promise<void> {
    const { queue, maxCacheCount, flushIntervalMs, clock } = this.#o
    while (!signal.aborted && queue.pendingOf(this.#id) === 0) await queue.changed(signal)
    const deadline = clock.monotonic() + flushIntervalMs
    while (!signal.aborted && !this.#flushNow && queue.pendingOf(this.#id) <= maxCacheCount) {
      const left = deadline - clock.monotonic()
      if (left <= 0) return
      const stop = new AbortController()
      const both = AbortSignal.any([signal, stop.signal])
      await Promise.race([queue.changed(both), clock.sleep(left, both).catch(() => {})])
      stop.abort()
    }
    this.#flushNow = false
  }

  async #sendNext(signal: AbortSignal): Promise<Outcome> {
    const wait = this.#o.circuit.enter()
    if (wait > 0) return { kind: 'stay', retryAfterMs: wait }
    const { queue, settings } = this.#o
    const read = await queue.read(this.#id, settings.maxRawBodySize).catch((error: unknown) => {
      this.#o.circuit.abandon()
      throw error
    })
    const records = oneBody(read, settings.maxRawBodySize)
    if (records.length === 0) {
      this.#o.circuit.abandon()
      return { kind: queue.pendingOf(this.#id) > 0 ? 'stay' : 'done' }
    }
    const expired = this.#expired(records)
    if (expired.length > 0) {
      this.#o.circuit.abandon()
      await queue.settle(this.#id, expired, { reason: 'expired' })
      return { kind: 'done' }
    }
    return this.#deliver(records, signal)
  }

  /** The leading records that are older than drop_expired_package_at. */
  #expired(records: readonly WalRecord[]): WalRecord[] {
    const { dropExpiredMs } = this.#o.settings
    if (dropExpiredMs <= 0) return []
    const limit = this.#o.clock.now() - dropExpiredMs
    const firstFresh = records.findIndex((r) => r.time >= limit)
    return records.slice(0, firstFresh < 0 ? records.length : firstFresh)
  }

  async #deliver(records: readonly WalRecord[], signal: AbortSignal): Promise<Outcome> {
    const { queue } = this.#o
    const payload = Buffer.concat(records.map((r) => r.payload))
    let posted: Posted
    try {
      posted = await this.#post(payload, pointsOf(records), records[0]!.meta, signal)
    } catch (error) {
      if (toAgentError(error).code !== 'POINT_ENCODE') throw error
      await queue.bury(payload, pointsOf(records), { error: errorText(error) })
      await queue.settle(this.#id, records, { reason: 'invalid' })
      return { kind: 'done' }
    }
    const { answer, invalid } = posted
    switch (verdict(answer)) {
      case 'ok':
        await queue.settle(
          this.#id,
          records,
          invalid > 0 ? { reason: 'invalid', points: invalid } : undefined,
        )
        return { kind: 'done' }
      case 'split':
        if (records.length > 1) return this.#halves(records, signal)
        return this.#singlePoints(records[0]!, answer!, signal)
      case 'refused':
        await this.#bury(records, payload, answer!)
        return { kind: 'done' }
      case 'stay':
        this.#o.client.retried(`/v1/write/${queue.category}`, answer ? String(answer.status) : 'unknown')
        return stay(answer)
    }
  }

  async #halves(records: readonly WalRecord[], signal: AbortSignal): Promise<Outcome> {
    const middle = Math.ceil(records.length / 2)
    const first = await this.#deliver(records.slice(0, middle), signal)
    return first.kind === 'done' ? this.#deliver(records.slice(middle), signal) : first
  }

  /** A record alone is too large: its points go in smaller bodies, one that is too large by itself is buried. */
  async #singlePoints(record: WalRecord, answer: Answer, signal: AbortSignal): Promise<Outcome> {
    const { queue } = this.#o
    const parts = splitFragment(record.payload)
    const waiting: Uint8Array[][] = parts.length > 1 ? halve(parts) : []
    let lost = 0
    if (parts.length <= 1) {
      await queue.bury(record.payload, 1, evidence(answer))
      lost = 1
    }
    while (waiting.length > 0) {
      const part = waiting.shift()!
      const { answer: reply, invalid } = await this.#post(
        Buffer.concat(part),
        part.length,
        record.meta,
        signal,
      )
      const what = verdict(reply)
      if (what === 'stay') return stay(reply)
      if (what === 'split' && part.length > 1) waiting.unshift(...halve(part))
      else if (what === 'ok') lost += invalid
      else {
        await queue.bury(Buffer.concat(part), part.length, evidence(reply!))
        lost += part.length
      }
    }
    await queue.settle(this.#id, [record], lost > 0 ? { reason: 'too_large', points: lost } : undefined)
    return { kind: 'done' }
  }

  async #bury(records: readonly WalRecord[], payload: Uint8Array, answer: Answer): Promise<void> {
    await this.#o.queue.bury(payload, pointsOf(records), evidence(answer))
    await this.#o.queue.settle(this.#id, records, { reason: 'dead_letter' })
    this.#o.log.warn('DataWay refused a body; it is kept in the dead-letter log', {
      category: this.#o.queue.category,
      ...evidence(answer),
    })
  }

  /** Keeps the circuit. A body without a point that the encoding can carry is not sent and counts as taken. */
  async #post(fragments: Uint8Array, points: number, meta: string, signal: AbortSignal): Promise<Posted> {
    const { client, circuit, encoding, queue } = this.#o
    let encoded: EncodedBody | undefined
    try {
      encoded = encoding.encode(fragments)
      const { body, invalid } = encoded
      if (body.length === 0) {
        circuit.abandon()
        return { answer: { status: 204, headers: {}, body: '' }, invalid }
      }
      const answer = await client.write(queue.category, body, {
        contentType: encoding.contentType,
        points: points - invalid,
        headers: meta === '' ? {} : (JSON.parse(meta) as Record<string, string>),
        signal,
      })
      circuit.reached()
      this.#o.onBody({
        category: queue.category,
        points: points - invalid,
        bytes: body.length,
        status: answer.status,
        fragments,
      })
      return { answer, invalid }
    } catch (error) {
      if (signal.aborted) {
        circuit.abandon()
        throw new AgentError('KERNEL_CANCELLED')
      }
      const failure = toAgentError(error)
      if (failure.code === 'IO_DATAWAY_UNREACHABLE') {
        circuit.unreachable()
        return { answer: undefined, invalid: encoded?.invalid ?? 0 }
      }
      circuit.abandon()
      throw failure
    }
  }
}

/** The leading records with the same headers that fit one body; the first always fits. */
function oneBody(records: readonly WalRecord[], maxBytes: number): WalRecord[] {
  const body: WalRecord[] = []
  let bytes = 0
  for (const record of records) {
    if (body.length > 0 && (record.meta !== body[0]!.meta || bytes + record.payload.length > maxBytes)) break
    body.push(record)
    bytes += record.payload.length
  }
  return body
}

function verdict(answer: Answer | undefined): 'ok' | 'split' | 'refused' | 'stay' {
  if (!answer) return 'stay'
  const { status } = answer
  if (status >= 200 && status < 300) return 'ok'
  if (status === 413) return 'split'
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return 'refused'
  return 'stay'
}

function stay(answer: Answer | undefined): { kind: 'stay'; retryAfterMs?: number } {
  const header = answer?.headers['retry-after']
  const seconds = Number(Array.isArray(header) ? header[0] : header)
  return Number.isFinite(seconds) && seconds > 0
    ? { kind: 'stay', retryAfterMs: Math.min(seconds, 3600) * 1000 }
    : { kind: 'stay' }
}

const pointsOf = (records: readonly WalRecord[]): number => records.reduce((sum, r) => sum + r.points, 0)

function halve<T>(parts: readonly T[]): T[][] {
  const middle = Math.ceil(parts.length / 2)
  return [parts.slice(0, middle), parts.slice(middle)].filter((half) => half.length > 0)
}

const evidence = (answer: Answer): Record<string, unknown> => ({
  status: answer.status,
  answer: maskSecrets(answer.body.slice(0, 2000)),
})
