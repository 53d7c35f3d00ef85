import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import type { Point } from '../../point/point.ts'
import { keysOf, runCollector, valuesOf } from '../testing/collect.ts'
import { plantTree, type PlantedTree, type Tree } from '../testing/tree.ts'
import { hostProcesses } from './index.ts'

const testdata = <T>(file: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'testdata', file), 'utf8')) as T
const recorded = testdata<Tree>('proc-tree.json')
const keys = testdata<Record<string, Record<string, string>>>('keys.json')

const BOOT = 1_795_268_368_000
const MEMORY = 24_684_084 * 1024
const CONTAINER_V1 = '3f4a0b7c9d2e1f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd'
const CONTAINER_V2 = 'aa00bb11cc22dd33ee44ff5566778899aabbccddeeff00112233445566778899'
/** 40 minutes after the boot, as the recorded uptime says. */
const clock = (): FakeClock => new FakeClock(BOOT + 2_400_000)

let tree: PlantedTree
beforeEach(() => void (tree = plantTree(recorded)))
afterEach(() => tree.dispose())

const run = (config: Parameters<typeof runCollector<typeof hostProcesses.schema>>[1]) =>
  runCollector(hostProcesses, config, { root: tree.root }, clock())
const pids = (points: readonly Point[]): unknown[] => points.map((p) => valuesOf(p).pid)
const byPid = (points: readonly Point[], pid: number | string): Record<string, unknown> =>
  valuesOf(points.find((p) => valuesOf(p).pid === pid)!)

describe('objects', () => {
  test('every process but the one that ends while it is read, at once', async () => {
    const collector = await run({})
    const points = collector.take()
    expect(pids(points)).toEqual([1, 2, 4242, 4243, 4244, 5001, 5002, 7000])
    expect(collector.fed.map((f) => f.category)).toEqual(['object'])
    expect(collector.snapshot()).toMatchObject({ state: 'ok', interval: 300_000, crashes: 0, errors: 0 })
    await collector.stop()
  })

  test('all fields of one, exactly', async () => {
    const collector = await run({ tags: { site: 'lab' } })
    const { message, ...values } = byPid(collector.take(), 4242)
    const cmdline =
      'python3 -c import time,ctypes;ctypes.CDLL(None).prctl(15,b"odd) (na me",0,0,0);time.sleep(60) last arg'
    const own = {
      name: 'vm_4242',
      process_name: 'odd) (na me',
      username: 'root',
      state: 'sleep',
      pid: 4242,
      cmdline,
      cpu_usage: 1,
      cpu_usage_top: 1,
      mem_used_percent: (100 * 13864) / 24_684_084,
      rss: 13864 * 1024,
      vms: 17_145_856,
      threads: 1,
      open_files: 3,
      proc_syscr: 141,
      proc_syscw: 0,
      proc_read_bytes: 4096,
      proc_write_bytes: 0,
      voluntary_ctxt_switches: 2,
      nonvoluntary_ctxt_switches: 5,
      page_minor_faults: 1974,
      page_major_faults: 0,
      page_children_minor_faults: 0,
      page_children_major_faults: 0,
      start_time: BOOT + 1_400_000,
      started_duration: 1000,
      state_zombie: false,
      work_directory: '/usr',
    }
    expect(values).toEqual({ site: 'lab', ...own })
    const parsed = JSON.parse(message as string) as Record<string, unknown>
    expect(parsed).toEqual({
      ...own,
      cpu: {
        cpu: 'cpu',
        user: 7.5,
        system: 2.5,
        idle: 0,
        nice: 0,
        iowait: 0,
        irq: 0,
        softirq: 0,
        steal: 0,
        guest: 0,
        guestNice: 0,
      },
      memory: { rss: 13864 * 1024, vms: 17_145_856, hwm: 0, data: 0, stack: 0, locked: 0, swap: 0 },
    })
    expect(Object.keys(parsed)).toEqual(Object.keys(parsed).toSorted())
    await collector.stop()
  })

  test('kernel threads, zombies, cut names, denied files', async () => {
    const collector = await run({})
    const points = collector.take()
    expect(byPid(points, 2)).toMatchObject({ cmdline: '(kthreadd)', rss: 0, vms: 0, state: 'sleep' })
    expect(byPid(points, 4244)).toMatchObject({ cmdline: '(true)', state: 'zombie', state_zombie: true })
    expect(byPid(points, 4243).process_name).toBe('long-program-name-here')
    const denied = byPid(points, 1)
    expect(denied).toMatchObject({ process_name: 'systemd', cmdline: '/sbin/init splash', username: 'root' })
    for (const key of ['proc_syscr', 'open_files', 'work_directory']) expect(denied).not.toHaveProperty(key)
    await collector.stop()
  })

  test('containers by cgroup v1 and v2, accounts, counters beyond 2^53', async () => {
    const collector = await run({ only_container_processes: true })
    const points = collector.take()
    expect(pids(points)).toEqual([5001, 5002])
    const nginx = byPid(points, 5001)
    expect(nginx).toMatchObject({
      container_id: CONTAINER_V1,
      username: 'www-data',
      cmdline: 'nginx: worker process',
      proc_syscr: 9007199254740993n,
      proc_syscw: 18446744073709551615n,
      proc_read_bytes: 9007199254740992n,
    })
    expect(nginx.message).toContain('"proc_syscw":18446744073709551615,')
    expect(byPid(points, 5002)).toMatchObject({ container_id: CONTAINER_V2, username: 'nobody' })
    await collector.stop()
  })

  test('a container is remembered with its process, not with the pid', async () => {
    const collector = await run({ only_container_processes: true })
    collector.take()
    const stat = recorded['proc/5001/stat'] as string
    tree.plant({
      'proc/5001/cgroup': '0::/user.slice\n',
      'proc/5001/stat': stat.replace(' 40000 ', ' 40001 '),
    })
    await collector.advance(300_000)
    expect(pids(collector.take())).toEqual([5002])
    await collector.stop()
  })

  test('listening ports of each network namespace', async () => {
    const collector = await run({ enable_listen_ports: true })
    const points = collector.take()
    const ports = Object.fromEntries(points.map((p) => [valuesOf(p).pid, valuesOf(p).listen_ports]))
    expect(ports).toMatchObject({ 4243: 'null', 5001: '[80]', 5002: '[6379]' })
    expect(ports[4242], 'its table cannot be read').toBeUndefined()
    expect(JSON.parse(byPid(points, 5001).message as string)).toMatchObject({ listen_ports: '[80]' })
    await collector.stop()
  })

  test('min_run_time leaves young processes out', async () => {
    const collector = await run({ min_run_time: '10m' })
    expect(pids(collector.take())).toEqual([1, 2, 4242, 5001, 5002])
    await collector.stop()
  })

  test('keys and types are those of the recorded agent', async () => {
    const collector = await run({ enable_listen_ports: true })
    const { host: _host, site: _site, ...expected } = keys['object/host_processes']!
    expect(keysOf(collector.take())).toEqual({ ...expected, container_id: 'tag' })
    await collector.stop()
  })
})

