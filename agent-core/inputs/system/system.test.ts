import { readFileSync } from 'node:fs'
import { parse } from 'valibot'
import { describe, expect, test } from 'vitest'
import vm from '../host/testdata/linux-vm.tree?raw'
import vmLater from '../host/testdata/linux-vm-later.tree?raw'
import { countUsers, linuxSystem } from '../host/linux/system.ts'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { LIVE, onTree, parseTree, testContext } from '../testing/recorded.ts'
import { plantTree } from '../testing/tree.ts'
import { systemCollector } from './collect.ts'
import { system } from './index.ts'
import firewall from './testdata/linux-firewall.tree?raw'

const config = parse(system.schema, {})

/** Records as login writes them: type, then 382 (or more) bytes of who and where. */
function utmp(types: readonly number[], size: number): Buffer {
  const records = Buffer.alloc(types.length * size)
  for (const [at, type] of types.entries()) records.writeInt16LE(type, at * size)
  return records
}

/** After 10 s with a queue of 4. */
const load = (periods: number) => 4 * (1 - Math.exp(-10 / periods))

describe('on Linux', () => {
  test('the recorded machine, all three with the tags of the settings', async () => {
    const { round, collector, later } = onTree(system, vm, { tags: { site: 'lab' } })
    const first = await round(collector)
    expect(first.map(({ name, tags }) => [name, tags])).toEqual([
      ['system', { site: 'lab' }],
      ['conntrack', { site: 'lab' }],
      ['filefd', { site: 'lab' }],
    ])
    const used = 24684084 - 24085160 - 1088 - 324176 - 124044
    const fields = {
      load1: 0.17,
      load5: 0.33,
      load15: 0.29,
      load1_per_core: 0.085,
      load5_per_core: 0.165,
      load15_per_core: 0.145,
      memory_usage: (used / 24684084) * 100,
      n_cpus: 2,
      process_count: 4,
      uptime: 2583,
    }
    expect(first[0]!.fields).toEqual(fields)
    expect(first[0]!.kinds).toMatchObject({
      load1: 'float',
      memory_usage: 'float',
      n_cpus: 'int',
      process_count: 'int',
      uptime: 'uint',
    })
    expect(first[1]!.fields).toEqual({
      entries: 0,
      entries_limit: 262144,
      stat_found: 0,
      stat_invalid: 0,
      stat_ignore: 0,
      stat_insert: 0,
      stat_insert_failed: 0,
      stat_drop: 0,
      stat_early_drop: 0,
      stat_search_restart: 0,
    })
    expect(first[2]).toMatchObject({
      fields: { allocated: 724, maximum_mega: 2.46617 },
      kinds: { allocated: 'int', maximum_mega: 'float' },
    })
    const [second] = await later(vmLater)
    expect(second!.fields).toEqual({ ...fields, cpu_total_usage: 3000 / 2042 })
  })

  test('a firewall: hexadecimal counters of all processors, four of them, no limit of files', async () => {
    const { round, collector } = onTree(system, firewall)
    const [first, conntrack, filefd] = await round(collector)
    expect(first!.fields).toMatchObject({
      n_cpus: 4,
      load1_per_core: 0.5,
      memory_usage: 30,
      process_count: 2,
      uptime: 12345,
    })
    expect(conntrack!.fields).toEqual({
      entries: 321,
      entries_limit: 65536,
      stat_found: 15,
      stat_invalid: 4,
      stat_ignore: 256,
      stat_insert: 48,
      stat_insert_failed: 1,
      stat_drop: 2,
      stat_early_drop: 4,
      stat_search_restart: 8,
    })
    expect(filefd!.fields).toEqual({ allocated: 1984, maximum_mega: 2 ** 63 / 1e6 })
  })

  test('without connection tracking its figures are unknown, not an error', async () => {
    const { later, tree, errors } = onTree(system, firewall)
    tree.remove('proc/sys/net')
    tree.remove('proc/net')
    const [, conntrack] = await later()
    expect(conntrack!.fields).toEqual({ entries: -1, entries_limit: -1 })
    expect(errors()).toEqual([])
  })

  test('each source that fails is told once and costs only its own fields', async () => {
    const { later, tree, errors } = onTree(system, firewall)
    for (const path of ['stat', 'loadavg', 'meminfo', 'uptime', 'sys/fs/file-nr']) tree.remove(`proc/${path}`)
    const points = await later()
    expect(points.map(({ name, fields }) => [name, fields])).toEqual([
      ['system', { process_count: 2 }],
      ['conntrack', expect.anything()],
    ])
    expect(errors().map((text) => /proc\/(\S+) \(ENOENT\)/.exec(text)?.[1])).toEqual([
      'stat',
      'loadavg',
      'meminfo',
      'uptime',
      'sys/fs/file-nr',
    ])
    await later()
    expect(errors()).toEqual([])
  })

  test.each([
    ['x64', 384],
    ['arm64', 400],
  ])('users are the login records of utmp, else the sessions of systemd (%s)', async (arch, size) => {
    const records = utmp([2, 7, 1, 7, 8, 7], size)
    expect(countUsers(records, size)).toBe(3)
    const tree = plantTree(parseTree(firewall))
    tree.plant({ 'var/run/utmp': records.toString('latin1') })
    expect(linuxSystem(tree.root, arch).userCount()).toBe(3)
    tree.remove('var/run/utmp')
    expect(linuxSystem(tree.root, arch).userCount()).toBeUndefined()
    tree.plant({
      'run/systemd/sessions/2': 'UID=1000\nCLASS=user\nACTIVE=1\n',
      'run/systemd/sessions/c1': 'UID=110\nCLASS=greeter\n',
      'run/systemd/sessions/2.ref': 'CLASS=user\n',
    })
    expect(linuxSystem(tree.root, arch).userCount()).toBeUndefined()
    tree.plant({ 'run/systemd/system/x': '' })
    expect(linuxSystem(tree.root, arch).userCount()).toBe(1)
    await tree.dispose()
  })

  test.skipIf(process.platform !== 'linux')('live figures agree with /proc', LIVE, async () => {
    const { context, round } = testContext('system')
    const [point] = await round(systemCollector(config, context))
    const [uptime] = readFileSync('/proc/uptime', 'utf8').split(' ').map(Number)
    expect(Math.abs((point!.fields['uptime'] as number) - uptime!)).toBeLessThan(2)
    expect(point!.fields['n_cpus']).toBe(readFileSync('/proc/stat', 'utf8').match(/^cpu\d/gm)!.length)
  })
})

