// One instance of the cpu collector.
import { measurementPoint } from '../../point/measurement.ts'
import type { Point } from '../../point/point.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { cpuUsage } from '../host/cpu-usage.ts'
import { Elapsed } from '../host/elapsed.ts'
import { openHost } from '../host/open-host.ts'
import type { CpuReading, HostReaders, LoadReader } from '../host/ports.ts'
import type { CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { Load5s } from './load5s.ts'
import { cpuMeasurement } from './measurement.ts'

export interface CpuSettings extends CommonSettings {
  readonly percpu: boolean
  readonly enable_temperature: boolean
  readonly enable_load5s: boolean
}

export function cpuCollector(
  settings: CpuSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
): Collector {
  const reader = host.cpu()
  const sources = new SourceErrors(context.reportError)
  const elapsed = new Elapsed(context.clock, settings.interval)
  const load = settings.enable_load5s ? load5s(context, host.load()) : undefined
  let sensors = settings.enable_temperature
  let before: CpuReading | undefined

  function temperature(): number | undefined {
    if (!sensors) return undefined
    const degrees = reader.temperature()
    // Looking for sensors that are not there is not worth repeating.
    if (degrees === undefined) sensors = false
    return degrees
  }

  return {
    async collect(time) {
      const now = await sources.attempt('cpu', () => reader.read(settings.percpu))
      if (!now) return
      const last = before
      before = now
      if (elapsed.next() === undefined || !last) return
      const points = usagePoints(now, last, settings.tags, time, (cpu) => ({
        load5s: load?.value,
        core_temperature: cpu === 'cpu-total' ? temperature() : undefined,
      }))
      if (points.length > 0) await context.feed('metric', points)
    },
    dispose() {
      load?.dispose()
      host.dispose()
    },
  }
}

/** No points at all when any processor's counters went backwards. */
function usagePoints(
  now: CpuReading,
  before: CpuReading,
  tags: Readonly<Record<string, string>>,
  time: bigint,
  extras: (cpu: string) => Record<string, number | undefined>,
): Point[] {
  const earlier = new Map([before.total, ...before.cores].map((times) => [times.cpu, times]))
  const points: Point[] = []
  for (const times of [now.total, ...now.cores]) {
    const last = earlier.get(times.cpu)
    const usage = last && cpuUsage(times, last)
    if (usage === 'backwards') return []
    if (!usage) continue
    const fields = { ...usage, ...extras(times.cpu) }
    points.push(measurementPoint(cpuMeasurement, { ...tags, cpu: times.cpu }, fields, time))
  }
  return points
}

const load5s = ({ clock }: InputContext, reader: LoadReader): Load5s =>
  new Load5s(clock, () => {
    try {
      return reader.read().load1
    } catch {
      // The system collector reports an unreadable load; here the field is left out.
      return undefined
    }
  })
