import { Histogram } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../kernel/metrics.ts'
import type { Point } from '../../point/point.ts'
import { keysOf, runCollector, valuesOf } from '../testing/collect.ts'
import { dk } from './index.ts'

function agentMetrics(): Metrics {
  const metrics = createMetrics()
  const requests = metrics.counter('datakit_http_api_total', 'Requests', ['api', 'method', 'status'])
  requests.inc({ api: '/v1/ping', method: 'GET', status: 'OK' }, 3)
  requests.inc({ api: '/v1/write/metric', method: 'POST', status: '' })
  const elapsed = metrics.summary('datakit_http_api_elapsed_seconds', 'Time', ['api'])
  for (const seconds of [0.1, 0.2, 0.3]) elapsed.observe({ api: '/v1/ping' }, seconds)
  const open = metrics.gauge('datakit_open_files', 'Open files')
  metrics.beforeScrape(() => open.set(42))
  metrics.counter('datakit_io_feed_total', 'Feeds', ['name']).inc({ name: 'cpu' })
  metrics.gauge('datakit_last_err', 'Error', ['error']).set({ error: 'boom' }, 1)
  metrics.gauge('datakit_process_odd', 'Not a number').set(Number.NaN)
  new Histogram({
    name: 'datakit_http_body',
    help: 'Sizes',
    buckets: [1, 2.5],
    registers: [metrics.registry],
  }).observe(2)
  return metrics
}

/** What a scraper reads out of the text format: `name{labels} value`, as the collector's fields. */
function scrape(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line)!)
    .filter((match) => Number.isFinite(Number(match[3])))
    .map(([, name, labels = '', value]) => {
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].filter(([, , label]) => label !== '')
      const tags = pairs.map(([, key, label]) => `${key}=${label}`).toSorted()
      return `${name} ${tags.join(',')} ${Number(value)}`
    })
}

function flatten(points: readonly Point[]): string[] {
  return points.flatMap(({ name, kvs }) => {
    expect(name).toBe('dk')
    const tags = kvs
      .filter((kv) => kv.isTag && kv.key !== 'instance')
      .map((kv) => `${kv.key}=${String(kv.value)}`)
    return kvs
      .filter((kv) => !kv.isTag)
      .map((kv) => `${kv.key} ${tags.toSorted().join(',')} ${String(kv.value)}`)
  })
}

async function collect(
  config: Parameters<typeof runCollector<typeof dk.schema>>[1],
  metrics = agentMetrics(),
) {
  const collector = await runCollector(dk, config, { metrics })
  const points = collector.take()
  expect(collector.snapshot()).toMatchObject({ crashes: 0, errors: 0, interval: 30_000 })
  await collector.stop()
  return points
}
const fieldNames = (points: readonly Point[]): string[] =>
  Object.entries(keysOf(points))
    .filter(([, kind]) => kind !== 'tag')
    .map(([name]) => name)
    .toSorted()

describe('dk', () => {
  test('gives what scraping the text format gives, but for the last error', async () => {
    const metrics = agentMetrics()
    const points = await collect({ metric_name_filter: [] }, metrics)
    const scraped = scrape(await metrics.text()).filter(
      (line) => !line.startsWith('datakit_last_err') && !line.startsWith('datakit_inputs_instance'),
    )
    const own = flatten(points).filter((line) => !line.startsWith('datakit_inputs_instance'))
    expect(own.toSorted()).toEqual(scraped.toSorted())
    expect(scraped.some((line) => line.startsWith('datakit_http_body_bucket le=+Inf'))).toBe(true)
  })

  test('the default filter', async () => {
    const points = await collect({})
    expect(fieldNames(points)).toEqual([
      'datakit_http_api_elapsed_seconds',
      'datakit_http_api_elapsed_seconds_count',
      'datakit_http_api_elapsed_seconds_sum',
      'datakit_http_api_total',
      'datakit_http_body_bucket',
      'datakit_http_body_count',
      'datakit_http_body_sum',
      'datakit_open_files',
    ])
    expect(points.every((p) => valuesOf(p).instance === '127.0.0.1:9529')).toBe(true)
    expect(new Set(Object.values(keysOf(points)))).toEqual(new Set(['tag', 'float']))
  })

  test('types, extra tags, and the filters of the environment', async () => {
    const counters = await collect({ metric_types: ['counter'], tags: { site: 'lab' } })
    expect(counters.map((p) => valuesOf(p))).toEqual([
      {
        instance: '127.0.0.1:9529',
        site: 'lab',
        api: '/v1/ping',
        method: 'GET',
        status: 'OK',
        datakit_http_api_total: 3,
      },
      {
        instance: '127.0.0.1:9529',
        site: 'lab',
        api: '/v1/write/metric',
        method: 'POST',
        datakit_http_api_total: 1,
      },
    ])
    expect(fieldNames(await collect({ only_metrics: ['_feed_'] }))).toEqual(['datakit_io_feed_total'])
    expect(fieldNames(await collect({ add_metrics: ['_feed_'] }))).toContain('datakit_io_feed_total')
    expect(fieldNames(await collect({ enable_all_metrics: true }))).toContain('datakit_inputs_instance')
  })

  test('the interval is clamped', async () => {
    const collector = await runCollector(dk, { interval: '10m' })
    expect(collector.snapshot().interval).toBe(60_000)
    expect(collector.diagnostics().map((d) => d.code)).toEqual(['CONFIG_CLAMPED'])
    await collector.stop()
  })
})
