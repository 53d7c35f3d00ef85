import { readFileSync } from 'node:fs'
import { parse } from 'valibot'
import { describe, expect, test } from 'vitest'
import vm from '../host/testdata/linux-vm.tree?raw'
import vmLater from '../host/testdata/linux-vm-later.tree?raw'
import { parseNetDev } from '../host/linux/net.ts'
import { recordedMac, recordedWindows } from '../testing/recorded-hosts.ts'
import { LIVE, onTree, testContext } from '../testing/recorded.ts'
import { netCollector } from './collect.ts'
import { net } from './index.ts'
import router from './testdata/linux-router.tree?raw'
import routerLater from './testdata/linux-router-later.tree?raw'

const config = parse(net.schema, {})
const names = (points: readonly { tags: Readonly<Record<string, string>> }[]) =>
  points.map((point) => point.tags['interface'])

describe('on Linux', () => {
  test('the recorded machine: one real interface, the protocols of all, rates from the second round', async () => {
    const { round, collector, later } = onTree(net, vm, { tags: { site: 'lab' } })
    const first = await round(collector)
    expect(first.map((point) => point.tags)).toEqual([
      { site: 'lab', interface: 'eth0' },
      { site: 'lab', interface: 'all' },
    ])
    expect(first[0]!.fields).toEqual({
      bytes_recv: 659443820,
      packets_recv: 17179,
      err_in: 0,
      drop_in: 0,
      bytes_sent: 1126702,
      packets_sent: 10278,
      err_out: 0,
      drop_out: 0,
    })
    expect(first[1]!.fields).toEqual({
      tcp_rtoalgorithm: 1,
      tcp_rtomin: 200,
      tcp_rtomax: 120000,
      tcp_maxconn: -1,
      tcp_activeopens: 163,
      tcp_passiveopens: 66,
      tcp_attemptfails: 1,
      tcp_estabresets: 32,
      tcp_currestab: 0,
      tcp_insegs: 17603,
      tcp_outsegs: 10694,
      tcp_retranssegs: 0,
      tcp_inerrs: 0,
      tcp_outrsts: 187,
      tcp_incsumerrors: 0,
      udp_indatagrams: 226,
      udp_noports: 0,
      udp_inerrors: 0,
      udp_outdatagrams: 227,
      udp_rcvbuferrors: 0,
      udp_sndbuferrors: 0,
      udp_incsumerrors: 0,
      udp_ignoredmulti: 0,
      udp_memerrors: 0,
    })
    const second = await later(vmLater)
    expect(second[0]!.fields).toMatchObject({
      'bytes_recv/sec': 123456,
      'bytes_sent/sec': 12279,
      'packets_recv/sec': 88,
      'packets_sent/sec': 49,
    })
    expect(second[1]!.fields).toMatchObject({
      'tcp_insegs/sec': 87,
      'tcp_outsegs/sec': 49,
      'udp_indatagrams/sec': 1,
      'udp_outdatagrams/sec': 0,
    })
    for (const { kinds } of second)
      for (const [key, kind] of Object.entries(kinds))
        expect([key, kind]).toEqual([key, /\/sec$|^tcp_|^udp_/.test(key) ? 'int' : 'uint'])
  })

  test('glued columns, an alias, interfaces that are down; each counter judged alone and exactly', async () => {
    const { round, collector, later } = onTree(net, router)
    const first = await round(collector)
    expect(names(first)).toEqual(['eno1', 'eth0:1'])
    expect(first[0]!.fields).toEqual({
      bytes_recv: 18446744073709551000n,
      packets_recv: 4000,
      err_in: 1,
      drop_in: 2,
      bytes_sent: 9007199254740993n,
      packets_sent: 5000,
      err_out: 7,
      drop_out: 8,
    })
    const [eno1] = await later(routerLater)
    expect(eno1!.fields).toMatchObject({
      'bytes_recv/sec': 60,
      'bytes_sent/sec': 100,
      'packets_sent/sec': 10,
    })
    expect(eno1!.fields).not.toHaveProperty('packets_recv/sec')
  })

  test('virtual interfaces on demand, interfaces by pattern, protocols left out', async () => {
    const all = onTree(net, router, { enable_virtual_interfaces: true })
    expect(names(await all.round(all.collector))).toEqual(['lo', 'eno1', 'eth0:1', 'docker0'])
    const some = onTree(net, vm, { enable_virtual_interfaces: true, interfaces: ['^eth\\d', 'docker'] })
    expect(names(await some.round(some.collector))).toEqual(['eth0', 'all'])
    const bare = onTree(net, vm, { ignore_protocol_stats: true })
    expect(names(await bare.round(bare.collector))).toEqual(['eth0'])
  })

  test('without snmp there is no point for all; an unreadable dev is told', async () => {
    const { later, tree, errors } = onTree(net, vm)
    tree.remove('proc/net/snmp')
    expect(names(await later())).toEqual(['eth0'])
    expect(errors()).toEqual([])
    tree.remove('proc/net/dev')
    expect(await later()).toEqual([])
    expect(errors()).toEqual([expect.stringMatching(/proc\/net\/dev \(ENOENT\)/)])
  })

  test('columns of a newer kernel are left out', async () => {
    const { later } = onTree(net, vm)
    const [, all] = await later('-- proc/net/snmp --\nTcp: InSegs Brandnew\nTcp: 5 6\nUdp: InDatagrams\n')
    expect(all!.fields).toEqual({ tcp_insegs: 5 })
  })

  test.skipIf(process.platform !== 'linux')(
    'live counters are within 2 % of /proc/net/dev',
    LIVE,
    async () => {
      const { context, round } = testContext('net')
      const settings = parse(net.schema, { enable_virtual_interfaces: true })
      const points = await round(netCollector(settings, context))
      const lo = parseNetDev(readFileSync('/proc/net/dev', 'utf8')).find(({ name }) => name === 'lo')!
      const point = points.find(({ tags }) => tags['interface'] === 'lo')!
      expect(Number(point.fields['bytes_recv']) + 1).toBeGreaterThan(Number(lo.bytesRecv) * 0.98)
    },
  )
})

