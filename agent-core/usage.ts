// What the agent tells a DataWay about its use (POST /v1/datakit/usage_trace, spec points-io-http.md).
import { availableParallelism, cpus, networkInterfaces } from 'node:os'
import type { Agent } from './agent.ts'
import { firstUnicastAddress } from './config/host-tags.ts'
import type { UsageTrace } from './io/dataway/usage-trace.ts'
import { allowedCores } from './resource-limit.ts'

export interface UsageFacts {
  /** Of this run of the agent. */
  readonly runtimeId: string
  readonly podName: string | undefined
  readonly container: boolean
}

export function usageTrace(
  { facts, config, clock, http, instances }: Pick<Agent, 'facts' | 'config' | 'clock' | 'http' | 'instances'>,
  { runtimeId, podName, container }: UsageFacts,
): UsageTrace {
  const { resource_limit: limit, http_api: api } = config
  const cores = availableParallelism()
  return {
    hostname: facts.host,
    runtime_id: runtimeId,
    ip: firstUnicastAddress(networkInterfaces()),
    pod_name: podName || undefined,
    run_mode: facts.mode,
    datakit_version: facts.version,
    arch: facts.arch,
    os: process.platform,
    cpu_cores: cpus().length,
    cpu_limites: limit.enable ? limit.cpu_cores : undefined,
    usage_cores: Math.max(1, Math.floor(limit.enable ? allowedCores(limit, cores) : cores)),
    uptime: Math.round((clock.now() - facts.startedAt) / 1000),
    run_in_container: container,
    server_listens: http.state().state === 'listening' ? [api.listen] : [],
    inputs: [...new Set(instances.map(({ name }) => name))],
  }
}
