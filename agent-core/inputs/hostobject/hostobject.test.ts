import { readFileSync } from 'node:fs'
import type { BigIntStatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { cpus, loadavg, totalmem, uptime } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import type { HostFacts, InputDefinition } from '../define-input.ts'
import type { IdentityOs } from '../host/identity.ts'
import { linuxIdentity } from '../host/linux/identity.ts'
import { StatFsProbe } from '../host/statfs-probe.ts'
import { keysOf, runCollector, valuesOf, type RunningCollector } from '../testing/collect.ts'
import { plantTree, type PlantedTree, type Tree } from '../testing/tree.ts'
import type { Ask } from './cloud.ts'
import { hostObjectCollector, openSources } from './collect.ts'
import { hostobject } from './index.ts'

const testdata = <T>(file: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'testdata', file), 'utf8')) as T
const recorded = testdata<Tree>('host-tree.json')
/** What the Go agent sent of the same machine. */
const sample = testdata<{
  keys: Record<string, string>
  sample: { fields: Record<string, { t: string; v: unknown }>; tags: Record<string, string> }
}>('sample.json')
const NOW = 1_795_168_266_000

const os: IdentityOs = {
  release: () => 'not used',
  machine: () => 'x86_64',
  version: () => 'not used',
  uptime: () => 1000,
  cpus: () => [],
  networkInterfaces: () => ({
    lo: [{ family: 'IPv4', cidr: '127.0.0.1/8', mac: '00:00:00:00:00:00', internal: true }],
    eth0: [
      { family: 'IPv4', cidr: '192.0.2.2/24', mac: '02:fc:00:00:00:01', internal: false },
      { family: 'IPv6', cidr: 'fd00::2/64', mac: '02:fc:00:00:00:01', internal: false },
      { family: 'IPv6', cidr: 'fe80::fc:ff:fe00:1/64', mac: '02:fc:00:00:00:01', internal: false },
    ],
    docker0: [{ family: 'IPv4', cidr: '172.17.0.1/16', mac: '02:42:00:00:00:01', internal: false }],
  }),
}

const DEVTMPFS = { total: 12630552576n, used: 0n, free: 12630552576n, files: 3083631n, ffree: 3083517n }
const VDA = {
  total: 270553174016n,
  used: 32602890240n,
  free: 76341403648n,
  files: 16777216n,
  ffree: 16168805n,
}
const NOTHING = { total: 0n, used: 0n, free: 0n, files: 0n, ffree: 0n }

let tree: PlantedTree
beforeEach(() => void (tree = plantTree(recorded)))
afterEach(() => tree.dispose())

function recordedStatfs(path: string): Promise<BigIntStatsFs> {
  const place = path.slice(tree.root.length)
  const { total, used, free, files, ffree } =
    place === '/dev' ? DEVTMPFS : place.startsWith('/mnt') ? NOTHING : VDA
  return Promise.resolve({
    type: 0n,
    bsize: 1n,
    frsize: 1n,
    blocks: total,
    bfree: total - used,
    bavail: free,
    files,
    ffree,
  } as BigIntStatsFs)
}

const noCloud: Ask = () => Promise.resolve(undefined)
type Config = Parameters<typeof runCollector<typeof hostobject.schema>>[1]

function run(config: Config, facts: Partial<HostFacts> = {}, ask = noCloud): Promise<RunningCollector> {
  const definition: InputDefinition<typeof hostobject.schema> = {
    ...hostobject,
    create: (parsed, context) =>
      hostObjectCollector(parsed, context, {
        ...openSources(context),
        identity: linuxIdentity(tree.root, os),
        probe: new StatFsProbe(context.clock, recordedStatfs),
        ask,
      }),
  }
  const agentFacts = (): ReturnType<HostFacts['agentFacts']> => ({
    httpListen: '127.0.0.1:19529',
    loggingLevel: 'info',
    startedAt: NOW,
    election: { namespace: 'default', elected: 'vm', electedTime: 2004778756, status: 'success' },
  })
  return runCollector(definition, config, { root: tree.root, agentFacts, ...facts }, new FakeClock(NOW))
}

