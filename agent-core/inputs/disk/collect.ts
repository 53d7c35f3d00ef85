// One instance of the disk collector.
import type { BigIntStatsFs } from 'node:fs'
import { errnoOf } from '../../kernel/errors.ts'
import { measurementPoint, type FieldInput } from '../../point/measurement.ts'
import { integer, type Point } from '../../point/point.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { percent } from '../host/counter.ts'
import { NameFilter } from '../host/name-filter.ts'
import { openHost } from '../host/open-host.ts'
import type { HostReaders, Mount } from '../host/ports.ts'
import { keyNotice, patternTooSlow, type CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { StatFsProbe } from '../host/statfs-probe.ts'
import { diskMeasurement } from './measurement.ts'

export interface MountSettings {
  readonly exclude_device: readonly string[]
  readonly ignore_fstypes: RegExp
  readonly ignore_mountpoints: RegExp
}

export interface DiskSettings extends CommonSettings, MountSettings {
  readonly use_nsenter: boolean
}

/** Keys of older versions: accepted, without effect. */
export const NO_OP_KEYS = [
  'extra_device',
  'merge_on_device',
  'only_physical_device',
  'ignore_zero_bytes_disk',
] as const

/** Mounts that are not ours to look at, or went away since the table was read. */
const NOT_OURS = new Set(['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR'])

export function diskCollector(
  settings: DiskSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
  probe: StatFsProbe = new StatFsProbe(context.clock),
): Collector {
  const reader = host.mounts()
  const sources = new SourceErrors(context.reportError)
  const wanted = mountFilter(settings, context)
  const withInodes = context.host.platform !== 'win32'
  announceUnusedKeys(settings, context)

  async function usageOf(mount: Mount): Promise<BigIntStatsFs | undefined> {
    try {
      const stats = await probe.read(mount)
      if (stats) sources.succeeded(mount.mountPoint)
      return stats
    } catch (error) {
      const errno = errnoOf((error as Error).cause)
      const expected = mount.removable || (errno !== undefined && NOT_OURS.has(errno))
      if (!expected) sources.failed(mount.mountPoint, error)
      return undefined
    }
  }

  return {
    async collect(time) {
      const mounts = await sources.attempt('mounts', () => reader.read())
      if (!mounts) return
      const points: Point[] = []
      // Network drives last and one by one: while they keep us waiting, no thread is missing elsewhere.
      for (const mount of [...mounts].sort((a, b) => Number(a.remote) - Number(b.remote))) {
        const stats = wanted(mount) ? await usageOf(mount) : undefined
        if (!stats || stats.blocks === 0n) continue
        const tags = {
          ...settings.tags,
          device: mount.device,
          fstype: mount.fstype,
          mount_point: mount.mountPoint,
        }
        points.push(measurementPoint(diskMeasurement, tags, usageFields(stats, withInodes), time))
      }
      if (points.length > 0) await context.feed('metric', points)
    },
    dispose() {
      probe.dispose()
      host.dispose()
    },
  }
}

function usageFields(stats: BigIntStatsFs, withInodes: boolean): Record<string, FieldInput> {
  const { bsize, blocks, bfree, bavail, files, ffree } = stats
  const total = blocks * bsize
  const used = (blocks - bfree) * bsize
  const fields = {
    total,
    free: bavail * bsize,
    used,
    used_percent: percent(integer(used), integer(total)),
  }
  if (!withInodes) return fields
  const usedInodes = files > ffree ? files - ffree : 0n
  return {
    ...fields,
    inodes_total_mb: files / 1_000_000n,
    inodes_free_mb: ffree / 1_000_000n,
    inodes_used_mb: usedInodes / 1_000_000n,
    inodes_used_percent: percent(integer(usedInodes), integer(files)),
    inodes_total: files,
    inodes_free: ffree,
    inodes_used: usedInodes,
  }
}

/** The mounts that an instance wants. */
export function mountFilter(settings: MountSettings, context: InputContext): (mount: Mount) => boolean {
  const excluded = new Set(settings.exclude_device.map((device) => device.toLowerCase()))
  const types = filter('ignore_fstypes')
  const points = filter('ignore_mountpoints')
  return ({ device, fstype, mountPoint }) =>
    !excluded.has(device.toLowerCase()) && !types.matches(fstype) && !points.matches(mountPoint)

  function filter(key: 'ignore_fstypes' | 'ignore_mountpoints'): NameFilter {
    // An empty text means no filter; as a pattern it would match all.
    const patterns = settings[key].source === '(?:)' ? [] : [settings[key]]
    return new NameFilter(patterns, () => context.diagnose(patternTooSlow(context, key)))
  }
}

function announceUnusedKeys(settings: DiskSettings, context: InputContext): void {
  for (const key of NO_OP_KEYS)
    if (key in settings)
      context.diagnose(
        keyNotice(context, 'CONFIG_DEPRECATED', key, 'has no effect any more', 'Remove the line.'),
      )
  if (settings.use_nsenter)
    context.diagnose(
      keyNotice(
        context,
        'CONFIG_UNSUPPORTED',
        'use_nsenter',
        'is not supported',
        'Mounts are read from the first process; nothing else is needed outside Kubernetes.',
      ),
    )
}
