// dk: the agent's own metrics, read from its registry; nothing goes over HTTP.
import * as v from 'valibot'
import { duration, regexpList, tagsTable } from '../../config/schema-pieces.ts'
import { defineInput, type InputContext } from '../define-input.ts'
import { NameFilter } from '../host/name-filter.ts'
import { patternTooSlow } from '../host/settings.ts'
import { dkMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'
import { familyPoints } from './series.ts'

const DEFAULT_FILTER = [
  'datakit_http.*',
  'datakit_goroutine.*',
  'datakit_cpu_.*',
  'datakit_.*_alloc_bytes',
  'datakit_open_files',
  'datakit_uptime_seconds',
  'datakit_data_overuse',
  'datakit_process_.*',
  'datakit_election_status',
]
/** Its label is the text of an error: a new series for each. */
const NEVER = new Set(['datakit_last_err'])

const schema = v.object({
  interval: v.optional(duration(), '30s'),
  /** Empty: all. */
  metric_name_filter: v.optional(regexpList(), DEFAULT_FILTER),
  /** Empty: all. */
  metric_types: v.optional(v.array(v.string()), []),
  tags: v.optional(tagsTable(), {}),
  // ENV_INPUT_DK_ENABLE_ALL_METRICS, _ADD_METRICS, _ONLY_METRICS
  enable_all_metrics: v.optional(v.boolean(), false),
  add_metrics: v.optional(regexpList(), []),
  only_metrics: v.optional(regexpList(), []),
})
type Config = v.InferOutput<typeof schema>

export const dk = defineInput({
  name: 'dk',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema,
  sample,
  measurements: [dkMeasurement],
  rhythm: ({ interval }) => ({ interval, min: 5_000, max: 60_000 }),
  create,
})

function create(config: Config, context: InputContext) {
  const { metrics, agentFacts } = context.host
  const wanted = nameFilter(config, context)
  const types = new Set(config.metric_types.map((type) => type.toLowerCase()))
  return {
    async collect(time: bigint): Promise<void> {
      metrics.refresh()
      const tags = { instance: agentFacts().httpListen, ...config.tags }
      const points = []
      for (const { name, type } of metrics.registry.getMetricsAsArray()) {
        if (NEVER.has(name) || !wanted(name)) continue
        if (types.size > 0 && !types.has(String(type))) continue
        const family = await metrics.registry.getSingleMetric(name)!.get()
        points.push(...familyPoints(family, dkMeasurement.name, tags, time))
      }
      if (points.length > 0) await context.feed('metric', points)
    },
  }
}

function nameFilter(config: Config, context: InputContext): (name: string) => boolean {
  const only = config.only_metrics.length > 0
  const patterns = only ? config.only_metrics : [...config.metric_name_filter, ...config.add_metrics]
  if (patterns.length === 0 || (config.enable_all_metrics && !only)) return () => true
  const key = only ? 'only_metrics' : 'metric_name_filter'
  const filter = new NameFilter(patterns, () => context.diagnose(patternTooSlow(context, key)))
  return (name) => filter.matches(name)
}