async function first(config: Config, facts: Partial<HostFacts> = {}) {
  const collector = await run(config, facts)
  const values = valuesOf(collector.take()[0]!)
  const message = JSON.parse(values.message as string) as {
    host: Record<string, unknown> & { net: { name: string }[]; disk: { mountpoint: string }[] }
    collectors: unknown[]
  }
  const diagnostics = collector.diagnostics()
  await collector.stop()
  return { values, message, diagnostics }
}

describe('the object', () => {
  test('keys, types and the whole message are those of the recorded agent', async () => {
    const names = [
      'cpu',
      'disk',
      'diskio',
      'host_processes',
      'hostobject',
      'mem',
      'net',
      'prom',
      'swap',
      'system',
    ]
    const stats = names.toReversed().map((name) => ({ name, count: 0 }))
    const collector = await run({}, { collectorStats: () => stats })
    const [point] = collector.take()
    const { host: _host, site: _site, ...keys } = sample.keys
    expect(point!.name).toBe('HOST')
    expect(keysOf([point!])).toEqual(keys)
    const { message, cpu_usage: _cpu, diskio_read_bytes_per_sec, ...values } = valuesOf(point!)
    const expected = Object.fromEntries(Object.entries(sample.sample.fields).map(([k, { v }]) => [k, v]))
    // The recorded text itself: the order of the keys counts.
    expect(message).toBe(expected.message)
    const { site: _tag, host: _tag2, ...tags } = sample.sample.tags
    expect(values).toMatchObject({
      ...tags,
      datakit_ver: '1.84.1',
      logging_level: 'info',
      Scheck: '',
      start_time: expected.start_time,
      disk_total: expected.disk_total,
      disk_used_percent: expected.disk_used_percent,
      num_cpu: 2,
      is_docker: 0,
      load: 0.84,
    })
    expect(values.mem_used_percent).toBeCloseTo(expected.mem_used_percent as number, 2)
    expect(diskio_read_bytes_per_sec).toBe(1024)
    await collector.stop()
  })

  test('the first round is sent; its rates are since the boot, the next ones between rounds', async () => {
    const collector = await run({})
    expect(collector.snapshot()).toMatchObject({ state: 'ok', feeds: 1, interval: 300_000 })
    expect(valuesOf(collector.take()[0]!)).toMatchObject({
      // Of 10,000 ticks 8,000 were idle.
      cpu_usage: 20,
      // Partitions, loop and mapped devices lie on vda and are not counted again; loopback is no network.
      diskio_read_bytes_per_sec: 1024,
      diskio_write_bytes_per_sec: 2048,
      net_recv_bytes_per_sec: 5000,
      net_send_bytes_per_sec: 7000,
    })
    tree.plant({
      'proc/stat': (recorded['proc/stat'] as string).replace('cpu  1000 0 500 8000', 'cpu  1030 0 520 8050'),
      'proc/diskstats': ' 253 0 vda 100 0 2200 10 50 0 4000 20 0 30 30\n',
      'proc/net/dev': (recorded['proc/net/dev'] as string).replace('5000000', '5000123'),
    })
    await collector.advance(1_000)
    expect(valuesOf(collector.take()[0]!)).toMatchObject({
      cpu_usage: 50,
      diskio_read_bytes_per_sec: 102_400,
      diskio_write_bytes_per_sec: 0,
      net_recv_bytes_per_sec: 123,
      net_send_bytes_per_sec: 0,
    })
    await collector.advance(299_000)
    expect(collector.take()).toHaveLength(1)
    await collector.stop()
  })

  test('options choose interfaces, disks and tags', async () => {
    const { message, values } = await first({
      enable_net_virtual_interfaces: true,
      ignore_zero_bytes_disk: false,
      exclude_device: ['DEVTMPFS'],
      tags: { site: 'lab', name: 'must not win' },
    })
    expect(message.host.net.map((i) => i.name)).toEqual(['docker0', 'eth0', 'lo'])
    expect(message.host.net[2]).toEqual({
      mtu: 65536,
      name: 'lo',
      mac: '',
      flags: ['up', 'loopback'],
      ip4: '',
      ip6: '',
      ip4_all: [],
      ip6_all: [],
    })
    expect(message.host.disk.map((d) => d.mountpoint)).toEqual(['/', '/mnt/empty'])
    expect(values).toMatchObject({ site: 'lab', name: 'vm', disk_total: 270553174016 })
  })

  test('a device that is mounted twice counts once', async () => {
    tree.plant({
      'proc/1/mountinfo': `${recorded['proc/1/mountinfo'] as string}30 1 253:0 /x /etc/hosts rw - ext4 /dev/vda rw\n`,
    })
    const { message, values } = await first({})
    expect(message.host.disk).toHaveLength(3)
    expect(values.disk_total).toBe(283183726592)
  })

  test('in a container', async () => {
    tree.plant({ '.dockerenv': '' })
    expect((await first({})).values.is_docker).toBe(1)
  })

  test('collectors: errors only while they are fresh, times in seconds', async () => {
    const { message } = await first(
      {},
      {
        collectorStats: () => [
          { name: 'mem', count: 3, lastTime: NOW - 500, lastErr: 'old', lastErrTime: NOW - 31_000 },
          { name: 'cpu', count: 2, lastTime: NOW - 1500, lastErr: 'fresh', lastErrTime: NOW - 29_000 },
        ],
      },
    )
    const seconds = NOW / 1000
    expect(message.collectors).toEqual([
      { name: 'cpu', count: 2, last_time: seconds - 2, last_err: 'fresh', last_err_time: seconds - 29 },
      { name: 'mem', count: 3, last_time: seconds - 1 },
    ])
  })

  test('files of config_path, and why one is left out', async () => {
    tree.plant({ 'a.conf': 'x = 1\n', 'big.conf': 'x'.repeat(4097), 'binary.conf': 'a\0b' })
    const path = (name: string): string => join(tree.root, name)
    const { message, diagnostics } = await first({
      config_path: [path('a.conf'), path('big.conf'), path('binary.conf'), path('none.conf'), tree.root],
    })
    expect(message.host.config_file).toEqual({ [path('a.conf')]: 'x = 1\n' })
    expect(diagnostics.map((d) => d.message.slice(d.message.indexOf(tree.root) + tree.root.length))).toEqual([
      '/big.conf is longer than 4096 bytes',
      '/binary.conf is not a text file',
      '/none.conf cannot be read (ENOENT)',
      ' is not a file',
    ])
  })

  test('what cannot be read is left out, told once, and the rest is sent', async () => {
    for (const path of ['proc/meminfo', 'proc/diskstats', 'proc/cpuinfo', 'proc/sys/fs/file-nr'])
      tree.remove(path)
    const collector = await run({})
    const values = valuesOf(collector.take()[0]!)
    expect(values).toMatchObject({ num_cpu: 2, net_recv_bytes_per_sec: 5000 })
    for (const key of ['mem_used_percent', 'diskio_read_bytes_per_sec'])
      expect(values).not.toHaveProperty(key)
    const { host } = JSON.parse(values.message as string) as { host: Record<string, unknown> }
    expect(host).toMatchObject({ cpu: [], filefd: { allocated: -1, maximum: -1, maximum_mega: -1 } })
    const { errors } = collector.snapshot()
    await collector.advance(1_000)
    expect(collector.snapshot()).toMatchObject({ crashes: 0, errors })
    await collector.stop()
  })

  test('keys of older versions are accepted and told to be old', async () => {
    const { diagnostics } = await first({
      only_physical_device: false,
      enable_cloud_host_tags_global_host: true,
    })
    expect(diagnostics.map((d) => [d.code, d.path])).toEqual([
      ['CONFIG_DEPRECATED', 'inputs.hostobject[0].only_physical_device'],
      ['CONFIG_DEPRECATED', 'inputs.hostobject[0].enable_cloud_host_tags_global_host'],
    ])
  })

  test('the interval is clamped', async () => {
    const { diagnostics } = await first({ interval: '1s' })
    expect(diagnostics.map((d) => d.message)).toEqual([
      'hostobject: interval = 1s is outside 10s to 30m; it runs every 10s',
    ])
  })
})

