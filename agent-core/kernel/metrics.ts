// The agent's own metrics: prom-client behind a registry that is an argument, with DataKit's summary quantiles.
import {
  Counter,
  Gauge,
  Registry,
  Summary,
  type CounterConfiguration,
  type GaugeConfiguration,
  type SummaryConfiguration,
} from 'prom-client'

export type { Counter, Gauge, Registry, Summary }

/** Factories bound to one registry. Names carry the `datakit_` prefix (spec points-io-http.md section 5). */
export interface Metrics {
  readonly registry: Registry
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>
  gauge<L extends string>(name: string, help: string, labels?: readonly L[]): Gauge<L>
  /** p50, p90, p99 over a 10 minute window, in that order. */
  summary<L extends string>(name: string, help: string, labels?: readonly L[]): Summary<L>
  /** Calls before each scrape, to set gauges that are read rather than kept. */
  beforeScrape(run: () => void): void
  /** Makes those calls, for whoever reads the registry without text(). */
  refresh(): void
  /** Prometheus text format. */
  text(): Promise<string>
}

/** Factories get or create: rooms that count under the same name share the metric. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const hooks: (() => void)[] = []
  const refresh = (): void => {
    for (const hook of hooks) hook()
  }
  const shared = <M>(name: string, make: () => M): M =>
    (registry.getSingleMetric(name) as M | undefined) ?? make()
  const common = (name: string, help: string, labels: readonly string[]) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    registry,
    counter: <L extends string>(name: string, help: string, labels: readonly L[] = []): Counter<L> =>
      shared(name, () => new Counter<L>(common(name, help, labels) as CounterConfiguration<L>)),
    gauge: <L extends string>(name: string, help: string, labels: readonly L[] = []): Gauge<L> =>
      shared(name, () => new Gauge<L>(common(name, help, labels) as GaugeConfiguration<L>)),
    summary: <L extends string>(name: string, help: string, labels: readonly L[] = []): Summary<L> =>
      shared(
        name,
        () =>
          new Summary<L>({
            ...(common(name, help, labels) as SummaryConfiguration<L>),
            percentiles: [0.5, 0.9, 0.99],
            maxAgeSeconds: 600,
            ageBuckets: 5,
          }),
      ),
    beforeScrape: (run) => void hooks.push(run),
    refresh,
    text() {
      refresh()
      return registry.metrics()
    },
  }
}
