// The `message` of the host object: its keys are the wire format.
import type { Integer } from '../../point/point.ts'
import type { AgentFacts, CollectorStat } from '../define-input.ts'
import type { HostMeta, NetworkInterface, Processor } from '../host/identity.ts'
import type { ConntrackReading, FileHandles } from '../host/ports.ts'

export interface DiskUsage {
  readonly device: string
  readonly total: Integer
  readonly used: Integer
  readonly used_percent: number
  readonly inodes_total: Integer
  readonly inodes_used: Integer
  readonly inodes_free: Integer
  readonly inodes_used_percent: number
  readonly free: Integer
  readonly fstype: string
  readonly mountpoint: string
}

export interface HostPicture {
  readonly hostname: string
  readonly meta: HostMeta
  readonly processors: readonly Processor[]
  readonly memoryTotal: number
  readonly swapTotal: Integer
  readonly interfaces: readonly NetworkInterface[]
  readonly disks: readonly DiskUsage[]
  readonly conntrack: ConntrackReading | undefined
  readonly fileHandles: FileHandles | undefined
  readonly agent: AgentFacts
  readonly configFiles: Readonly<Record<string, string>>
  readonly collectors: readonly CollectorStat[]
  /** Errors of collectors before this are left out, Unix ms. */
  readonly errorsSince: number
  readonly ip: string
}

export function hostMessage(picture: HostPicture) {
  const { agent } = picture
  return {
    host: {
      meta: metaOf(picture),
      cpu: picture.processors.map((processor) => ({
        vendor_id: processor.vendorId,
        module_name: processor.model,
        cores: processor.cores,
        mhz: processor.mhz,
        cache_size: processor.cacheSize,
      })),
      mem: { memory_total: picture.memoryTotal, swap_total: picture.swapTotal },
      net: picture.interfaces.map(({ mtu, name, mac, flags, ip4, ip6 }) => ({
        mtu,
        name,
        mac,
        flags,
        ip4: ip4.at(-1) ?? '',
        ip6: ip6.at(-1) ?? '',
        ip4_all: ip4,
        ip6_all: ip6,
      })),
      disk: picture.disks,
      conntrack: conntrackOf(picture.conntrack),
      filefd: fileHandlesOf(picture.fileHandles),
      election: {
        namespace: agent.election.namespace,
        elected_hostname: agent.election.elected,
        elected_time: agent.election.electedTime,
        status: agent.election.status,
      },
      config_file: picture.configFiles,
    },
    collectors: picture.collectors
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((stat) => collectorOf(stat, picture.errorsSince)),
    config: {
      ip: picture.ip,
      dca_config: { enable: false, websocket_server: 'ws://localhost:8000/ws' },
      http_listen: agent.httpListen,
    },
  }
}

function metaOf({ hostname, meta }: HostPicture) {
  return {
    host_name: hostname,
    boot_time: meta.bootTime,
    os: meta.os,
    platform: meta.platform,
    platform_family: meta.platformFamily,
    platform_version: meta.platformVersion,
    kernel_release: meta.kernelRelease,
    arch: meta.arch,
  }
}

/** All -1 where the system has no connection tracking; counts that only root may see are 0. */
function conntrackOf(reading: ConntrackReading | undefined) {
  const stat = (key: string): number => (reading ? (reading.stats?.[key] ?? 0) : -1)
  return {
    entries: reading?.entries ?? -1,
    entries_limit: reading?.limit ?? -1,
    stat_found: stat('found'),
    stat_invalid: stat('invalid'),
    stat_ignore: stat('ignore'),
    stat_insert: stat('insert'),
    stat_insert_failed: stat('insert_failed'),
    stat_drop: stat('drop'),
    stat_early_drop: stat('early_drop'),
    stat_search_restart: stat('search_restart'),
  }
}

function fileHandlesOf(handles: FileHandles | undefined) {
  if (!handles) return { allocated: -1, maximum: -1, maximum_mega: -1 }
  const { allocated, maximum } = handles
  return { allocated, maximum, maximum_mega: Number(maximum) / 1e6 }
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

function collectorOf(stat: CollectorStat, errorsSince: number) {
  const { name, count, lastTime, lastErr, lastErrTime } = stat
  const recent = lastErr !== undefined && lastErrTime !== undefined && lastErrTime >= errorsSince
  return {
    name,
    count,
    ...(lastTime === undefined ? {} : { last_time: seconds(lastTime) }),
    ...(recent ? { last_err: lastErr, last_err_time: seconds(lastErrTime) } : {}),
  }
}
