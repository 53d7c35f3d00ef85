// Keys of older versions: accepted, so that an existing file loads, and told to be old.
import type { InputContext } from '../define-input.ts'
import { keyNotice } from '../host/settings.ts'

const NO_OP_KEYS = [
  'extra_device',
  'merge_on_device',
  'only_physical_device',
  'use_nsenter',
  'enable_cloud_aws_ipv6',
  'io_timeout',
  'pipeline',
] as const

const RENAMED = {
  enable_cloud_host_tags_global_host: 'enable_cloud_host_tags_as_global_host_tags',
  enable_cloud_host_tags_global_election: 'enable_cloud_host_tags_as_global_election_tags',
} as const

export interface SharingSettings {
  readonly enable_cloud_host_tags_as_global_host_tags: boolean
  readonly enable_cloud_host_tags_as_global_election_tags: boolean
  readonly enable_cloud_host_tags_global_host?: boolean | undefined
  readonly enable_cloud_host_tags_global_election?: boolean | undefined
}

export function announceOldKeys(settings: object, context: InputContext): void {
  for (const key of NO_OP_KEYS) {
    if (!(key in settings)) continue
    context.diagnose(
      keyNotice(context, 'CONFIG_DEPRECATED', key, 'has no effect any more', 'Remove the line.'),
    )
  }
  for (const [key, now] of Object.entries(RENAMED)) {
    if (!(key in settings)) continue
    context.diagnose(
      keyNotice(context, 'CONFIG_DEPRECATED', key, `is the old name of ${now}`, `Rename it to ${now}.`),
    )
  }
}

/** Which global tags take the cloud's: an old key that says no counts. */
export function shareWith(settings: SharingSettings): ('host' | 'election')[] {
  const shared: ('host' | 'election')[] = []
  if (
    settings.enable_cloud_host_tags_as_global_host_tags &&
    settings.enable_cloud_host_tags_global_host !== false
  )
    shared.push('host')
  if (
    settings.enable_cloud_host_tags_as_global_election_tags &&
    settings.enable_cloud_host_tags_global_election !== false
  )
    shared.push('election')
  return shared
}
