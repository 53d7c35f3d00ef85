// Charts: what is this machine doing? Series from memory (1 s, last hour) or the local store.
import * as v from 'valibot'
import { method, stream } from './define.ts'
import { timestamp } from './common.ts'

/** One line of a chart: field of a measurement, narrowed by tags. */
export const seriesQuery = v.strictObject({
  measurement: v.string(),
  field: v.string(),
  /** Exact tag values; a tag that is not named splits into one series a value. */
  tags: v.optional(v.record(v.string(), v.string())),
})

export const series = v.object({
  measurement: v.string(),
  field: v.string(),
  tags: v.record(v.string(), v.string()),
  unit: v.string(),
  /** Same length; null = no data there, so lines break. */
  times: v.array(timestamp),
  values: v.array(v.nullable(v.number())),
  /** Smallest and largest value of each bucket where values are averages of several. */
  min: v.optional(v.array(v.nullable(v.number()))),
  max: v.optional(v.array(v.nullable(v.number()))),
})

export const mark = v.object({
  time: timestamp,
  kind: v.picklist(['restart', 'config', 'elected', 'defeated']),
  /** What happened, as the Overview's events say it: a key of the locale files under `event.` and its facts. */
  event: v.string(),
  params: v.record(v.string(), v.union([v.string(), v.number()])),
})

export type SeriesQuery = v.InferInput<typeof seriesQuery>
export type SeriesView = v.InferOutput<typeof series>
export type MarkView = v.InferOutput<typeof mark>

export const chartsContract = {
  /** Series between two times, at most `points` a series: averages where the store has more. */
  'charts.query': method(
    v.strictObject({
      queries: v.pipe(v.array(seriesQuery), v.maxLength(64)),
      from: timestamp,
      to: timestamp,
      points: v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(4000)),
    }),
    v.object({ series: v.array(series), stepMs: v.number() }),
  ),
  /** 1 s samples of cpu, mem, net and disk while someone listens; memory keeps the last hour. */
  'charts.live': stream(
    v.strictObject({ queries: v.pipe(v.array(seriesQuery), v.maxLength(64)) }),
    v.object({
      time: timestamp,
      values: v.array(
        v.object({
          measurement: v.string(),
          field: v.string(),
          tags: v.record(v.string(), v.string()),
          value: v.nullable(v.number()),
        }),
      ),
    }),
    'drop',
  ),
  'charts.marks': method(v.strictObject({ from: timestamp, to: timestamp }), v.array(mark)),
  /** The busiest processes now. */
  'charts.processes': method(
    v.strictObject({ limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)) }),
    v.object({
      time: v.nullable(timestamp),
      processes: v.array(
        v.object({
          pid: v.number(),
          name: v.string(),
          user: v.string(),
          cpuPercent: v.number(),
          memPercent: v.number(),
          rssBytes: v.number(),
          state: v.string(),
          cmdline: v.string(),
        }),
      ),
    }),
  ),
}
