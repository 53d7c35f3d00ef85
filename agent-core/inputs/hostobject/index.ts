// hostobject: this host as an object (spec collectors-host.md section 2).
import * as v from 'valibot'
import { duration, regexp, stringList, tagsTable } from '../../config/schema-pieces.ts'
import { defineInput } from '../define-input.ts'
import { IGNORED_FSTYPES, IGNORED_MOUNT_POINTS } from '../disk/index.ts'
import { hostObjectCollector } from './collect.ts'
import { hostMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const hostobject = defineInput({
  name: 'hostobject',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object({
    interval: v.optional(duration(), '5m'),
    enable_net_virtual_interfaces: v.optional(v.boolean(), false),
    ignore_zero_bytes_disk: v.optional(v.boolean(), true),
    ignore_fstypes: v.optional(regexp(), IGNORED_FSTYPES),
    ignore_mountpoints: v.optional(regexp(), IGNORED_MOUNT_POINTS),
    exclude_device: v.optional(stringList(), []),
    config_path: v.optional(stringList(), []),
    disable_cloud_provider_sync: v.optional(v.boolean(), false),
    enable_cloud_host_tags_as_global_host_tags: v.optional(v.boolean(), true),
    enable_cloud_host_tags_as_global_election_tags: v.optional(v.boolean(), true),
    enable_cloud_aws_imds_v2: v.optional(v.boolean(), false),
    cloud_meta_url: v.optional(tagsTable(), {}),
    cloud_meta_token_url: v.optional(tagsTable(), {}),
    ignore_inputs_errors_before: v.optional(duration({ min: 0 }), '30s'),
    tags: v.optional(tagsTable(), {}),
    // Older names of the two above; both must agree to share the tags.
    enable_cloud_host_tags_global_host: v.optional(v.boolean()),
    enable_cloud_host_tags_global_election: v.optional(v.boolean()),
    // Without effect: see NO_OP_KEYS.
    extra_device: v.optional(stringList()),
    merge_on_device: v.optional(v.boolean()),
    only_physical_device: v.optional(v.boolean()),
    use_nsenter: v.optional(v.boolean()),
    enable_cloud_aws_ipv6: v.optional(v.boolean()),
    io_timeout: v.optional(duration()),
    pipeline: v.optional(v.string()),
  }),
  sample,
  measurements: [hostMeasurement],
  rateBased: true,
  rhythm: ({ interval }) => ({ interval, min: 10_000, max: 1_800_000 }),
  create: (config, context) => hostObjectCollector(config, context),
})