describe('the cloud', () => {
  const aliyun: Readonly<Record<string, string>> = {
    'instance-id': 'i-1',
    'region-id': 'cn-hangzhou',
    'zone-id': 'cn-hangzhou-h',
    'private-ipv4': '10.0.0.5',
  }
  const base = 'http://127.0.0.1:9/latest/meta-data'
  const inAliyun: Ask = (url) => Promise.resolve(aliyun[url.replace(`${base}/`, '')])

  test('its tags come with the next round, and go to the global ones', async () => {
    const added: unknown[] = []
    const addGlobalTags: HostFacts['addGlobalTags'] = (of, tags) => added.push([of, tags])
    const collector = await run(
      { cloud_meta_url: { aliyun: base }, enable_cloud_host_tags_global_election: false },
      { addGlobalTags },
      inAliyun,
    )
    await collector.advance(1_000)
    expect(valuesOf(collector.take().at(-1)!)).toMatchObject({
      cloud_provider: 'aliyun',
      instance_id: 'i-1',
      region: 'cn-hangzhou',
      zone_id: 'cn-hangzhou-h',
      private_ip: '10.0.0.5',
    })
    expect(added).toEqual([['host', { region: 'cn-hangzhou', zone_id: 'cn-hangzhou-h' }]])
    await collector.stop()
  })

  test('a service that never answers holds no round up; it is asked once a day', async () => {
    let asked = 0
    const silent: Ask = () => {
      asked++
      return new Promise(() => {})
    }
    const collector = await run({ cloud_meta_url: { aliyun: base } }, {}, silent)
    expect(collector.snapshot()).toMatchObject({ state: 'ok', feeds: 1 })
    await collector.advance(3_600_000)
    expect(asked).toBe(1)
    await collector.advance(23 * 3_600_000)
    expect(asked).toBe(2)
    await collector.stop()
  })

  test('switched off, and without addresses of its own while offline, nothing is asked', async () => {
    const asked: string[] = []
    const ask: Ask = (url) => {
      asked.push(url)
      return Promise.resolve(undefined)
    }
    await (await run({ disable_cloud_provider_sync: true, cloud_meta_url: { aliyun: base } }, {}, ask)).stop()
    await (await run({}, {}, ask)).stop()
    expect(asked).toEqual([])
  })
})

