// host_processes: every process as an object, and as a metric where that is switched on.
import * as v from 'valibot'
import { duration, regexpList, tagsTable } from '../../config/schema-pieces.ts'
import { AgentError } from '../../kernel/errors.ts'
import { defineInput, type InputContext, type Rhythm } from '../define-input.ts'
import { NameFilter } from '../host/name-filter.ts'
import { openProcesses } from '../host/open-processes.ts'
import type { ProcessQuery, ProcessReading } from '../host/processes.ts'
import { patternTooSlow } from '../host/settings.ts'
import { processMetric, processObject } from './measurements.ts'
import { metricPoint, objectPoint, type Surroundings } from './points.ts'
import sample from './sample.conf?raw'
import { ProcessUsage } from './usage.ts'

const schema = v.object({
  process_name: v.optional(regexpList(), []),
  min_run_time: v.optional(duration({ min: 0 }), '0s'),
  object_interval: v.optional(duration(), '5m'),
  open_metric: v.optional(v.boolean(), false),
  metric_interval: v.optional(duration(), '30s'),
  enable_listen_ports: v.optional(v.boolean(), false),
  /** Without effect: open_files is always there. */
  enable_open_files: v.optional(v.boolean(), false),
  only_container_processes: v.optional(v.boolean(), false),
  tags: v.optional(tagsTable(), {}),
})
type Config = v.InferOutput<typeof schema>

const SECOND = 1000
const MINUTE = 60 * SECOND
const objectRhythm = (config: Config): Rhythm => ({
  interval: config.object_interval,
  min: 30 * SECOND,
  max: 15 * MINUTE,
  key: 'object_interval',
})
const metricRhythm = (config: Config): Rhythm => ({
  interval: config.metric_interval,
  min: 10 * SECOND,
  max: MINUTE,
  key: 'metric_interval',
})
const clamped = ({ interval, min, max }: Rhythm): number => Math.min(Math.max(interval, min), max)

/** Rounds run at the shorter of the two intervals; the longer one is served by the round nearest to its time. */
function rhythm(config: Config): Rhythm {
  const object = objectRhythm(config)
  const metric = metricRhythm(config)
  return config.open_metric && clamped(metric) <= clamped(object) ? metric : object
}

/** Says whether something with its own interval belongs to this round. */
class Due {
  readonly #every: number
  readonly #tolerance: number
  #last: number | undefined

  constructor(every: number, roundInterval: number) {
    this.#every = every
    this.#tolerance = every === roundInterval ? Infinity : roundInterval / 2
  }

  /** @param mono monotonic ms of the round. */
  now(mono: number): boolean {
    if (this.#last !== undefined && mono - this.#last < this.#every - this.#tolerance) return false
    this.#last = mono
    return true
  }
}

export const hostProcesses = defineInput({
  name: 'host_processes',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema,
  sample,
  measurements: [processObject, processMetric],
  rhythm,
  create,
})

function create(config: Config, context: InputContext) {
  const { clock, host } = context
  const reader = openProcesses(context)
  const objectEvery = context.protect(objectRhythm(config))
  const metricEvery = config.open_metric ? context.protect(metricRhythm(config)) : Infinity
  const round = Math.min(objectEvery, metricEvery)
  const objectDue = new Due(objectEvery, round)
  const metricDue = new Due(metricEvery, round)
  const objectUsage = new ProcessUsage()
  const metricUsage = new ProcessUsage()
  const filter = new NameFilter(config.process_name, () =>
    context.diagnose(patternTooSlow(context, 'process_name')),
  )
  const matches = (name: string): boolean => config.process_name.length === 0 || filter.matches(name)

  /** A system that does not answer is told, and asked again in the next round. */
  const attempt = async <T>(reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'INPUT_SOURCE') throw error
      context.reportError(error)
      return undefined
    }
  }

  return {
    async collect(time: bigint): Promise<void> {
      const mono = clock.monotonic()
      const objects = objectDue.now(mono)
      const metrics = config.open_metric && metricDue.now(mono)
      if (!objects && !metrics) return
      const query: ProcessQuery = {
        minAge: config.min_run_time / SECOND,
        onlyContainers: config.only_container_processes,
        metricsOnly: !objects,
        matches,
        details: objects,
        listenPorts: objects && config.enable_listen_ports,
      }
      const scan = await attempt(reader.read(query))
      if (!scan) return
      const around: Surroundings = {
        hostname: host.hostname(),
        memoryTotal: scan.memoryTotal,
        tags: config.tags,
        time,
      }
      const measured = (
        usage: ProcessUsage,
        processes: readonly ProcessReading[],
        make: typeof objectPoint,
      ) => {
        usage.begin(mono)
        const points = processes.map((process) => make(process, usage.of(process, scan.processors), around))
        usage.end()
        return points
      }
      if (metrics) {
        const wanted = scan.processes.filter((p) => p.commandLine !== '' && matches(p.name))
        await context.feed('metric', measured(metricUsage, wanted, metricPoint))
      }
      if (objects) await context.feed('object', measured(objectUsage, scan.processes, objectPoint))
    },
    dispose: () => reader.dispose(),
  }
}