describe('metrics', () => {
  test('off by default; with open_metric one for each process with a command line', async () => {
    const collector = await run({ open_metric: true })
    const metrics = collector.fed.find((f) => f.category === 'metric')!.points
    expect(pids(metrics)).toEqual(['1', '4242', '4243', '5001', '5002', '7000'])
    const { host: _host, site: _site, ...expected } = keys['metric/host_processes']!
    expect(keysOf(metrics)).toEqual({ ...expected, container_id: 'tag' })
    await collector.stop()
  })

  test('process_name chooses metrics, not objects', async () => {
    const collector = await run({ open_metric: true, process_name: ['^nginx$', '^long-program-name'] })
    const [metrics, objects] = collector.fed
    expect(pids(metrics!.points)).toEqual(['4243', '5001'])
    expect(objects!.points).toHaveLength(8)
    await collector.stop()
  })

  test('each has its own interval; usage is over the time since its own last round', async () => {
    const collector = await run({ open_metric: true })
    collector.take()
    const stat = recorded['proc/4242/stat'] as string
    for (let round = 1; round <= 10; round++) {
      tree.plant({
        'proc/4242/stat': stat.replace(' 750 250 ', ` ${750 + round * 150} ${250 + round * 150} `),
        'proc/uptime': `${2400 + round * 30}.00 1.00\n`,
      })
      await collector.advance(30_000)
    }
    const rounds = collector.fed.slice(2)
    expect(rounds.map((f) => f.category)).toEqual([...Array.from({ length: 10 }, () => 'metric'), 'object'])
    for (const { points } of rounds.slice(0, 9)) expect(byPid(points, '4242').cpu_usage_top).toBe(10)
    const object = byPid(rounds.at(-1)!.points, 4242)
    expect(object.cpu_usage_top).toBe(10)
    expect(object.cpu_usage).toBeCloseTo((100 * 40) / 1300, 10)
    await collector.stop()
  })

  test('a pid that another process got, and time that runs back, fall back to the lifetime', async () => {
    const collector = await run({ open_metric: true, metric_interval: '10s' })
    collector.take()
    const reused = (recorded['proc/4242/stat'] as string)
      .replace(' 750 250 ', ' 1500 0 ')
      .replace(' 140000 ', ' 239000 ')
    const back = (recorded['proc/5001/stat'] as string).replace(' 2000 2000 ', ' 1000 1000 ')
    tree.plant({ 'proc/4242/stat': reused, 'proc/5001/stat': back, 'proc/uptime': '2410.00 1.00\n' })
    await collector.advance(10_000)
    const points = collector.take()
    expect(byPid(points, '4242')).toMatchObject({ cpu_usage: 75, cpu_usage_top: 75 })
    expect(byPid(points, '5001').cpu_usage_top).toBe(byPid(points, '5001').cpu_usage)
    await collector.stop()
  })

  test('intervals are clamped, each with its notice', async () => {
    const collector = await run({ open_metric: true, metric_interval: '1s', object_interval: '1h' })
    expect(collector.snapshot().interval).toBe(10_000)
    expect(collector.diagnostics().map((d) => [d.code, d.path])).toEqual([
      ['CONFIG_CLAMPED', 'inputs.host_processes[0].metric_interval'],
      ['CONFIG_CLAMPED', 'inputs.host_processes[0].object_interval'],
    ])
    await collector.stop()
  })
})

