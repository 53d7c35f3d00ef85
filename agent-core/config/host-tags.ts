// Tags of all data of this host, from configuration and facts. Nothing here waits for a network.
import type { NetworkInterfaceInfo } from 'node:os'
import type { Environment } from './registry.ts'
import type { DatakitConfig } from './settings.ts'

export interface HostFactsForTags {
  /** The machine's own name. */
  readonly hostname: string
  /** Undefined while it is not known. */
  readonly ip: string | undefined
  /** An id of this installation. */
  readonly id: string | undefined
}

/** The host's name in all data: ENV_HOSTNAME or environments.ENV_HOSTNAME, in a container the Kubernetes node's. */
export function hostName(config: DatakitConfig, env: Environment, real: string, container = false): string {
  const node = container
    ? env['ENV_K8S_CLUSTER_NODE_NAME'] || env['ENV_K8S_NODE_NAME'] || env['NODE_NAME']
    : ''
  return config.environments.ENV_HOSTNAME || node || real
}

/**
 * Replaces `$datakit_ip`, `__datakit_hostname` and the like in the values. A tag whose value is not known is left out.
 * `host` is always the host's name: a configured one is overwritten.
 */
export function hostTags(
  config: DatakitConfig,
  env: Environment,
  facts: HostFactsForTags,
): Record<string, string> {
  const tags = resolveTags(config.global_host_tags, facts)
  const cluster = env['ENV_CLUSTER_NAME_K8S']
  if (cluster) tags['cluster_name_k8s'] ??= cluster
  return { ...tags, host: facts.hostname }
}

/** Tags of data from elected collectors: their own, or the host's while election is off. */
export function electionTags(
  config: DatakitConfig,
  tagsOfHost: Readonly<Record<string, string>>,
  facts: HostFactsForTags,
): Record<string, string> {
  if (!config.election.enable) return { ...tagsOfHost }
  const tags = resolveTags(config.election.tags, facts)
  if (config.election.enable_namespace_tag) tags['election_namespace'] = config.election.namespace
  return tags
}

function resolveTags(
  tags: Readonly<Record<string, string>>,
  facts: HostFactsForTags,
): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [key, value] of Object.entries(tags)) {
    const resolved = resolveValue(value, facts)
    if (resolved) out[key] = resolved
  }
  return out
}

function resolveValue(value: string, facts: HostFactsForTags): string | undefined {
  switch (/^(?:__|\$)(datakit_\w+)$/i.exec(value.trim())?.[1]?.toLowerCase()) {
    case 'datakit_ip':
      return facts.ip
    case 'datakit_hostname':
      return facts.hostname
    case 'datakit_id':
    case 'datakit_uuid':
      return facts.id
    default:
      return value
  }
}

/** The first address of this machine that others can reach, IPv4 before IPv6; `os.networkInterfaces()` goes in. */
export function firstUnicastAddress(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): string | undefined {
  const addresses = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter((info) => !info.internal && !/^(169\.254\.|fe80:|0\.0\.0\.0$|::$)/i.test(info.address))
  return (addresses.find((info) => info.family === 'IPv4') ?? addresses[0])?.address
}
