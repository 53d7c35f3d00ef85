import { readFileSync } from 'node:fs'
import { parse } from 'valibot'
import { describe, expect, test } from 'vitest'
import vm from '../host/testdata/linux-vm.tree?raw'
import vmLater from '../host/testdata/linux-vm-later.tree?raw'
import { parseDiskstats } from '../host/linux/disk-io.ts'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { LIVE, onTree, testContext } from '../testing/recorded.ts'
import { diskioCollector } from './collect.ts'
import { diskio } from './index.ts'
import { applyTemplates } from './naming.ts'
import server from './testdata/linux-server.tree?raw'
import serverLater from './testdata/linux-server-later.tree?raw'

const config = parse(diskio.schema, {})

describe('on Linux', () => {
  test('the recorded machine: idle devices left out, rates from the second round', async () => {
    const { round, collector, later } = onTree(diskio, vm, { tags: { site: 'lab' } })
    const first = await round(collector)
    expect(first).toHaveLength(1)
    expect(first[0]).toMatchObject({
      name: 'diskio',
      tags: { site: 'lab', name: '/dev/vda', serial: 'unknown' },
      fields: {
        reads: 95339,
        merged_reads: 12902,
        read_bytes: 6585202 * 512,
        read_time: 63176,
        writes: 31683,
        merged_writes: 43254,
        write_bytes: 3829040 * 512,
        write_time: 12446,
        iops_in_progress: 0,
        io_time: 11888,
        weighted_io_time: 76654,
      },
    })
    expect(Object.keys(first[0]!.fields).filter((key) => key.endsWith('/sec'))).toEqual([])
    const [second] = await later(vmLater)
    expect(second!.fields).toMatchObject({
      'read_bytes/sec': Math.trunc((960 * 512) / 10),
      'write_bytes/sec': Math.trunc((123272 * 512) / 10),
    })
    expect(second!.kinds).toEqual({
      ...Object.fromEntries(Object.keys(first[0]!.fields).map((key) => [key, 'uint'])),
      'read_bytes/sec': 'int',
      'write_bytes/sec': 'int',
    })
  })

  test('partitions, loops and dm are there; each counter is judged alone; beyond 2^53 nothing is rounded', async () => {
    const { round, collector, later } = onTree(diskio, server)
    const first = await round(collector)
    expect(first.map(({ tags }) => [tags['name'], tags['serial']])).toEqual([
      ['/dev/loop1', 'unknown'],
      ['/dev/sda', 'Sample_Disk_S3R1AL'],
      ['/dev/sda1', 'Sample_Disk_S3R1AL'],
      ['/dev/sdb', 'Flash_Stick_USB_0042'],
      ['/dev/dm-0', 'unknown'],
      ['/dev/nvme0n1', 'unknown'],
    ])
    expect(first[5]!.fields).toMatchObject({
      reads: 12345678901234567n,
      read_bytes: 17592186044416123n * 512n,
    })
    const second = await later(serverLater, 2500)
    const rates = second.map(({ tags, fields }) => [
      tags['name'],
      fields['read_bytes/sec'],
      fields['write_bytes/sec'],
    ])
    expect(rates).toEqual([
      ['/dev/sda', Math.trunc((1000 * 512) / 2.5), undefined],
      ['/dev/sda1', 0, 0],
      ['/dev/sdc', undefined, undefined],
      ['/dev/nvme0n1', Math.trunc((2048 * 512) / 2.5), 0],
    ])
  })

  test.each([
    [['^sda$'], ['/dev/sda']],
    [
      ['by-label/sys', '^nvme'],
      ['/dev/sda1', '/dev/nvme0n1'],
    ],
    [['(?i)SDA'], ['/dev/sda', '/dev/sda1']],
  ])('devices %j picks by kernel name and by link', async (devices, names) => {
    const { round, collector } = onTree(diskio, server, { devices })
    expect((await round(collector)).map((point) => point.tags['name'])).toEqual(names)
  })

  test('names and tags of udev properties, no serial on demand', async () => {
    const { round, collector } = onTree(diskio, server, {
      name_templates: ['$ID_FS_LABEL', '${DM_VG_NAME}/$DM_LV_NAME'],
      device_tags: ['ID_FS_TYPE', 'ID_MODEL', 'NOTHING'],
      skip_serial_number: true,
      devices: ['^sda', '^dm'],
    })
    expect((await round(collector)).map((point) => point.tags)).toEqual([
      { name: '/dev/sda', ID_MODEL: 'Sample_Disk' },
      { name: 'system', ID_FS_TYPE: 'ext4' },
      { name: 'vg/srv', ID_FS_TYPE: 'xfs' },
    ])
  })

  test('udev is asked once in ten minutes', async () => {
    const { round, collector, later, tree } = onTree(diskio, server, { devices: ['^sda1$'] })
    await round(collector)
    tree.plant({ 'run/udev/data/b8:1': 'E:ID_SERIAL=other\n' })
    const serial = async (ms: number) => (await later('', ms))[0]!.tags['serial']
    expect(await serial(10_000)).toBe('Sample_Disk_S3R1AL')
    expect(await serial(590_000)).toBe('other')
  })

  test('after a gap there is no rate; an unreadable file is told', async () => {
    const { round, collector, later, tree, errors } = onTree(diskio, vm)
    await round(collector)
    expect((await later(vmLater, 60_000))[0]!.fields).not.toHaveProperty('read_bytes/sec')
    tree.remove('proc/diskstats')
    expect(await later()).toEqual([])
    expect(errors()).toEqual([expect.stringMatching(/proc\/diskstats \(ENOENT\)/)])
  })

  test.skipIf(process.platform !== 'linux')(
    'live counters are within 2 % of /proc/diskstats',
    LIVE,
    async () => {
      const { context, round } = testContext('diskio')
      const points = await round(diskioCollector(config, context))
      for (const expected of parseDiskstats(readFileSync('/proc/diskstats', 'utf8'))) {
        const point = points.find(({ tags }) => tags['name'] === `/dev/${expected.name}`)
        expect(Number(point?.fields['read_bytes'] ?? 0) + 1).toBeGreaterThan(
          Number(expected.readBytes) * 0.98,
        )
      }
    },
  )
})

