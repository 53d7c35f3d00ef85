// One instance of the hostobject collector. Each part has its own source: one that fails leaves only its fields out.
import type { BigIntStatsFs } from 'node:fs'
import { AgentError } from '../../kernel/errors.ts'
import { measurementPoint } from '../../point/measurement.ts'
import { integer, type Integer } from '../../point/point.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { mountFilter, type MountSettings } from '../disk/collect.ts'
import { add, percent } from '../host/counter.ts'
import { Elapsed } from '../host/elapsed.ts'
import { openIdentity, type HostIdentity, type HostMeta, type Processor } from '../host/identity.ts'
import { exactJson } from '../host/json.ts'
import { openHost } from '../host/open-host.ts'
import type { HostReaders, Mount } from '../host/ports.ts'
import { keyNotice } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { StatFsProbe } from '../host/statfs-probe.ts'
import { cloudTags, metadataClient, type Ask, type CloudSettings, type CloudTags } from './cloud.ts'
import { readConfigFiles } from './config-files.ts'
import { hostMeasurement } from './measurement.ts'
import { hostMessage, type DiskUsage } from './message.ts'
import { announceOldKeys, shareWith, type SharingSettings } from './old-keys.ts'
import { busy, diskTotals, netTotals, type Totals } from './traffic.ts'

export interface HostObjectSettings extends MountSettings, CloudSettings, SharingSettings {
  readonly interval: number
  readonly tags: Readonly<Record<string, string>>
  readonly enable_net_virtual_interfaces: boolean
  readonly ignore_zero_bytes_disk: boolean
  readonly config_path: readonly string[]
  readonly disable_cloud_provider_sync: boolean
  readonly ignore_inputs_errors_before: number
}

export interface HostObjectSources {
  readonly host: HostReaders
  readonly identity: HostIdentity
  readonly probe: StatFsProbe
  readonly ask: Ask
}

export function openSources(context: InputContext): HostObjectSources {
  return {
    host: openHost(context),
    identity: openIdentity(context),
    probe: new StatFsProbe(context.clock),
    ask: metadataClient(context.clock, context.signal),
  }
}

export function hostObjectCollector(
  settings: HostObjectSettings,
  context: InputContext,
  { host, identity, probe, ask }: HostObjectSources = openSources(context),
): Collector {
  const { clock } = context
  const cpu = host.cpu()
  const load = host.load()
  const memory = host.memory()
  const swap = host.swap()
  const mounts = host.mounts()
  const diskIo = host.diskIo()
  const net = host.net()
  const system = host.system()
  const sources = new SourceErrors(context.reportError)
  const elapsed = new Elapsed(clock, settings.interval)
  const wanted = mountFilter(settings, context)
  const cloud = new CloudSync(settings, context, ask)
  const refused = new Set<string>()
  announceOldKeys(settings, context)
  let before: Totals | undefined
  let lasting: { meta: HostMeta; processors: readonly Processor[] } | undefined

  /** What does not change while the host runs is read once. */
  async function readLasting() {
    lasting ??= {
      meta: await identity.meta(),
      processors: (await sources.attempt('processors', () => identity.processors())) ?? [],
    }
    return lasting
  }

  async function readDisks(): Promise<DiskUsage[]> {
    const disks: DiskUsage[] = []
    for (const mount of (await sources.attempt('mounts', () => mounts.read())) ?? []) {
      const stats = wanted(mount) ? await statOf(probe, mount) : undefined
      if (!stats || (stats.blocks === 0n && settings.ignore_zero_bytes_disk)) continue
      disks.push(usageOf(mount, stats))
    }
    return disks
  }

  async function readTotals(): Promise<Totals & { readonly processors: number | undefined }> {
    const reading = await sources.attempt('cpu', () => cpu.read(false))
    const disks = await sources.attempt('disk counters', () => diskIo.read())
    const interfaces = await sources.attempt('interface counters', () => net.read())
    return {
      cpu: reading?.total,
      processors: reading?.count,
      disk: disks && diskTotals(disks),
      net: interfaces && netTotals(interfaces),
    }
  }

  async function readBusy() {
    const totals = await readTotals()
    const between = elapsed.next()
    const seconds = before ? between : await sources.attempt('uptime', () => system.uptime())
    const fields = busy(totals, before, seconds)
    before = totals
    return { ...fields, num_cpu: totals.processors }
  }

  function refuse(path: string, reason: string): void {
    if (refused.has(path)) return
    refused.add(path)
    context.diagnose(
      keyNotice(
        context,
        'CONFIG_VALUE',
        'config_path',
        `${path} ${reason}`,
        'Name a text file of 4 KB at most.',
      ),
    )
  }

  async function collect(time: bigint): Promise<void> {
    cloud.sync()
    const { meta, processors } = await readLasting()
    const used = await sources.attempt('memory', () => memory.read())
    const swapped = await sources.attempt('swap', () => swap.read())
    const averages = await sources.attempt('load', () => load.read())
    const interfaces = (await sources.attempt('interfaces', () => identity.interfaces())) ?? []
    const disks = await readDisks()
    const agent = context.host.agentFacts()
    const ip = unicastIp(interfaces)
    const message = hostMessage({
      hostname: context.host.hostname(),
      meta,
      processors,
      memoryTotal: used?.total ?? 0,
      swapTotal: swapped?.total ?? 0,
      interfaces: interfaces.filter((i) => settings.enable_net_virtual_interfaces || !i.virtual),
      disks,
      conntrack: await sources.attempt('conntrack', () => system.conntrack()),
      fileHandles: await sources.attempt('file handles', () => system.fileHandles()),
      agent,
      configFiles: await readConfigFiles(settings.config_path, refuse),
      collectors: context.host.collectorStats(),
      errorsSince: clock.now() - settings.ignore_inputs_errors_before,
      ip,
    })
    const tags = {
      ...settings.tags,
      ...cloud.tags,
      name: context.host.hostname(),
      os: meta.os,
      arch: meta.arch,
      unicast_ip: ip || undefined,
    }
    const fields = {
      message: exactJson(message),
      start_time: meta.bootTime * 1000,
      datakit_ver: context.host.version,
      logging_level: agent.loggingLevel,
      Scheck: '',
      ...(await readBusy()),
      mem_used_percent: used && percent(used.used, used.total),
      load: averages?.load5,
      is_docker: identity.inContainer() ? 1 : 0,
      ...diskFields(disks),
    }
    await context.feed('object', [measurementPoint(hostMeasurement, tags, fields, time)])
  }

  return {
    async collect(time) {
      await sources.attempt('host', () => collect(time))
    },
    dispose() {
      probe.dispose()
      identity.dispose()
      host.dispose()
    },
  }
}

