// The blacklist in force: rules of [io.filters], or, when none are configured, those that the DataWay gives. A remote
// refresh that fails changes nothing: the rules before stay in force (spec points-io-http.md section 2.2).
import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { AgentError, errorText } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { maskSecrets } from '../kernel/secrets.ts'
import { parseCategory, type Category } from '../point/category.ts'
import type { DatawayClient } from './dataway/client.ts'
import { repeat } from './dataway/repeat.ts'
import { compileFilters, type FilterRules, type Filters, type FilterSource } from './filter/filter.ts'

export type RuleTexts = Readonly<Record<string, readonly string[]>>

export interface ActiveFilters extends Filters {
  /** What was compiled, for lanes; another object each time the rules in force change. */
  readonly from: FilterSource
  readonly source: 'local' | 'remote'
}

export interface BlacklistOptions {
  /** [io.filters]; empty = ask the DataWay. */
  readonly local: RuleTexts
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Where the last remote answer is kept for people to read. */
  readonly pullFile: string
}

/** The answer says how often to ask, in ns; outside of these limits the nearest one is taken. */
const PULL_MS = 30_000
const LEAST_PULL_MS = 10_000
const MOST_PULL_MS = 3_600_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024
/** After so many stops over the budget, rules with regular expressions are off. */
const BREACHES = 2

export class Blacklist {
  readonly #o: BlacklistOptions
  readonly #local: boolean
  #active: ActiveFilters | undefined
  #diagnostics: readonly Diagnostic[] = []
  #breaches: Partial<Record<Category, number>> = {}
  #md5 = ''
  #pullMs = PULL_MS
  readonly #metrics: ReturnType<typeof pullMetrics>

  constructor(options: BlacklistOptions) {
    this.#o = options
    this.#metrics = pullMetrics(options.metrics)
    this.#local = Object.values(options.local).some((texts) => texts.length > 0)
    if (this.#local) this.#use(options.local, 'local')
  }

  /** undefined until the first pull works. */
  get active(): ActiveFilters | undefined {
    return this.#active
  }
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics
  }

  /** Pulls until the signal aborts; nothing to do with local rules. Never rejects. */
  async run(client: DatawayClient, signal: AbortSignal): Promise<void> {
    if (this.#local) return
    await repeat(this.#o.clock, signal, async () => {
      await this.pull(client, signal)
      return this.#pullMs
    })
  }

  /** One refresh. */
  async pull(client: DatawayClient, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#o
    const started = clock.monotonic()
    let status = 'unknown'
    try {
      const answer = await client.call('/v1/datakit/pull', {
        params: { filters: 'true' },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      })
      status = String(answer.status)
      if (answer.status !== 200)
        throw new AgentError(
          'IO_DATAWAY_REFUSED',
          `filter pull: ${answer.status} ${answer.body.slice(0, 200)}`,
        )
      await this.#take(answer.body)
    } catch (error) {
      if (signal.aborted) return
      log.warn('filters were not refreshed', { error: maskSecrets(errorText(error)) })
    } finally {
      this.#metrics.latency.observe({ status }, (clock.monotonic() - started) / 1000)
    }
  }

  async #take(body: string): Promise<void> {
    const md5 = createHash('md5').update(body).digest('hex')
    if (md5 === this.#md5) return
    const reply = pullReply(body)
    this.#md5 = md5
    if (reply.intervalMs !== undefined)
      this.#pullMs = Math.min(MOST_PULL_MS, Math.max(LEAST_PULL_MS, reply.intervalMs))
    this.#use(reply.filters, 'remote')
    const { pullFile, log } = this.#o
    try {
      await mkdir(dirname(pullFile), { recursive: true })
      await writeFile(`${pullFile}.new`, body, { mode: 0o600 })
      await rename(`${pullFile}.new`, pullFile)
    } catch (error) {
      log.warn('the pulled rules cannot be saved; they are in force all the same', {
        error: errorText(error),
      })
    }
  }

  #use(texts: RuleTexts, source: 'local' | 'remote'): void {
    const rules: { -readonly [K in keyof FilterRules]: FilterRules[K] } = {}
    const unknown: Diagnostic[] = []
    for (const [name, list] of Object.entries(texts)) {
      const category = parseCategory(name)
      if (category) rules[category] = [...(rules[category] ?? []), ...list]
      else
        unknown.push(
          diagnostic('IO_NO_CATEGORY', `"${name}" in the rules of a blacklist`, {
            path: at(name, source),
          }),
        )
    }
    this.#breaches = {}
    this.#compile({ rules }, source, unknown)
    this.#metrics.updated.set(this.#o.clock.now() / 1000)
  }

  /** Rules of a category were stopped over the budget. Twice, and those with regular expressions are off until they change. */
  breach(category: Category): void {
    const breaches = (this.#breaches[category] ?? 0) + 1
    this.#breaches[category] = breaches
    if (breaches < BREACHES || !this.#active) return
    const { from, source } = this.#active
    const withoutRegExp = new Set([...(from.withoutRegExp ?? []), category])
    const off = [...withoutRegExp].map((name) =>
      diagnostic('FILTER_SUSPENDED', `rules of ${name} with a regular expression took too long, twice`, {
        path: at(name, source),
        notes: ['They are off until the rules change; the other rules stay in force.'],
      }),
    )
    this.#compile({ rules: from.rules, withoutRegExp }, source, off)
  }

  #compile(from: FilterSource, source: 'local' | 'remote', more: readonly Diagnostic[]): void {
    const compiled = compileFilters(from.rules, from)
    this.#active = { ...compiled, from, source }
    this.#diagnostics = [
      ...more,
      ...compiled.diagnostics.map((d) => ({
        ...d,
        message: `${source} rule: ${d.message}`,
        path: at(d.path ?? '', source),
      })),
    ]
    for (const d of this.#diagnostics) this.#o.log.warn(d.message, { code: d.code, path: d.path })
  }
}

const at = (name: string, source: 'local' | 'remote'): string =>
  source === 'local' ? `io.filters.${name}` : `remote filters: ${name}`

/** Throws when the answer is no object; members of a wrong shape are left out. */
function pullReply(body: string): { filters: RuleTexts; intervalMs: number | undefined } {
  const reply: unknown = JSON.parse(body)
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply))
    throw new AgentError('IO_DATAWAY_REFUSED', 'filter pull: the answer is no JSON object')
  const { filters, pull_interval: interval } = reply as { filters?: unknown; pull_interval?: unknown }
  const texts = typeof filters === 'object' && filters !== null ? Object.entries(filters) : []
  return {
    filters: Object.fromEntries(
      texts.map(([name, list]) => [
        name,
        Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : [],
      ]),
    ),
    intervalMs: typeof interval === 'number' && interval > 0 ? interval / 1e6 : undefined,
  }
}

function pullMetrics(metrics: Metrics) {
  return {
    latency: metrics.summary('datakit_filter_pull_latency_seconds', 'Time of filter pulls', ['status']),
    updated: metrics.gauge('datakit_filter_last_update_timestamp_seconds', 'When the rules last changed'),
  }
}
