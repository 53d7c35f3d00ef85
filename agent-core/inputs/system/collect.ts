// One instance of the system collector. Each part has its own source: one that fails leaves only its fields out.
import { measurementPoint, type FieldInput } from '../../point/measurement.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { percent } from '../host/counter.ts'
import { cpuUsage } from '../host/cpu-usage.ts'
import { Elapsed } from '../host/elapsed.ts'
import { openHost } from '../host/open-host.ts'
import type {
  ConntrackReading,
  CpuReader,
  CpuReading,
  CpuTimes,
  FileHandles,
  HostReaders,
  LoadReading,
} from '../host/ports.ts'
import type { CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { conntrackMeasurement, filefdMeasurement, systemMeasurement } from './measurement.ts'

type Fields = Record<string, FieldInput>

export function systemCollector(
  settings: CommonSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
): Collector {
  const [cpu, load, memory, system] = [host.cpu(), host.load(), host.memory(), host.system()]
  const sources = new SourceErrors(context.reportError)
  const busy = busyMeter(cpu, new Elapsed(context.clock, settings.interval))

  async function systemFields(): Promise<Fields> {
    const processors = await sources.attempt('cpu', busy)
    const averages = await sources.attempt('load', () => load.read())
    const used = await sources.attempt('memory', () => memory.read())
    return {
      cpu_total_usage: processors?.usage,
      ...(averages && loadFields(averages, processors?.count)),
      memory_usage: used && percent(used.used, used.total),
      n_cpus: processors?.count,
      n_users: await sources.attempt('users', () => system.userCount()),
      process_count: await sources.attempt('processes', () => system.processCount()),
      uptime: await sources.attempt('uptime', () => system.uptime()),
    }
  }

  return {
    async collect(time) {
      const point = (info: typeof systemMeasurement, fields: Fields) =>
        measurementPoint(info, settings.tags, fields, time)
      const points = [point(systemMeasurement, await systemFields())]
      const conntrack = await sources.attempt('conntrack', () => system.conntrack())
      if (conntrack) points.push(point(conntrackMeasurement, conntrackFields(conntrack)))
      const handles = await sources.attempt('file handles', () => system.fileHandles())
      if (handles) points.push(point(filefdMeasurement, filefdFields(handles)))
      await context.feed(
        'metric',
        points.filter(({ kvs }) => kvs.some(({ isTag }) => !isTag)),
      )
    },
    dispose: () => host.dispose(),
  }
}

/** Number of processors and how busy they were since the last call; usage is undefined the first time and after a gap. */
function busyMeter(
  cpu: CpuReader,
  elapsed: Elapsed,
): () => Promise<{ count: number; usage: number | undefined }> {
  let before: CpuTimes | undefined
  return async () => {
    const { total, count }: CpuReading = await cpu.read(false)
    const steady = elapsed.next() !== undefined
    const usage = steady && before ? cpuUsage(total, before) : undefined
    before = total
    return { count, usage: typeof usage === 'object' ? usage.usage_total : undefined }
  }
}

function loadFields({ load1, load5, load15 }: LoadReading, processors: number | undefined): Fields {
  const perCore = (load: number) => (processors ? load / processors : undefined)
  return {
    load1,
    load5,
    load15,
    load1_per_core: perCore(load1),
    load5_per_core: perCore(load5),
    load15_per_core: perCore(load15),
  }
}

const conntrackFields = ({ entries, limit, stats }: ConntrackReading): Fields => ({
  entries,
  entries_limit: limit,
  stat_found: stats?.['found'],
  stat_invalid: stats?.['invalid'],
  stat_ignore: stats?.['ignore'],
  stat_insert: stats?.['insert'],
  stat_insert_failed: stats?.['insert_failed'],
  stat_drop: stats?.['drop'],
  stat_early_drop: stats?.['early_drop'],
  stat_search_restart: stats?.['search_restart'],
})

const filefdFields = ({ allocated, maximum }: FileHandles): Fields => ({
  allocated,
  maximum_mega: Number(maximum) / 1e6,
})