test.each([
  [['$A'], 'x'],
  [['${A}-$B', '$A'], 'x-y'],
  [['$NONE', 'disk $B'], 'disk y'],
  [['$EMPTY'], undefined],
  [[], undefined],
])('templates %j make %j', (templates, expected) => {
  const properties = new Map([
    ['A', 'x'],
    ['B', 'y'],
    ['EMPTY', ''],
  ])
  expect(applyTemplates(templates, properties)).toBe(expected)
})

test('macOS: whole disks by their BSD name, times in ms', async () => {
  const { context, round } = testContext('diskio', { platform: 'darwin' })
  const points = await round(diskioCollector(config, context, recordedMac().readers))
  expect(points.map(({ tags, fields }) => ({ tags, fields }))).toEqual([
    {
      tags: { name: '/dev/disk0', serial: 'unknown' },
      fields: {
        reads: 21873312,
        writes: 8211934,
        read_bytes: 412680175616,
        write_bytes: 281930072064,
        read_time: 5512345,
        write_time: 612345,
        io_time: 6124690,
      },
    },
    {
      tags: { name: '/dev/disk4', serial: 'unknown' },
      fields: {
        reads: 34,
        writes: 12,
        read_bytes: 1048576,
        write_bytes: 4096,
        read_time: 2,
        write_time: 1,
        io_time: 3,
      },
    },
  ])
})

test('Windows: fixed drives, times in ms', async () => {
  const { context, round, clock } = testContext('diskio', { platform: 'win32' })
  const points = await round(diskioCollector(config, context, recordedWindows(clock).readers))
  expect(points.map(({ tags, fields }) => ({ tags, fields }))).toEqual([
    {
      tags: { name: '/dev/C:', serial: 'unknown' },
      fields: {
        reads: 1234567,
        writes: 7654321,
        read_bytes: 98765432100,
        write_bytes: 9007199254740993n,
        read_time: 1234567,
        write_time: 4567890,
        io_time: 5802457,
      },
    },
  ])
})
