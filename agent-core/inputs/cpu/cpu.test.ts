import { readFileSync } from 'node:fs'
import { parse } from 'valibot'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import vm from '../host/testdata/linux-vm.tree?raw'
import vmLater from '../host/testdata/linux-vm-later.tree?raw'
import { parseProcStat } from '../host/linux/cpu.ts'
import { cpuUsage } from '../host/cpu-usage.ts'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { LIVE, onTree, parseTree, testContext } from '../testing/recorded.ts'
import { cpuCollector } from './collect.ts'
import { cpu } from './index.ts'
import { loadOf5s } from './load5s.ts'
import guests from './testdata/linux-guests.tree?raw'
import guestsLater from './testdata/linux-guests-later.tree?raw'

const busier = (user: number) => `-- proc/stat --\ncpu  ${user} 100 500 8000 200 30 20 50 400 60\n`

describe('on Linux', () => {
  test('the first round has nothing to tell, the second the shares of the recorded machine', async () => {
    const { round, collector, later, clock } = onTree(cpu, vm, { tags: { site: 'lab', cpu: 'mine' } })
    expect(await round(collector)).toEqual([])
    const points = await later(vmLater)
    // user 7, system 20, idle 2012, iowait 3 of 2042 ticks
    expect(points).toEqual([
      {
        name: 'cpu',
        time: clock.nowNs(),
        tags: { site: 'lab', cpu: 'cpu-total' },
        fields: {
          usage_user: 700 / 2042,
          usage_nice: 0,
          usage_system: 2000 / 2042,
          usage_idle: 201_200 / 2042,
          usage_iowait: 300 / 2042,
          usage_irq: 0,
          usage_softirq: 0,
          usage_steal: 0,
          usage_guest: 0,
          usage_guest_nice: 0,
          usage_total: 3000 / 2042,
        },
        kinds: Object.fromEntries(Object.keys(points[0]!.fields).map((key) => [key, 'float'])),
      },
    ])
  })

  test('guests are taken out of user and nice, a counter that stepped back is 0, each processor has its point', async () => {
    const { round, collector, later } = onTree(cpu, guests, { percpu: true })
    await round(collector)
    const points = await later(guestsLater)
    expect(points.map((point) => point.tags['cpu'])).toEqual(['cpu-total', 'cpu0', 'cpu1'])
    const shares = (at: number) => points[at]!.fields
    // total: user 250, nice 30, system 100, idle 400, iowait -10, irq 10, softirq 20, steal 50 = 850; guest 150, 10
    expect(shares(0)).toEqual({
      usage_user: (100 * 100) / 850,
      usage_nice: (100 * 20) / 850,
      usage_system: (100 * 100) / 850,
      usage_idle: (100 * 400) / 850,
      usage_iowait: 0,
      usage_irq: (100 * 10) / 850,
      usage_softirq: (100 * 20) / 850,
      usage_steal: (100 * 50) / 850,
      usage_guest: (100 * 150) / 850,
      usage_guest_nice: (100 * 10) / 850,
      usage_total: (100 * 450) / 850,
      core_temperature: 50.5,
    })
    expect(shares(1)).toMatchObject({ usage_idle: (100 * 200) / 450, usage_user: (100 * 50) / 450 })
    expect(shares(1)).not.toHaveProperty('core_temperature')
  })

  test('enable_temperature = false asks no sensor; sensors that failed once are not asked again', async () => {
    const off = onTree(cpu, guests, { enable_temperature: false })
    await off.round(off.collector)
    expect((await off.later(guestsLater))[0]!.fields).not.toHaveProperty('core_temperature')

    const broken = onTree(cpu, guests)
    await broken.round(broken.collector)
    expect((await broken.later(busier(1010)))[0]!.fields).toHaveProperty('core_temperature')
    broken.tree.remove('sys/class/hwmon/hwmon1')
    expect((await broken.later(busier(1020)))[0]!.fields).not.toHaveProperty('core_temperature')
    broken.tree.plant(parseTree(guests))
    expect((await broken.later(busier(1030)))[0]!.fields).not.toHaveProperty('core_temperature')
  })

  test('load5s is sampled every 5 s and comes as an integer', async () => {
    const { round, collector, later, tree, clock } = onTree(cpu, guests, { enable_load5s: true })
    await round(collector)
    tree.plant({ 'proc/loadavg': '1.50 0 0 1/1 1\n' })
    const points = await later(guestsLater, 5000)
    // (2048 * (2048 * 1.5 - 10) - 1024 - 1884 * 2048 * 0.5) / 164 / 2048 = 12.92...
    expect(points[0]).toMatchObject({ fields: { load5s: 13 }, kinds: { load5s: 'int' } })
    await collector.dispose?.()
    expect(clock.pending).toBe(0)
  })

  test.each([
    ['sleep', 31_000, 0],
    ['a stepped wall clock', 10_000, 3_600_000],
  ])('after %s one difference is dropped', async (_, ms, jump) => {
    const { round, collector, later, clock } = onTree(cpu, guests)
    await round(collector)
    clock.jump(jump)
    expect(await later(guestsLater, ms)).toEqual([])
    expect(await later('-- proc/stat --\ncpu  1350 130 600 8700 190 40 40 100 550 70\n')).toMatchObject([
      { fields: { usage_user: 25, usage_idle: 75 } },
    ])
  })

  test('counters that go back as a whole give no points, an unreadable file one error', async () => {
    const { round, collector, later, tree, errors } = onTree(cpu, vmLater)
    await round(collector)
    expect(await later(vm)).toEqual([])
    tree.remove('proc/stat')
    await later()
    await later()
    expect(errors()).toEqual([expect.stringMatching(/^Cannot read the source: .*proc\/stat \(ENOENT\)$/)])
    tree.plant({ 'proc/stat': 'intr 1\n' })
    await later()
    expect(errors()).toEqual([])
    await later(vmLater)
    tree.remove('proc/stat')
    await later()
    expect(errors()).toHaveLength(1)
  })

  test.skipIf(process.platform !== 'linux')('live shares are within 2 % of /proc/stat', LIVE, async () => {
    const bench = testContext('cpu')
    const fed = { ...bench.context, clock: systemClock }
    const collector = cpuCollector(parse(cpu.schema, {}), fed)
    const before = parseProcStat(readFileSync('/proc/stat', 'utf8'), false)!.total
    await bench.round(collector)
    const until = performance.now() + 600
    while (performance.now() < until) Math.sqrt(until)
    const [point] = await bench.round(collector)
    const expected = cpuUsage(parseProcStat(readFileSync('/proc/stat', 'utf8'), false)!.total, before)
    if (typeof expected !== 'object') throw new Error('no time passed')
    expect(Math.abs((point!.fields['usage_idle'] as number) - expected.usage_idle)).toBeLessThan(2)
    expect(Math.abs((point!.fields['usage_user'] as number) - expected.usage_user)).toBeLessThan(2)
  })
})