test('macOS: users from systeminformation, processes from ps', async () => {
  const { context, round, clock } = testContext('system', { platform: 'darwin' })
  const mac = recordedMac()
  const collector = systemCollector(config, context, mac.readers)
  await round(collector)
  mac.later()
  await clock.advance(10_000)
  const points = await round(collector)
  expect(points.map((point) => point.name)).toEqual(['system'])
  const total = 17179869184
  expect(points[0]!.fields).toEqual({
    cpu_total_usage: 37.5,
    load1: 2.14,
    load5: 1.98,
    load15: 1.75,
    load1_per_core: 1.07,
    load5_per_core: 0.99,
    load15_per_core: 0.875,
    memory_usage: ((total - (12741 + 7433 + 362118) * 16384) / total) * 100,
    n_cpus: 2,
    n_users: 2,
    process_count: 4,
    uptime: 86412,
  })
})

test('Windows: the load grows with the processor queue, there are no users', async () => {
  const { context, round, clock } = testContext('system', { platform: 'win32' })
  const windows = recordedWindows(clock)
  const collector = systemCollector(config, context, windows.readers)
  expect((await round(collector))[0]!.fields).toMatchObject({ load1: 0, load5: 0, load15: 0 })
  await clock.advance(10_000)
  const points = await round(collector)
  expect(points.map((point) => point.name)).toEqual(['system'])
  expect(points[0]!.fields).toMatchObject({ n_cpus: 2, process_count: 243, uptime: 345678 })
  expect(points[0]!.fields['load1']).toBeCloseTo(load(60), 12)
  expect(points[0]!.fields['load5']).toBeCloseTo(load(300), 12)
  expect(points[0]!.fields['load15']).toBeCloseTo(load(900), 12)
  expect(points[0]!.fields['load15_per_core']).toBeCloseTo(load(900) / 2, 12)
  expect(points[0]!.fields).not.toHaveProperty('n_users')

  windows.outputs.delete('Win32_PerfRawData_PerfOS_System')
  await clock.advance(5000)
  await collector.dispose?.()
  expect(clock.pending).toBe(0)
})
