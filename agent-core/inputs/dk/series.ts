// Series of the metrics registry as points, as scraping `/metrics` would give them.
import type { MetricObjectWithValues, MetricValue } from 'prom-client'
import { Kind, MetricType, keyValue, makePoint, tag, type KeyValue, type Point } from '../../point/point.ts'

type Family = MetricObjectWithValues<MetricValue<string> & { readonly metricName?: string }>

/**
 * One point a series; `_count` and `_sum` of a summary or histogram share one. Values that are not finite are left out,
 * as is a label without a value, which to Prometheus is no label.
 */
export function familyPoints(
  family: Family,
  measurement: string,
  tags: Readonly<Record<string, string>>,
  time: bigint,
): Point[] {
  const points = new Map<string, Point>()
  for (const { value, labels, metricName } of family.values) {
    if (!Number.isFinite(value)) continue
    const own = Object.entries(labels as Record<string, string | number>)
      .filter(([, label]) => label !== undefined && label !== '')
      .map(([key, label]): [string, string] => [key, String(label)])
    const series = JSON.stringify(own)
    let point = points.get(series)
    if (!point) {
      const merged = { ...tags, ...Object.fromEntries(own) }
      point = makePoint(
        measurement,
        Object.entries(merged).map(([key, label]) => tag(key, label)),
        time,
      )
      points.set(series, point)
    }
    point.kvs.push(field(metricName ?? family.name, value, String(family.type) === 'counter'))
  }
  return [...points.values()]
}

function field(name: string, value: number, counter: boolean): KeyValue {
  const kv = keyValue(name, Kind.float, value)
  kv.type = counter ? MetricType.count : MetricType.gauge
  return kv
}
