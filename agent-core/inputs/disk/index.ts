// Collector disk: space of mounted file systems (spec collectors-host.md section 1).
import * as v from 'valibot'
import { regexp, stringList } from '../../config/schema-pieces.ts'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { diskCollector } from './collect.ts'
import { diskMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const IGNORED_FSTYPES = '^(tmpfs|autofs|binfmt_misc|devpts|fuse.lxcfs|overlay|proc|squashfs|sysfs)$'
export const IGNORED_MOUNT_POINTS = '^(/usr/local/datakit/.*|/run/containerd/.*)$'

export const disk = defineInput({
  name: 'disk',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object({
    ...commonSettings,
    exclude_device: v.optional(stringList(), []),
    ignore_fstypes: v.optional(regexp(), IGNORED_FSTYPES),
    ignore_mountpoints: v.optional(regexp(), IGNORED_MOUNT_POINTS),
    use_nsenter: v.optional(v.boolean(), false),
    // Without effect: see NO_OP_KEYS.
    extra_device: v.optional(stringList()),
    merge_on_device: v.optional(v.boolean()),
    only_physical_device: v.optional(v.boolean()),
    ignore_zero_bytes_disk: v.optional(v.boolean()),
  }),
  sample,
  measurements: [diskMeasurement],
  rhythm: hostRhythm,
  create: (config, context) => diskCollector(config, context),
})