describe('trouble', () => {
  test('without /proc the round reports the path and the next one tries again', async () => {
    tree.remove('proc/uptime')
    const collector = await run({})
    expect(collector.snapshot()).toMatchObject({ state: 'degraded', crashes: 0, errors: 1 })
    expect(collector.snapshot().lastError?.message).toContain('proc/uptime (ENOENT)')
    tree.plant({ 'proc/uptime': recorded['proc/uptime']! })
    await collector.advance(300_000)
    expect(collector.snapshot()).toMatchObject({ state: 'ok', feeds: 1 })
    await collector.stop()
  })
})

test('memory of all processes is of the whole machine', async () => {
  const collector = await run({})
  const { rss, mem_used_percent } = byPid(collector.take(), 5001)
  expect(mem_used_percent).toBe((100 * (rss as number)) / MEMORY)
  await collector.stop()
})

function expectWithin2Percent(value: unknown, expected: number): void {
  expect(Math.abs((value as number) / expected - 1), `${String(value)} for ${expected}`).toBeLessThan(0.02)
}

describe.skipIf(process.platform !== 'linux')('this machine (needs Linux)', () => {
  test('figures are within 2 % of what the system tells of the same processes', async () => {
    const collector = await runCollector(hostProcesses, {}, {}, new FakeClock(Date.now()))
    // Works for a while, then stands still, so that both readings are of the same moment.
    const work = 'const end = Date.now() + 200; while (Date.now() < end); process.stdin.resume()'
    const child = spawn(process.execPath, ['-e', `${work}; process.stdout.write('ready')`])
    await once(child.stdout, 'data')
    collector.take()
    await collector.advance(300_000)
    const points = collector.take()
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')
    child.kill()
    const worker = byPid(points, child.pid!)
    const rss = 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1])
    expectWithin2Percent(worker.rss, rss)
    expectWithin2Percent(worker.mem_used_percent, (100 * rss) / totalmem())
    expectWithin2Percent(worker.vms, Number(stat[22]))
    const { user, system } = (
      JSON.parse(worker.message as string) as { cpu: { user: number; system: number } }
    ).cpu
    expectWithin2Percent(user + system, (Number(stat[13]) + Number(stat[14])) / 100)
    const own = byPid(points, process.pid)
    expect(Math.abs((own.start_time as number) - (Date.now() - process.uptime() * 1000))).toBeLessThan(2_000)
    expect(own.open_files as number).toBeGreaterThan(3)
    expect(own.work_directory).toBe(process.cwd())
    await collector.stop()
  })
})
