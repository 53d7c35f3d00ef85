import { parse } from 'valibot'
import { expect, test } from 'vitest'
import vm from '../host/testdata/linux-vm.tree?raw'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { onTree, testContext } from '../testing/recorded.ts'
import { swapCollector } from './collect.ts'
import { swap } from './index.ts'
import swapping from './testdata/linux-swapping.tree?raw'

const config = parse(swap.schema, {})

test('Linux without swap: all 0, no division by it', async () => {
  const { round, collector } = onTree(swap, vm, { tags: { site: 'lab' } })
  const [point] = await round(collector)
  expect(point).toMatchObject({
    name: 'swap',
    tags: { site: 'lab' },
    fields: { total: 0, used: 0, free: 0, in: 0, out: 0, used_percent: 0 },
    kinds: { total: 'uint', used: 'uint', free: 'uint', in: 'uint', out: 'uint', used_percent: 'float' },
  })
})

test('Linux with swap: pages of 4096 bytes, exact beyond 2^53', async () => {
  const { round, collector } = onTree(swap, swapping)
  const [point] = await round(collector)
  expect(point!.fields).toEqual({
    total: 8388604 * 1024,
    free: 8000000 * 1024,
    used: 388604 * 1024,
    used_percent: (388604 / 8388604) * 100,
    in: 1234 * 4096,
    out: 9_223_372_036_854_775_807n + 4097n,
  })
})

test('Linux with an unreadable vmstat tells its path', async () => {
  const { round, collector, tree, errors } = onTree(swap, swapping)
  tree.remove('proc/vmstat')
  expect(await round(collector)).toEqual([])
  expect(errors()).toEqual([expect.stringMatching(/proc\/vmstat \(ENOENT\)$/)])
})

test('macOS: vm.swapusage', async () => {
  const { context, round, errors } = testContext('swap', { platform: 'darwin' })
  const mac = recordedMac()
  const collector = swapCollector(config, context, mac.readers)
  const MIB = 1024 * 1024
  expect((await round(collector))[0]!.fields).toEqual({
    total: 2048 * MIB,
    used: 1039.25 * MIB,
    free: 1008.75 * MIB,
    used_percent: (1039.25 / 2048) * 100,
    in: 0,
    out: 0,
  })
  mac.outputs.set('sysctl -n vm.swapusage', 'unknown oid')
  expect(await round(collector)).toEqual([])
  expect(errors()).toEqual(['Cannot read the source: sysctl -n vm.swapusage (unexpected output)'])
})

test('Windows: the commit charge', async () => {
  const { context, round, clock } = testContext('swap', { platform: 'win32' })
  const [point] = await round(swapCollector(config, context, recordedWindows(clock).readers))
  expect(point!.fields).toEqual({
    total: 19595440128,
    used: 12884901888,
    free: 19595440128 - 12884901888,
    used_percent: (12884901888 / 19595440128) * 100,
    in: 0,
    out: 0,
  })
})