test('macOS: shares of os.cpus(), without what it does not count', async () => {
  const mac = recordedMac()
  const { context, clock, round } = testContext('cpu', { platform: 'darwin' })
  const collector = cpuCollector(parse(cpu.schema, { percpu: true }), context, mac.readers)
  await round(collector)
  mac.later()
  await clock.advance(10_000)
  const points = await round(collector)
  // user 5000, nice 500, sys 2000, idle 12500 of 20000 ms
  expect(points[0]).toMatchObject({
    tags: { cpu: 'cpu-total' },
    fields: { usage_user: 25, usage_nice: 2.5, usage_system: 10, usage_idle: 62.5, usage_total: 37.5 },
  })
  expect(Object.keys(points[0]!.fields)).not.toContain('usage_iowait')
  expect(points.map((point) => point.tags['cpu'])).toEqual(['cpu-total', 'cpu0', 'cpu1'])
})

test('Windows: interrupts are part of the kernel time in total, apart for single processors', async () => {
  const { context, clock, round } = testContext('cpu', { platform: 'win32' })
  const windows = recordedWindows(clock)
  const collector = cpuCollector(parse(cpu.schema, { percpu: true }), context, windows.readers)
  await round(collector)
  windows.later()
  await clock.advance(10_000)
  const points = await round(collector)
  // user 3000, sys 2500, idle 14500 of 20000 ms
  expect(points[0]!.fields).toEqual({
    usage_user: 15,
    usage_system: 12.5,
    usage_idle: 72.5,
    usage_total: 27.5,
  })
  // user 2000, sys 2000 of which irq 500, idle 6000
  expect(points[1]!.fields).toEqual({
    usage_user: 20,
    usage_system: 15,
    usage_irq: 5,
    usage_idle: 60,
    usage_total: 40,
  })
})

test.each([
  [0, 1.2, 0],
  [1.9, 0, 1],
  [1, 1, 1],
  [0.5, 0.5, 0],
  [1.5, 0.5, 13],
])('load of 5 s from %f after %f is %i', (now, last, expected) => {
  expect(loadOf5s(now, last)).toBe(expected)
})
