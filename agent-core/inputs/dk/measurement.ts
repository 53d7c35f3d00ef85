// What dk emits: the agent's own metrics, whose names are the fields.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const gauge = (unit: string, desc: string): FieldInfo => ({ type: 'float', unit, desc })
const count = (unit: string, desc: string): FieldInfo => ({ type: 'float', unit, desc, metric: 'count' })

/** The metrics of the default filter; with another filter the names of `/metrics` are fields in the same way. */
export const dkMeasurement: MeasurementInfo = {
  name: 'dk',
  category: 'metric',
  desc: "The agent's own metrics: one point for each series of `/metrics` that the filter lets through. The name of the metric is the field, its labels are tags. Of a summary, `<name>_count` and `<name>_sum` are one point and each quantile is one more with the tag `quantile`; of a histogram, each bucket is a point with the tag `le` and the field `<name>_bucket`.",
  tags: {
    host: 'Host name.',
    instance: 'Address that the agent listens on.',
    quantile: 'Of summaries: 0.5, 0.9 or 0.99.',
  },
  fields: {
    datakit_http_api_total: count('count', 'Requests by api, method and status.'),
    datakit_http_api_elapsed_seconds: gauge('s', 'Time of requests; `_count`, `_sum` and quantiles.'),
    datakit_http_api_req_size_bytes: gauge('B', 'Size of requests; `_count`, `_sum` and quantiles.'),
    datakit_cpu_usage: gauge('percent', 'Processor usage of the agent, of one core.'),
    datakit_open_files: gauge('count', 'Open files of the agent.'),
    datakit_uptime_seconds: gauge('s', 'Time since the agent started.'),
    datakit_data_overuse: gauge('', '1 when the workspace is over its quota.'),
    datakit_election_status: gauge('timestamp', 'Unix time of the election; its labels say who is elected.'),
  },
}