describe.skipIf(process.platform !== 'linux')('this machine (needs Linux)', () => {
  test('figures are within 2 % of what the system tells', async () => {
    const collector = await runCollector(hostobject, { disable_cloud_provider_sync: true }, {})
    const values = valuesOf(collector.take()[0]!)
    await collector.stop()
    const meminfo = readFileSync('/proc/meminfo', 'utf8')
    const kib = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(meminfo)![1])
    const used = kib('MemTotal') - kib('MemFree') - kib('Buffers') - kib('Cached') - kib('SReclaimable')
    expect(Math.abs((values.mem_used_percent as number) - (100 * used) / kib('MemTotal'))).toBeLessThan(2)
    expect(values.num_cpu).toBe(cpus().length)
    expect(Math.abs((values.load as number) - loadavg()[1]!)).toBeLessThan(0.02 * (loadavg()[1]! + 1))
    expect(values.start_time as number).toBeCloseTo(Date.now() - uptime() * 1000, -4)
    const { host } = JSON.parse(values.message as string) as {
      host: { mem: { memory_total: number }; disk: { mountpoint: string; total: number; used: number }[] }
    }
    expect(host.mem.memory_total).toBe(totalmem())
    for (const disk of host.disk) {
      const { bsize, blocks, bfree } = await statfs(disk.mountpoint)
      expect(disk.total).toBe(blocks * bsize)
      expect(Math.abs(disk.used - (blocks - bfree) * bsize)).toBeLessThanOrEqual(0.02 * disk.total)
    }
  })
})
