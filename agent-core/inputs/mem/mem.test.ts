import { readFileSync } from 'node:fs'
import { parse } from 'valibot'
import { describe, expect, test } from 'vitest'
import vm from '../host/testdata/linux-vm.tree?raw'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { LIVE, onTree, testContext } from '../testing/recorded.ts'
import { memCollector } from './collect.ts'
import { mem } from './index.ts'
import huge from './testdata/linux-huge.tree?raw'

const KIB = 1024
const config = parse(mem.schema, {})

describe('on Linux', () => {
  test('the recorded machine, with 0 for what its kernel does not have', async () => {
    const { round, collector, clock } = onTree(mem, vm, { tags: { site: 'lab' } })
    const [point] = await round(collector)
    const used = 24684084 - 24085160 - 1088 - 324176 - 124044
    expect(point).toMatchObject({ name: 'mem', tags: { site: 'lab' }, time: clock.nowNs() })
    expect(point!.fields).toEqual({
      total: 24684084 * KIB,
      available: 24256004 * KIB,
      used: used * KIB,
      used_percent: (used / 24684084) * 100,
      available_percent: (24256004 / 24684084) * 100,
      active: 254972 * KIB,
      buffered: 1088 * KIB,
      cached: (324176 + 124044) * KIB,
      commit_limit: 12342040 * KIB,
      committed_as: 285836 * KIB,
      dirty: 19644 * KIB,
      free: 24085160 * KIB,
      high_free: 0,
      high_total: 0,
      huge_pages_free: 0,
      huge_pages_size: 2048 * KIB,
      huge_pages_total: 0,
      inactive: 121604 * KIB,
      low_free: 0,
      low_total: 0,
      mapped: 101928 * KIB,
      page_tables: 4328 * KIB,
      shared: 8872 * KIB,
      slab: 150392 * KIB,
      sreclaimable: 124044 * KIB,
      sunreclaim: 26348 * KIB,
      swap_cached: 0,
      swap_free: 0,
      swap_total: 0,
      vmalloc_chunk: 0,
      vmalloc_total: 34359738367 * KIB,
      vmalloc_used: 14828 * KIB,
      write_back: 0,
      write_back_tmp: 0,
    })
    for (const [key, kind] of Object.entries(point!.kinds))
      expect([key, kind]).toEqual([key, key.endsWith('percent') ? 'float' : 'uint'])
  })

  test('huge pages are counts, their size bytes; high and low memory where the kernel has them', async () => {
    const { round, collector } = onTree(mem, huge)
    const [point] = await round(collector)
    expect(point!.fields).toMatchObject({
      huge_pages_total: 512,
      huge_pages_free: 128,
      huge_pages_size: 2048 * KIB,
      high_total: 2048 * KIB,
      high_free: 1024 * KIB,
      low_total: 4096 * KIB,
      low_free: 3072 * KIB,
      write_back: 20 * KIB,
      write_back_tmp: 10 * KIB,
      vmalloc_chunk: 7000 * KIB,
      swap_cached: 1024 * KIB,
    })
  })

  test('an old kernel without MemAvailable', async () => {
    const { round, collector } = onTree(mem, huge.replace(/MemAvailable.*\n/, ''))
    const [point] = await round(collector)
    expect(point!.fields).toMatchObject({ available: (1048576 + 524288 + 20971520 + 1500000) * KIB })
  })

  test.each([
    ['missing', '', /proc\/meminfo \(ENOENT\)/],
    ['without a total', '-- proc/meminfo --\nMemFree: 1 kB\n', /proc\/meminfo \(no MemTotal\)/],
  ])('a file %s is an error, not a crash', async (_, tree, message) => {
    const { round, collector, errors } = onTree(mem, tree)
    expect(await round(collector)).toEqual([])
    expect(errors()).toEqual([expect.stringMatching(message)])
  })

  test.skipIf(process.platform !== 'linux')('live values are within 2 % of /proc/meminfo', LIVE, async () => {
    const { context, round } = testContext('mem')
    const [point] = await round(memCollector(config, context))
    const text = readFileSync('/proc/meminfo', 'utf8')
    for (const [field, key] of [
      ['total', 'MemTotal'],
      ['free', 'MemFree'],
      ['available', 'MemAvailable'],
    ] as const) {
      const expected = Number(new RegExp(`^${key}: *(\\d+)`, 'm').exec(text)![1]) * KIB
      expect(Math.abs((point!.fields[field] as number) / expected - 1)).toBeLessThan(0.02)
    }
  })
})

test('macOS: speculative pages are free, free and inactive ones available', async () => {
  const { context, round } = testContext('mem', { platform: 'darwin' })
  const [point] = await round(memCollector(config, context, recordedMac().readers))
  const total = 17179869184
  const free = (12741 + 7433) * 16384
  const inactive = 362118 * 16384
  const used = total - free - inactive
  expect(point!.fields).toEqual({
    total,
    free,
    inactive,
    available: free + inactive,
    used,
    used_percent: (used / total) * 100,
    available_percent: ((free + inactive) / total) * 100,
    active: 370292 * 16384,
    wired: 154310 * 16384,
  })
})

test('Windows: what node:os tells', async () => {
  const { context, round, clock } = testContext('mem', { platform: 'win32' })
  const [point] = await round(memCollector(config, context, recordedWindows(clock).readers))
  expect(point!.fields).toEqual({
    total: 17058496512,
    available: 6442450944,
    used: 17058496512 - 6442450944,
    used_percent: ((17058496512 - 6442450944) / 17058496512) * 100,
    available_percent: (6442450944 / 17058496512) * 100,
  })
})
