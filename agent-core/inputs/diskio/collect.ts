// One instance of the diskio collector.
import { measurementPoint } from '../../point/measurement.ts'
import type { Point } from '../../point/point.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { ratePerSecond } from '../host/counter.ts'
import { Elapsed } from '../host/elapsed.ts'
import { NameFilter } from '../host/name-filter.ts'
import { openHost } from '../host/open-host.ts'
import type { DiskIoCounters, HostReaders } from '../host/ports.ts'
import { patternTooSlow, type CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { diskioMeasurement } from './measurement.ts'
import { DiskNaming, type NamingSettings } from './naming.ts'

export interface DiskioSettings extends CommonSettings, NamingSettings {
  readonly devices: readonly RegExp[]
}

export function diskioCollector(
  settings: DiskioSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
): Collector {
  const reader = host.diskIo()
  const naming = new DiskNaming(reader, context.clock, settings)
  const sources = new SourceErrors(context.reportError)
  const elapsed = new Elapsed(context.clock, settings.interval)
  const wanted = new NameFilter(settings.devices, () => context.diagnose(patternTooSlow(context, 'devices')))
  const all = settings.devices.length === 0
  let before: ReadonlyMap<string, DiskIoCounters> = new Map()

  return {
    async collect(time) {
      const disks = await sources.attempt('disk counters', () => reader.read())
      if (!disks) return
      const seconds = elapsed.next()
      const points: Point[] = []
      for (const disk of disks) {
        const { tags, aliases } = naming.of(disk)
        if (!all && !wanted.matches(...aliases)) continue
        const fields = diskFields(disk, before.get(disk.name), seconds)
        points.push(measurementPoint(diskioMeasurement, { ...settings.tags, ...tags }, fields, time))
      }
      before = new Map(disks.map((disk) => [disk.name, disk]))
      if (points.length > 0) await context.feed('metric', points)
    },
    dispose: () => host.dispose(),
  }
}

const diskFields = (
  disk: DiskIoCounters,
  before: DiskIoCounters | undefined,
  seconds: number | undefined,
) => ({
  reads: disk.reads,
  writes: disk.writes,
  merged_reads: disk.mergedReads,
  merged_writes: disk.mergedWrites,
  read_bytes: disk.readBytes,
  write_bytes: disk.writeBytes,
  read_time: disk.readTime,
  write_time: disk.writeTime,
  io_time: disk.ioTime,
  weighted_io_time: disk.weightedIoTime,
  iops_in_progress: disk.inProgress,
  'read_bytes/sec': ratePerSecond(disk.readBytes, before?.readBytes, seconds),
  'write_bytes/sec': ratePerSecond(disk.writeBytes, before?.writeBytes, seconds),
})
