import type { BigIntStatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { parse } from 'valibot'
import { describe, expect, onTestFinished, test } from 'vitest'
import vm from '../host/testdata/linux-vm.tree?raw'
import { linuxReaders } from '../host/linux/readers.ts'
import type { HostReaders } from '../host/ports.ts'
import { StatFsProbe, type StatFs } from '../host/statfs-probe.ts'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { LIVE, parseTree, testContext } from '../testing/recorded.ts'
import { plantTree } from '../testing/tree.ts'
import type { Platform } from '../define-input.ts'
import { diskCollector } from './collect.ts'
import { disk } from './index.ts'
import server from './testdata/linux-server.tree?raw'

/** blocks of 4096 bytes: 1000, of which 400 free, 350 of them for users; inodes. */
const STATS: BigIntStatsFs = {
  type: 0n,
  bsize: 4096n,
  blocks: 1000n,
  bfree: 400n,
  bavail: 350n,
  files: 3_083_631n,
  ffree: 3_083_517n,
} as BigIntStatsFs

const USAGE = {
  total: 4_096_000,
  free: 350 * 4096,
  used: 600 * 4096,
  used_percent: 60,
}

const errno = (code: string): Error => Object.assign(new Error(code), { code })
const never = new Promise<never>(() => {})

interface Options {
  readonly tree?: string
  readonly config?: unknown
  readonly platform?: Platform
  readonly readers?: HostReaders
  readonly statfs?: StatFs
}

/** Mount points are asked for below the tree's root: `statfs` gets them without it. */
function onMounts({ tree = server, config = {}, platform = 'linux', readers, statfs }: Options) {
  const planted = plantTree(parseTree(tree))
  const bench = testContext('disk', { platform, root: planted.root })
  const asked: string[] = []
  const probe = new StatFsProbe(bench.clock, (path) => {
    const mountPoint = path.replace(planted.root, '') || '/'
    asked.push(mountPoint)
    return statfs ? statfs(mountPoint) : Promise.resolve(STATS)
  })
  const settings = parse(disk.schema, config)
  const collector = diskCollector(settings, bench.context, readers ?? linuxReaders(planted.root), probe)
  onTestFinished(async () => {
    await collector.dispose?.()
    await planted.dispose()
  })
  return { ...bench, collector, asked, planted }
}

describe('on Linux', () => {
  test('the recorded machine: what is not ignored; what has no size is not even asked', async () => {
    const { round, collector, asked } = onMounts({ tree: vm, config: { tags: { site: 'lab' } } })
    const points = await round(collector)
    expect(asked).toEqual(['/dev', '/'])
    expect(points.map((point) => point.tags)).toEqual([
      { site: 'lab', device: 'devtmpfs', fstype: 'devtmpfs', mount_point: '/dev' },
      { site: 'lab', device: '/dev/vda', fstype: 'ext4', mount_point: '/' },
    ])
    expect(points[1]!.fields).toEqual({
      ...USAGE,
      inodes_total_mb: 3,
      inodes_free_mb: 3,
      inodes_used_mb: 0,
      inodes_used_percent: 0.0036969403926734425,
      inodes_total: 3_083_631,
      inodes_free: 3_083_517,
      inodes_used: 114,
    })
    for (const [key, kind] of Object.entries(points[1]!.kinds))
      expect([key, kind]).toEqual([key, key.endsWith('percent') ? 'float' : 'uint'])
  })

  test('escapes, bind mounts, /dev/root, network drives last, hidden mounts left out', async () => {
    const { round, collector } = onMounts({})
    const points = await round(collector)
    expect(points.map(({ tags }) => [tags['device'], tags['fstype'], tags['mount_point']])).toEqual([
      ['/dev/sda2', 'ext4', '/'],
      ['/dev/sda1', 'vfat', '/boot/efi'],
      ['/dev/mapper/vg-srv', 'xfs', '/srv'],
      ['/dev/mapper/vg-srv', 'xfs', '/mnt/data of all'],
      ['/dev/sdc1', 'exfat', '/media/usb'],
      ['nas:/export/home\\x', 'nfs4', '/mnt/nas'],
      ['nas:/old', 'nfs', '/mnt/old'],
      ['nas:/older', 'nfs', '/mnt/older'],
      ['nas:/oldest', 'nfs', '/mnt/oldest'],
      ['portal', 'fuse.portal', '/run/user/1000/doc'],
    ])
  })

  test('devices, types and mount points are left out on demand; empty patterns ignore nothing', async () => {
    const some = onMounts({
      config: {
        exclude_device: ['/DEV/SDA1', '/dev/mapper/vg'],
        ignore_fstypes: '(?i)^(NFS|xfs|cgroup|fuse|sys|squash)',
        ignore_mountpoints: '^/media/',
      },
    })
    expect((await some.round(some.collector)).map((point) => point.tags['mount_point'])).toEqual([
      '/',
      '/run/containerd/io',
    ])
    const all = onMounts({ config: { ignore_fstypes: '', ignore_mountpoints: '' } })
    expect(await all.round(all.collector)).toHaveLength(12)
  })

  test('figures beyond 2^53 are exact', async () => {
    const blocks = 2n ** 45n + 1n
    const { round, collector } = onMounts({
      tree: vm,
      statfs: async () => ({ ...STATS, blocks, bfree: blocks - 1n, bavail: 1n }) as BigIntStatsFs,
    })
    const [point] = await round(collector)
    expect(point!.fields).toMatchObject({ total: 2n ** 57n + 4096n, used: 4096, free: 4096 })
  })

  test('a file system of size 0 is left out', async () => {
    const { round, collector } = onMounts({
      tree: vm,
      statfs: async (path) => (path === '/' ? STATS : ({ ...STATS, blocks: 0n } as BigIntStatsFs)),
    })
    expect((await round(collector)).map((point) => point.tags['mount_point'])).toEqual(['/'])
  })

  test('a file system without inodes says 0', async () => {
    const { round, collector } = onMounts({
      tree: vm,
      statfs: async () => ({ ...STATS, files: 0n, ffree: 0n }) as BigIntStatsFs,
    })
    const [point] = await round(collector)
    expect(point!.fields).toMatchObject({ inodes_total: 0, inodes_used: 0, inodes_used_percent: 0 })
  })

  test('hanging network drives are told once, skipped until they answer, and never take all threads', async () => {
    const slow = Promise.withResolvers<BigIntStatsFs>()
    const { round, collector, clock, errors, asked } = onMounts({
      statfs: (path) =>
        path === '/mnt/nas' ? slow.promise : path.startsWith('/mnt/old') ? never : Promise.resolve(STATS),
    })
    const first = round(collector)
    await clock.advance(2000)
    await clock.advance(2000)
    expect(await first).toHaveLength(5)
    expect(errors()).toEqual([
      'Cannot read the source: /mnt/nas (no answer within 2 s)',
      'Cannot read the source: /mnt/old (no answer within 2 s)',
      'Cannot read the source: /mnt/older (not asked while other network drives do not answer)',
      'Cannot read the source: /mnt/oldest (not asked while other network drives do not answer)',
      'Cannot read the source: /run/user/1000/doc (not asked while other network drives do not answer)',
    ])
    asked.length = 0
    expect(await round(collector)).toHaveLength(5)
    expect(asked.filter((path) => path.startsWith('/mnt/old') || path === '/mnt/nas')).toEqual([])
    expect(errors()).toEqual([])

    slow.resolve(STATS)
    await clock.advance(1)
    const third = round(collector)
    await clock.advance(2000)
    expect((await third).map((point) => point.tags['mount_point'])).toContain('/mnt/nas')
    expect(asked).toContain('/mnt/nas')
    expect(clock.pending).toBe(0)
  })

  test('dispose ends a round that waits for a drive', async () => {
    const { round, collector, clock } = onMounts({ statfs: () => never })
    const waiting = round(collector)
    for (let mounts = 0; mounts < 14; mounts++) {
      await clock.advance(0)
      await collector.dispose?.()
    }
    expect(await waiting).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('mounts that are not ours to see are skipped, broken ones told once', async () => {
    const { round, collector, errors } = onMounts({
      statfs: (path) => Promise.reject(errno(path === '/srv' ? 'EIO' : path === '/' ? 'EACCES' : 'ENOENT')),
    })
    await round(collector)
    await round(collector)
    expect(errors()).toEqual(['Cannot read the source: /srv (EIO)'])
  })

  test('without the first process its own view is read, without both the path is told', async () => {
    const own = onMounts({ tree: server.replace('proc/1/mountinfo', 'proc/self/mountinfo') })
    expect(await own.round(own.collector)).toHaveLength(10)
    const none = onMounts({ tree: '' })
    expect(await none.round(none.collector)).toEqual([])
    expect(none.errors()).toEqual([expect.stringMatching(/proc\/self\/mountinfo \(ENOENT\)/)])
  })

  test.skipIf(process.platform !== 'linux')('live sizes are within 2 % of statfs', LIVE, async () => {
    const { context, round } = testContext('disk')
    // Containers may have an overlay as their root.
    const settings = parse(disk.schema, { ignore_fstypes: '^(proc|sysfs|autofs)$' })
    const points = await round(diskCollector(settings, context))
    const root = points.find((point) => point.tags['mount_point'] === '/')!
    const { bsize, blocks, bfree, bavail, files } = await statfs('/')
    expect(root.fields['total']).toBe(blocks * bsize)
    expect(root.fields['inodes_total']).toBe(files)
    expect(Math.abs((root.fields['used'] as number) / ((blocks - bfree) * bsize) - 1)).toBeLessThan(0.02)
    expect(Math.abs((root.fields['free'] as number) / (bavail * bsize) - 1)).toBeLessThan(0.02)
  })
})

test('keys without effect are accepted with a notice each', () => {
  const { diagnostics } = onMounts({
    config: {
      extra_device: ['/x'],
      merge_on_device: true,
      only_physical_device: false,
      ignore_zero_bytes_disk: true,
      use_nsenter: true,
    },
  })
  expect(diagnostics.map(({ code, severity, path }) => [code, severity, path])).toEqual([
    ['CONFIG_DEPRECATED', 'notice', 'inputs.disk[0].extra_device'],
    ['CONFIG_DEPRECATED', 'notice', 'inputs.disk[0].merge_on_device'],
    ['CONFIG_DEPRECATED', 'notice', 'inputs.disk[0].only_physical_device'],
    ['CONFIG_DEPRECATED', 'notice', 'inputs.disk[0].ignore_zero_bytes_disk'],
    ['CONFIG_UNSUPPORTED', 'notice', 'inputs.disk[0].use_nsenter'],
  ])
  expect(onMounts({}).diagnostics).toEqual([])
})

test('macOS: what mount lists, but automounts', async () => {
  const { round, collector } = onMounts({ platform: 'darwin', readers: recordedMac().readers })
  const points = await round(collector)
  expect(points.map(({ tags }) => [tags['device'], tags['fstype'], tags['mount_point']])).toEqual([
    ['/dev/disk3s1s1', 'apfs', '/'],
    ['devfs', 'devfs', '/dev'],
    ['/dev/disk3s6', 'apfs', '/System/Volumes/VM'],
    ['/dev/disk3s5', 'apfs', '/System/Volumes/Data'],
    ['/dev/disk4s1', 'hfs', '/Volumes/Backup on the shelf'],
    ['//ada@nas.local/media', 'smbfs', '/Volumes/media'],
  ])
  expect(points[0]!.fields).toMatchObject({ ...USAGE, inodes_used: 114 })
})

test('Windows: drives by letter, without inodes; empty card readers are no error', async () => {
  const { clock } = testContext('disk')
  const { round, collector, errors, asked } = onMounts({
    platform: 'win32',
    readers: recordedWindows(clock).readers,
    statfs: (path) => (/^[AD]/.test(path) ? Promise.reject(errno('UNKNOWN')) : Promise.resolve(STATS)),
  })
  const points = await round(collector)
  expect(points.map(({ tags, fields }) => ({ tags, fields }))).toEqual(
    ['C:', 'Z:'].map((drive) => ({
      tags: { device: drive, mount_point: drive, fstype: 'NTFS' },
      fields: USAGE,
    })),
  )
  expect(asked).toEqual(['A:\\', 'C:\\', 'D:\\', 'Z:\\'])
  expect(errors()).toEqual([])
})
