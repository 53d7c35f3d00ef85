import { describe, expect, it } from 'vitest'
import type { SeriesView } from '../../../agent-core/contract/index.ts'
import { appendLive, buildFrame, emptyFrame, type LiveValue } from './frame.ts'
import { groupsOf, indexAt, linesOf, niceTop, stackOf, summaryOf, topOf, valueAt } from './lines.ts'
import { isPartOfDisk, PANELS, queriesOf, type PanelId, type PanelSpec } from './panels.ts'
import { clampSpan, panned, zoomed } from './ranges.ts'

const panel = (id: PanelId): PanelSpec => PANELS.find((spec) => spec.id === id)!
const S = 1000
const series = (
  spec: PanelSpec,
  field: string,
  samples: Readonly<Record<number, number | null>>,
  tags: Record<string, string> = {},
): SeriesView => ({
  measurement: spec.measurement,
  field,
  tags: { ...spec.tags, ...tags },
  unit: '',
  times: Object.keys(samples).map((second) => Number(second) * S),
  values: Object.values(samples),
})
const seconds = (times: readonly number[]): number[] => times.map((time) => time / S)

describe('frames', () => {
  const cpu = panel('cpu')

  it('share one time axis and keep the gaps that the agent sends', () => {
    const frame = buildFrame(
      cpu,
      [
        series(cpu, 'usage_user', { 1: 10, 2: 11, 3: null, 10: 13 }),
        series(cpu, 'usage_system', { 1: 1, 2: null, 3: null, 10: 3 }),
      ],
      S,
    )
    expect(seconds(frame.times)).toEqual([1, 2, 3, 10])
    const [user, system] = linesOf(cpu, frame, undefined)
    expect(user?.values).toEqual([10, 11, null, 13])
    expect(system?.values).toEqual([1, null, null, 3])
  })

  it('draw through where a second-by-second look ends and the rhythm of a collector goes on', () => {
    const samples = { 1: 1, 2: 2, 3: 3, 10: 4, 20: 5, 30: 6 }
    const [user] = linesOf(cpu, buildFrame(cpu, [series(cpu, 'usage_user', samples)], S), undefined)
    expect(user?.values).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('do not break a line where only another series has a sample', () => {
    const frame = buildFrame(
      cpu,
      [series(cpu, 'usage_user', { 1: 10, 3: 12 }), series(cpu, 'usage_system', { 2: 1, 4: 2 })],
      S,
    )
    expect(linesOf(cpu, frame, undefined).map(({ values }) => Array.from(values))).toEqual([
      [10, undefined, 12, undefined],
      [undefined, 1, undefined, 2],
    ])
  })

  it('take the rhythm of a collector that is slower than the query', () => {
    const frame = buildFrame(cpu, [series(cpu, 'usage_user', { 0: 1, 10: 2, 20: 3 })], S)
    expect(frame.stepMs).toBe(10 * S)
    expect(seconds(frame.times)).toEqual([0, 10, 20])
  })

  it('are empty without data', () => {
    expect(buildFrame(cpu, [], S).times).toEqual([])
    expect(linesOf(cpu, emptyFrame(), undefined)).toEqual([])
  })
})

const live = (group: string, value: number | null, field = 'bytes_recv/sec'): LiveValue => ({
  measurement: 'net',
  field,
  tags: { interface: group, host: 'a' },
  value,
})

describe('live samples', () => {
  const net = panel('network')
  it('go to the end, once', () => {
    const frame = emptyFrame()
    expect(appendLive(net, frame, S, [live('eth0', 5)], 0)).toBe(true)
    expect(appendLive(net, frame, S, [live('eth0', 6)], 0)).toBe(false)
    expect(appendLive(net, frame, 2 * S, [live('eth0', 7)], 0)).toBe(true)
    expect(linesOf(net, frame, 'eth0')[0]?.values).toEqual([5, 7])
  })

  it('leave charts of other measurements and other tags alone', () => {
    expect(appendLive(panel('memory'), emptyFrame(), S, [live('eth0', 5)], 0)).toBe(false)
    const core = { measurement: 'cpu', field: 'usage_user', tags: { cpu: 'cpu0' }, value: 1 }
    expect(appendLive(panel('cpu'), emptyFrame(), S, [core], 0)).toBe(false)
  })

  it('break after a pause and begin a new interface with nothing behind it', () => {
    const frame = emptyFrame()
    appendLive(net, frame, 1 * S, [live('eth0', 4)], 0)
    appendLive(net, frame, 11 * S, [live('eth0', 5)], 0)
    appendLive(net, frame, 90 * S, [live('eth0', 6), live('eth1', 1)], 0)
    expect(seconds(frame.times)).toEqual([1, 11, 11.001, 90])
    expect(linesOf(net, frame, 'eth0')[0]?.values).toEqual([4, 5, null, 6])
    expect(linesOf(net, frame, 'eth1')[0]?.values).toEqual([null, null, null, 1])
  })

  it('forget what is too old', () => {
    const frame = emptyFrame()
    for (let n = 1; n <= 200; n++) appendLive(net, frame, n * S, [live('eth0', n)], (n - 100) * S)
    expect(frame.times.length).toBeLessThan(165)
    expect(linesOf(net, frame, 'eth0')[0]?.values.length).toBe(frame.times.length)
    expect(frame.times.at(-1)).toBe(200 * S)
  })
})

describe('groups', () => {
  const diskio = panel('diskio')
  const disk = panel('disk')
  const disks = buildFrame(
    diskio,
    ['/dev/sda', '/dev/sda1', '/dev/nvme0n1', '/dev/loop0'].map((name, n) =>
      series(diskio, 'read_bytes/sec', { 1: 10 ** n }, { name, serial: 'x' }),
    ),
    S,
  )

  it('are added up without counting a partition twice', () => {
    expect(groupsOf(diskio, disks)).toEqual(['/dev/loop0', '/dev/nvme0n1', '/dev/sda', '/dev/sda1'])
    expect(linesOf(diskio, disks, undefined)[0]?.values).toEqual([101])
    expect(linesOf(diskio, disks, '/dev/sda1')[0]?.values).toEqual([10])
  })

  it('are added up all where each repeats another', () => {
    const only = buildFrame(diskio, [series(diskio, 'read_bytes/sec', { 1: 4 }, { name: '/dev/loop0' })], S)
    expect(linesOf(diskio, only, undefined)[0]?.values).toEqual([4])
  })

  it('have a line each where a sum means nothing, the fullest first', () => {
    const frame = buildFrame(
      disk,
      ['/', '/data', '/boot'].map((mount_point, n) =>
        series(disk, 'used_percent', { 1: [60, 90, 5][n]! }, { mount_point }),
      ),
      S,
    )
    expect(linesOf(disk, frame, undefined).map(({ name }) => name)).toEqual(['/data', '/', '/boot'])
  })

  it.each([
    ['/dev/sda1', true],
    ['/dev/nvme0n1p2', true],
    ['/dev/dm-0', true],
    ['/dev/sda', false],
    ['/dev/sdab', false],
    ['/dev/nvme0n1', false],
  ])('%s is part of a listed disk: %s', (name, part) => {
    expect(isPartOfDisk(name, ['/dev/sda', '/dev/nvme0n1', '/dev/sdab'])).toBe(part)
  })
})

describe('scales', () => {
  it('lay stacked lines upon each other and keep gaps', () => {
    const lines = [
      { name: 'a', isGroup: false, values: [1, null, 3, undefined] },
      { name: 'b', isGroup: false, values: [10, 20, null, undefined] },
    ]
    expect(stackOf(lines)).toEqual([
      [1, null, 3, undefined],
      [11, 20, null, undefined],
    ])
  })

  it.each([
    [0, 'ratio', 1],
    [3.1, 'ratio', 3.2],
    [7, 'ratio', 8],
    [87, 'ratio', 100],
    [0, 'byteRate', 1024],
    [130 * 2 ** 20, 'byteRate', 160 * 2 ** 20],
    [1000, 'bytes', 1000],
    [1023, 'bytes', 1200],
  ] as const)('a largest value of %d (%s) ends the scale at %d', (max, unit, top) => {
    expect(niceTop(max, unit)).toBeCloseTo(top, 6)
  })

  it('end at the whole, at 100 %, or above the largest value in view', () => {
    const memory = panel('memory')
    const frame = buildFrame(
      memory,
      [series(memory, 'used', { 1: 5 }), series(memory, 'total', { 1: 32 })],
      S,
    )
    expect(topOf(memory, frame, [[5]], 0, 9 * S)).toBe(32)
    const load = panel('load')
    const loads = buildFrame(load, [series(load, 'load1', { 1: 90, 2: 3 })], S)
    const drawn = [[90, 3]]
    expect(topOf(load, loads, drawn, 2 * S, 3 * S)).toBe(3.2)
    expect(topOf(panel('cpu'), loads, [[7, 3]], 0, 3 * S)).toBe(100)
  })
})

describe('the cursor', () => {
  const frame = { times: [30, 40, 50, 150].map((n) => n * S), stepMs: 10 * S }

  it.each([
    [0, undefined],
    [10, 0],
    [34, 0],
    [36, 1],
    [74, 2],
    [100, undefined],
    [130, 3],
    [200, undefined],
  ])('at second %d takes sample %s', (second, index) => {
    expect(indexAt(frame, second * S)).toBe(index)
  })

  it('reads the last value where only another series has a sample, and none in a gap', () => {
    expect(valueAt([4, undefined, null], 1)).toBe(4)
    expect(valueAt([4, undefined, null], 2)).toBeNull()
    expect(valueAt([undefined], 0)).toBeNull()
  })
})

it('sums a line up in words', () => {
  expect(summaryOf([2, null, 4, undefined])).toEqual({ latest: 4, min: 2, mean: 3, max: 4 })
  expect(summaryOf([null])).toEqual({ latest: null, min: null, mean: null, max: null })
})

describe('spans', () => {
  const now = 1_000_000
  it('stay in the past, at least ten seconds long', () => {
    expect(clampSpan({ from: now - 5000, to: now + 95_000 }, now)).toEqual({ from: now - 100_000, to: now })
    expect(clampSpan({ from: 500_000, to: 500_001 }, now)).toEqual({ from: 495_000.5, to: 505_000.5 })
  })
  it('zoom around their middle and move by a share', () => {
    const span = { from: 400_000, to: 600_000 }
    expect(zoomed(span, 0.5, now)).toEqual({ from: 450_000, to: 550_000 })
    expect(panned(span, -0.25, now)).toEqual({ from: 350_000, to: 550_000 })
    expect(panned({ from: 900_000, to: now }, 0.5, now)).toEqual({ from: 900_000, to: now })
  })
})

it('asks for at most what the contract takes', () => {
  const queries = PANELS.flatMap(queriesOf)
  expect(queries.length).toBeLessThanOrEqual(64)
  expect(queries).toContainEqual({ measurement: 'cpu', field: 'usage_user', tags: { cpu: 'cpu-total' } })
  expect(queries).toContainEqual({ measurement: 'disk', field: 'total' })
})