test('macOS: link rows of interfaces that are up, with and without an address', async () => {
  const { context, round } = testContext('net', { platform: 'darwin' })
  const points = await round(netCollector(config, context, recordedMac().readers))
  expect(names(points)).toEqual(['lo0', 'en5', 'en0', 'utun0'])
  expect(points[0]!.fields).toMatchObject({ bytes_recv: 61821377, packets_recv: 283921, drop_out: 0 })
  expect(points[1]!.fields).toEqual({
    packets_recv: 13014,
    err_in: 2,
    bytes_recv: 2011327,
    packets_sent: 13650,
    err_out: 1,
    bytes_sent: 2719471,
    drop_in: 0,
    drop_out: 0,
  })
  expect(points[2]!.fields).toMatchObject({ bytes_recv: 9871236543, bytes_sent: 1283746512, drop_out: 17 })
})

test('macOS: an output that is none is told', async () => {
  const { context, round, errors } = testContext('net', { platform: 'darwin' })
  const mac = recordedMac()
  mac.outputs.set('netstat -ibdnW', 'usage: netstat')
  expect(await round(netCollector(config, context, mac.readers))).toEqual([])
  expect(errors()).toEqual(['Cannot read the source: netstat -ibdnW (unexpected output)'])
})

test('Windows: connected adapters under the name that people know', async () => {
  const { context, round, clock } = testContext('net', { platform: 'win32' })
  const points = await round(netCollector(config, context, recordedWindows(clock).readers))
  expect(names(points)).toEqual(['Wi-Fi'])
  expect(points[0]!.fields).toEqual({
    bytes_sent: 1234567890,
    bytes_recv: 98765432100,
    packets_sent: 4567890,
    packets_recv: 87654321,
    err_in: 1,
    err_out: 2,
    drop_in: 3,
    drop_out: 4,
  })
})
