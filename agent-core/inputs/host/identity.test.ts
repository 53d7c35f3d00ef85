import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { plantTree } from '../testing/tree.ts'
import { darwinIdentity } from './darwin/identity.ts'
import type { Address, IdentityOs } from './identity.ts'
import { linuxIdentity, parseCpuinfo } from './linux/identity.ts'
import type { CimQuery, CimRow } from './windows/cim-session.ts'
import { windowsIdentity } from './windows/identity.ts'

const NOW = Date.UTC(2026, 10, 21, 14)
const address = (cidr: string, mac = '3c:22:fb:00:00:01', internal = false): Address => ({
  family: cidr.includes(':') ? 'IPv6' : 'IPv4',
  cidr,
  mac,
  internal,
})
const os = (rest: Partial<IdentityOs> = {}): IdentityOs => ({
  release: () => '25.1.0',
  machine: () => 'arm64',
  version: () => 'Windows 11 Pro',
  uptime: () => 3600,
  cpus: () => [
    { model: 'Apple M3 ', speed: 2400 },
    { model: 'Apple M3 ', speed: 2400 },
  ],
  networkInterfaces: () => ({}),
  ...rest,
})

describe('Linux', () => {
  const cases: readonly (readonly [string, Record<string, string>, [string, string, string]])[] = [
    ['Debian', { 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n', 'etc/debian_version': '12.11\n' }, ['debian', 'debian', '12.11']],
    ['Ubuntu', { 'etc/os-release': 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n', 'etc/debian_version': 'trixie/sid\n' }, ['ubuntu', 'debian', '24.04']],
    ['Red Hat', { 'etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n', 'etc/redhat-release': 'Red Hat Enterprise Linux release 9.4 (Plow)\n' }, ['redhat', 'rhel', '9.4']],
    ['CentOS 7', { 'etc/os-release': 'ID="centos"\nVERSION_ID="7"\n', 'etc/redhat-release': 'CentOS Linux release 7.9.2009 (Core)\n' }, ['centos', 'rhel', '7.9.2009']],
    ['Amazon', { 'etc/os-release': 'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n' }, ['amazon', 'rhel', '2023']],
    ['Alpine', { 'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.3\n', 'etc/alpine-release': '3.20.3\n' }, ['alpine', 'alpine', '3.20.3']],
    ['a derivative', { 'usr/lib/os-release': "ID='pop'\nID_LIKE='ubuntu debian'\nVERSION_ID='22.04'\n" }, ['pop', 'debian', '22.04']],
    ['nothing known', {}, ['', '', '']],
  ] // prettier-ignore
  test.each(cases)('%s', async (_, files, [platform, platformFamily, platformVersion]) => {
    const tree = plantTree({ 'proc/stat': 'cpu 1\nbtime 1700000000\n', ...files })
    expect(await linuxIdentity(tree.root, os()).meta()).toEqual({
      bootTime: 1_700_000_000,
      os: 'linux',
      platform,
      platformFamily,
      platformVersion,
      kernelRelease: '25.1.0',
      arch: 'arm64',
    })
    tree.dispose()
  })

  test('processors: the highest frequency where it is told; ARM has neither model nor cache', async () => {
    const tree = plantTree({
      'proc/cpuinfo': 'processor\t: 0\nmodel name\t: X\ncpu MHz\t\t: 800.5\ncache size\t: 512 KB\n',
      'sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq': '3500000\n',
    })
    const [processor] = await linuxIdentity(tree.root, os()).processors()
    expect(processor).toEqual({ vendorId: '', model: 'X', cores: 1, mhz: 3500, cacheSize: 512 })
    tree.dispose()
    expect(
      parseCpuinfo('processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\nHardware\t: x\n'),
    ).toEqual([{ vendorId: '0x41', model: '', cores: 1, mhz: 0, cacheSize: 0 }])
  })
})

test('macOS', async () => {
  const ifconfig = readFileSync(
    join(import.meta.dirname, '../hostobject/testdata/darwin/ifconfig.txt'),
    'utf8',
  )
  const answers: Record<string, string> = {
    '/usr/bin/sw_vers -productVersion': '26.1\n',
    '/usr/sbin/sysctl -n kern.boottime': '{ sec = 1763280723, usec = 12345 } Mon Nov 16 08:12:03 2026\n',
    '/sbin/ifconfig -a': ifconfig,
  }
  const identity = darwinIdentity({
    clock: new FakeClock(NOW),
    run: (file, args) => Promise.resolve(answers[[file, ...args].join(' ')]!),
    os: os({
      networkInterfaces: () => ({
        lo0: [address('127.0.0.1/8', '00:00:00:00:00:00', true)],
        en0: [address('fe80::1c7f:1/64'), address('192.0.2.30/24')],
      }),
    }),
  })
  expect(await identity.meta()).toEqual({
    bootTime: 1763280723,
    os: 'darwin',
    platform: 'darwin',
    platformFamily: 'Standalone Workstation',
    platformVersion: '26.1',
    kernelRelease: '25.1.0',
    arch: 'arm64',
  })
  expect(await identity.processors()).toEqual([
    { vendorId: 'Apple', model: 'Apple M3', cores: 2, mhz: 2400, cacheSize: 0 },
  ])
  expect(await identity.interfaces()).toEqual([
    {
      name: 'lo0',
      mtu: 16384,
      mac: '',
      flags: ['up', 'loopback', 'multicast'],
      virtual: false,
      ip4: [],
      ip6: [],
    },
    {
      name: 'gif0',
      mtu: 1280,
      mac: '',
      flags: ['pointtopoint', 'multicast'],
      virtual: false,
      ip4: [],
      ip6: [],
    },
    {
      name: 'en0',
      mtu: 1500,
      mac: '3c:22:fb:00:00:01',
      flags: ['up', 'broadcast', 'multicast'],
      virtual: false,
      ip4: ['192.0.2.30/24'],
      ip6: ['fe80::1c7f:1/64'],
    },
    {
      name: 'utun0',
      mtu: 1380,
      mac: '',
      flags: ['up', 'pointtopoint', 'multicast'],
      virtual: false,
      ip4: [],
      ip6: [],
    },
  ])
})

const windows = (answers: Record<string, CimRow[]>) =>
  windowsIdentity({
    clock: new FakeClock(NOW),
    cim: { query: ({ className }: CimQuery) => Promise.resolve(answers[className] ?? []) },
    os: os({
      release: () => '10.0.26100',
      machine: () => 'x86_64',
      networkInterfaces: () => ({
        Ethernet: [address('192.0.2.40/24', '00:15:5d:00:00:01')],
        'Loopback Pseudo-Interface 1': [address('127.0.0.1/8', '00:00:00:00:00:00', true)],
      }),
    }),
    release() {},
  })

describe('Windows', () => {
  const rows: Record<string, CimRow[]> = {
    Win32_OperatingSystem: [
      {
        Caption: 'Microsoft Windows Server 2025 Datacenter ',
        ProductType: '3',
        Version: '10.0.26100',
        BuildNumber: '26100',
        LastBootUpTime: '2026-11-16T08:00:00.4960000Z',
      },
    ],
    MSFT_NetIPInterface: [
      { InterfaceAlias: 'Ethernet', NlMtu: '1500', ConnectionState: '1' },
      { InterfaceAlias: 'Wi-Fi', NlMtu: '1500', ConnectionState: '0' },
      { InterfaceAlias: 'Loopback Pseudo-Interface 1', NlMtu: '4294967295', ConnectionState: '1' },
    ],
  }
  test('system and interfaces', async () => {
    const identity = windows(rows)
    expect(await identity.meta()).toEqual({
      bootTime: Date.UTC(2026, 10, 16, 8) / 1000,
      os: 'windows',
      platform: 'Microsoft Windows Server 2025 Datacenter',
      platformFamily: 'Server',
      platformVersion: '10.0.26100 Build 26100',
      kernelRelease: '10.0.26100',
      arch: 'x86_64',
    })
    expect((await identity.interfaces()).map(({ name, flags, mac, ip4 }) => [name, flags, mac, ip4])).toEqual(
      [
        ['Ethernet', ['up', 'broadcast', 'multicast'], '00:15:5d:00:00:01', ['192.0.2.40/24']],
        ['Wi-Fi', ['broadcast', 'multicast'], '', []],
        ['Loopback Pseudo-Interface 1', ['up', 'loopback', 'multicast'], '', []],
      ],
    )
  })

  test('without an answer node:os is what is left', async () => {
    expect(await windows({}).meta()).toMatchObject({
      bootTime: NOW / 1000 - 3600,
      platform: 'Windows 11 Pro',
      platformFamily: 'Standalone Workstation',
      platformVersion: '10.0.26100',
    })
  })
})
