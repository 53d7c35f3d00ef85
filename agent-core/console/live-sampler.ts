// 1 s samples while someone looks at the charts: private instances of the rate-based collectors feed a memory window.
// The last listener to leave stops them; the window stays, so coming back within the hour shows what was seen.
import type { Clock } from '../kernel/clock.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { errorText } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Collector, HostFacts, InputContext, InputDefinition } from '../inputs/define-input.ts'
import { Kind, type Point } from '../point/point.ts'
import type { SeriesQuery } from '../contract/charts.ts'
import { createLiveWindow, type LiveSample } from '../store/live-window.ts'

/** Samples of one moment that the listener's queries ask for. */
export type SampleListener = (time: number, samples: readonly LiveSample[]) => void

/** What is worth a sample a second; the rest keeps its own rhythm. */
export const LIVE_INPUTS: readonly string[] = ['cpu', 'mem', 'net', 'diskio', 'system', 'swap']
const PERIOD_MS = 1000
const WINDOW_SECONDS = 3600
const MAX_SERIES = 256

export interface LiveSamplerOptions {
  readonly definitions: readonly InputDefinition[]
  /** Parsed settings of a collector: the configured ones, so that charts and data agree on what is excluded. */
  config(name: string): unknown
  readonly host: HostFacts
  readonly clock: Clock
  readonly log: Logger
}

export class LiveSampler implements Disposable {
  readonly #options: LiveSamplerOptions
  /** The last hour of what anybody asked for. */
  readonly window = createLiveWindow({ seconds: WINDOW_SECONDS, series: MAX_SERIES })
  readonly #listeners = new Set<{ queries: readonly SeriesQuery[]; listener: SampleListener }>()
  #running: { stop: AbortController; collectors: Collector[]; timer: Disposable } | undefined
  #busy = false
  #samples: LiveSample[] = []

  constructor(options: LiveSamplerOptions) {
    this.#options = options
  }

  listen(queries: readonly SeriesQuery[], listener: SampleListener): Disposable {
    const entry = { queries, listener }
    this.#listeners.add(entry)
    this.#running ??= this.#start()
    return {
      dispose: () => {
        this.#listeners.delete(entry)
        if (this.#listeners.size === 0) this.#stop()
      },
    }
  }

  dispose(): void {
    this.#listeners.clear()
    this.#stop()
  }

  #start() {
    const stop = new AbortController()
    const { definitions, host, clock, log } = this.#options
    const collectors = definitions
      .filter(
        (d) => LIVE_INPUTS.includes(d.name) && (d.platforms as readonly string[]).includes(host.platform),
      )
      .flatMap((definition) => {
        const config = this.#options.config(definition.name)
        if (config === undefined) return []
        const context: InputContext = {
          name: definition.name,
          instance: -1,
          signal: stop.signal,
          clock,
          log,
          feed: (_category, points) => {
            for (const point of points) this.#take(point)
            return Promise.resolve()
          },
          reportError: (error) =>
            log.debug('live sample', { input: definition.name, error: errorText(error) }),
          diagnose() {},
          protect: ({ interval }) => interval,
          host,
        }
        return [definition.create(config, context)]
      })
    const timer = clock.every(PERIOD_MS, () => void this.#round())
    void this.#round()
    return { stop, collectors, timer }
  }

  #stop(): void {
    const running = this.#running
    this.#running = undefined
    if (!running) return
    running.timer.dispose()
    running.stop.abort()
    for (const collector of running.collectors) void collector.dispose?.()
  }

  async #round(): Promise<void> {
    const running = this.#running
    if (this.#busy || (running === undefined && this.#listeners.size === 0)) return
    this.#busy = true
    try {
      const { clock, log } = this.#options
      const time = clock.now()
      this.#samples = []
      // The first round comes from inside #start, before #running is set.
      await Promise.resolve()
      for (const collector of this.#running?.collectors ?? []) {
        try {
          await collector.collect(BigInt(time) * 1_000_000n)
        } catch (error) {
          log.debug('live sample failed', { error: errorText(error) })
        }
      }
      const wanted = [...this.#listeners].map(({ queries, listener }) => ({
        listener,
        samples: this.#samples.filter((sample) => queries.some((query) => matches(query, sample))),
      }))
      this.window.push(time, [...new Set(wanted.flatMap(({ samples }) => samples))])
      for (const { listener, samples } of wanted) listener(time, samples)
    } finally {
      this.#busy = false
    }
  }

  #take(point: Point): void {
    const tags: Record<string, string> = {}
    for (const kv of point.kvs) if (kv.isTag) tags[kv.key] = String(kv.value)
    for (const kv of point.kvs) {
      if (kv.isTag || (kv.kind !== Kind.float && kv.kind !== Kind.int && kv.kind !== Kind.uint)) continue
      this.#samples.push({ measurement: point.name, field: kv.key, tags, value: Number(kv.value) })
    }
  }
}

const matches = (query: SeriesQuery, sample: LiveSample): boolean =>
  query.measurement === sample.measurement &&
  query.field === sample.field &&
  Object.entries(query.tags ?? {}).every(([key, value]) => sample.tags[key] === value)