/** Undefined when it cannot be asked: the disk collector tells why. */
async function statOf(probe: StatFsProbe, mount: Mount): Promise<BigIntStatsFs | undefined> {
  try {
    return await probe.read(mount)
  } catch (error) {
    if (error instanceof AgentError && error.code === 'INPUT_SOURCE') return undefined
    throw error
  }
}

function usageOf(mount: Mount, { bsize, blocks, bfree, bavail, files, ffree }: BigIntStatsFs): DiskUsage {
  const total = integer(blocks * bsize)
  const used = integer((blocks - bfree) * bsize)
  const free = integer(bavail * bsize)
  const inodesUsed = integer(files > ffree ? files - ffree : 0n)
  return {
    device: mount.device,
    total,
    used,
    // Of what users can have: blocks kept for root are neither used nor free.
    used_percent: percent(used, add(used, free)),
    inodes_total: integer(files),
    inodes_used: inodesUsed,
    inodes_free: integer(ffree),
    inodes_used_percent: percent(inodesUsed, integer(files)),
    free,
    fstype: mount.fstype,
    mountpoint: mount.mountPoint,
  }
}

/** A device that is mounted in several places is one disk; what is no device counts by itself. */
function diskFields(disks: readonly DiskUsage[]) {
  const single = new Map(disks.map((disk) => [isDevice(disk.device) ? disk.device : disk.mountpoint, disk]))
  let total: Integer = 0
  let used: Integer = 0
  for (const disk of single.values()) {
    total = add(total, disk.total)
    used = add(used, disk.used)
  }
  return { disk_total: total, disk_used_percent: percent(used, total) }
}

const isDevice = (device: string): boolean => device.startsWith('/dev/') || /^[A-Z]:$/i.test(device)

/** The first IPv4 address, of hardware rather than of a bridge. */
function unicastIp(interfaces: readonly { virtual: boolean; ip4: readonly string[] }[]): string {
  const own = interfaces.filter((i) => i.ip4.length > 0)
  const first = own.find((i) => !i.virtual) ?? own[0]
  return first?.ip4[0]?.split('/')[0] ?? ''
}

const DAY_MS = 24 * 3600 * 1000

/** Asks once a day in the background; rounds take what is known by then. */
class CloudSync {
  tags: CloudTags = {}
  readonly #settings: HostObjectSettings
  readonly #context: InputContext
  readonly #ask: Ask
  #last: number | undefined

  constructor(settings: HostObjectSettings, context: InputContext, ask: Ask) {
    this.#settings = settings
    this.#context = context
    this.#ask = ask
  }

  sync(): void {
    if (this.#settings.disable_cloud_provider_sync) return
    const now = this.#context.clock.monotonic()
    if (this.#last !== undefined && now - this.#last < DAY_MS) return
    this.#last = now
    void this.#run().catch((error: unknown) => this.#context.reportError(error))
  }

  async #run(): Promise<void> {
    const { host, signal, log } = this.#context
    const settings = this.#settings
    const found = await cloudTags(settings, this.#ask, settings.tags['cloud_provider'], host.offline ?? false)
    if (!found || signal.aborted) return
    log.info('cloud metadata found', { provider: found['cloud_provider'], region: found['region'] })
    this.tags = found
    const shared = Object.fromEntries(
      ['region', 'zone_id'].flatMap((key) => (found[key] ? [[key, found[key]]] : [])),
    ) as Record<string, string>
    for (const of of shareWith(settings)) host.addGlobalTags?.(of, shared)
  }
}
