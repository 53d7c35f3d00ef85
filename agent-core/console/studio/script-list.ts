// The list of scripts with what they did so far, as the console watches it.
import type { ScriptInfo, ScriptList } from '../../contract/pipelines.ts'
import type { Closable } from '../../contract/server.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { NAMESPACES } from '../../pipeline/scripts/script.ts'
import type { ScriptEntry } from '../../pipeline/scripts/script-store.ts'
import { sourcesOf } from './reach.ts'

const EVERY_MS = 1000
const NS_A_SECOND = 1e9

interface Counts {
  points: number
  dropped: number
  errors: number
  costSum: number
  costRuns: number
}

interface Sample {
  readonly value: number
  readonly labels: Readonly<Partial<Record<string, string | number>>>
  readonly metricName?: string
}

const STATES = { running: 'ok', previous: 'previous', broken: 'failed', suspended: 'suspended' } as const

export interface ListParts {
  readonly pipeline: () => Pipeline
  readonly metrics: Metrics
  readonly clock: Clock
  readonly casesOf: (file: string) => Promise<number>
}

export function watchScripts(
  parts: ListParts,
  emit: (list: ScriptList) => void,
  signal: AbortSignal,
): Closable {
  let last: { readonly points: number; readonly at: number } | undefined
  const tell = async (): Promise<void> => {
    const scripts = await scriptInfos(parts)
    const points = scripts.reduce((sum, one) => sum + one.points, 0)
    const at = parts.clock.monotonic()
    const rate = last && at > last.at ? ((points - last.points) / (at - last.at)) * 1000 : 0
    last = { points, at }
    const lanes = parts.pipeline().pool.running
    if (!signal.aborted) emit({ scripts, pointsPerSecond: Math.max(0, rate), lanes })
  }
  void tell()
  return parts.clock.every(EVERY_MS, () => void tell())
}

async function scriptInfos({ pipeline, metrics, casesOf }: ListParts): Promise<ScriptInfo[]> {
  const counts = await readCounts(metrics)
  const { store } = pipeline()
  const { entries, context } = store
  const rank = ({ namespace }: ScriptEntry): number => NAMESPACES.indexOf(namespace)
  return Promise.all(
    entries.map(async (entry): Promise<ScriptInfo> => {
      const { category, namespace, name, file } = entry
      const known = counts.get(`${namespace}/${category}/${name}`)
      const active = !entries.some(
        (other) =>
          other.category === category &&
          other.name === name &&
          other.good !== undefined &&
          rank(other) < rank(entry),
      )
      return {
        category: category as ScriptInfo['category'],
        namespace,
        name,
        state: STATES[entry.state],
        active,
        editable: namespace === 'default',
        file: file ?? null,
        isDefault: context.defaults[category] === name,
        sources: sourcesOf(entry, context.relations),
        points: known?.points ?? 0,
        dropped: known?.dropped ?? 0,
        errors: known?.errors ?? 0,
        avgCostNs: known && known.costRuns > 0 ? (known.costSum / known.costRuns) * NS_A_SECOND : null,
        cases: file === undefined ? 0 : await casesOf(file),
        problem:
          entry.state === 'suspended' ? (entry.breach ?? null) : (entry.diagnostics[0]?.message ?? null),
        updatedAt: entry.updated,
      }
    }),
  )
}

async function readCounts({ registry }: Metrics): Promise<Map<string, Counts>> {
  const counts = new Map<string, Counts>()
  const read = async (name: string, add: (to: Counts, sample: Sample) => void): Promise<void> => {
    const metric = await registry.getSingleMetric(name)?.get()
    for (const sample of (metric?.values ?? []) as Sample[]) {
      const { namespace, category, name: script } = sample.labels
      const key = `${namespace}/${category}/${script}`
      const known = counts.get(key) ?? { points: 0, dropped: 0, errors: 0, costSum: 0, costRuns: 0 }
      add(known, sample)
      counts.set(key, known)
    }
  }
  await read('datakit_pipeline_point_total', (to, { value }) => (to.points += value))
  await read('datakit_pipeline_drop_point_total', (to, { value }) => (to.dropped += value))
  await read('datakit_pipeline_error_point_total', (to, { value }) => (to.errors += value))
  await read('datakit_pipeline_cost_seconds', (to, { value, metricName }) => {
    if (metricName?.endsWith('_sum')) to.costSum += value
    if (metricName?.endsWith('_count')) to.costRuns += value
  })
  return counts
}
