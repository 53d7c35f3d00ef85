// Who a Linux host is: /etc/os-release and its relatives, /proc/cpuinfo, /sys/class/net.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cidrs } from '../addresses.ts'
import type { HostIdentity, HostMeta, IdentityOs, NetworkInterface, Processor } from '../identity.ts'
import { readLine, readOptional, readSource } from '../source.ts'

export function linuxIdentity(root: string, os: IdentityOs): HostIdentity {
  return {
    meta: (): HostMeta => ({
      ...platformOf(root),
      bootTime: Number(/^btime (\d+)/m.exec(readSource(join(root, 'proc/stat')))?.[1] ?? 0),
      os: 'linux',
      kernelRelease: readLine(join(root, 'proc/sys/kernel/osrelease')) ?? os.release(),
      arch: os.machine(),
    }),
    processors: () =>
      parseCpuinfo(readSource(join(root, 'proc/cpuinfo'))).map((processor, at) => {
        const max = readLine(join(root, `sys/devices/system/cpu/cpu${at}/cpufreq/cpuinfo_max_freq`))
        return max === undefined ? processor : { ...processor, mhz: Number(max) / 1000 }
      }),
    interfaces: () => interfaces(root, os),
    inContainer: () => existsSync(join(root, '.dockerenv')),
    dispose() {},
  }
}

type Platform = Pick<HostMeta, 'platform' | 'platformFamily' | 'platformVersion'>

/** os-release's ID where the usual name differs. */
const NAMES: Readonly<Record<string, string>> = { rhel: 'redhat', ol: 'oracle', amzn: 'amazon' }
const FAMILIES: Readonly<Record<string, string>> = {
  debian: 'debian',
  ubuntu: 'debian',
  linuxmint: 'debian',
  raspbian: 'debian',
  kali: 'debian',
  deepin: 'debian',
  fedora: 'fedora',
  redhat: 'rhel',
  centos: 'rhel',
  rocky: 'rhel',
  almalinux: 'rhel',
  oracle: 'rhel',
  amazon: 'rhel',
  scientific: 'rhel',
  sles: 'suse',
  suse: 'suse',
  opensuse: 'suse',
  'opensuse-leap': 'suse',
  'opensuse-tumbleweed': 'suse',
  arch: 'arch',
  manjaro: 'arch',
  alpine: 'alpine',
  gentoo: 'gentoo',
  slackware: 'slackware',
}
/** Files that know the minor version, which os-release leaves out. */
const VERSION_FILES: Readonly<Record<string, { readonly file: string; readonly pattern: RegExp }>> = {
  debian: { file: 'etc/debian_version', pattern: /^(\S+)/ },
  alpine: { file: 'etc/alpine-release', pattern: /^(\S+)/ },
  centos: { file: 'etc/redhat-release', pattern: /release (\d[\d.]*)/ },
  redhat: { file: 'etc/redhat-release', pattern: /release (\d[\d.]*)/ },
  rocky: { file: 'etc/redhat-release', pattern: /release (\d[\d.]*)/ },
  almalinux: { file: 'etc/redhat-release', pattern: /release (\d[\d.]*)/ },
}

function platformOf(root: string): Platform {
  const text = readOptional(join(root, 'etc/os-release')) ?? readOptional(join(root, 'usr/lib/os-release'))
  const release = parseOsRelease(text ?? '')
  const id = release.get('ID') ?? ''
  const platform = NAMES[id] ?? id
  const like = (release.get('ID_LIKE') ?? '').split(' ').map((name) => FAMILIES[NAMES[name] ?? name])
  const source = VERSION_FILES[platform]
  const exact = source && source.pattern.exec(readOptional(join(root, source.file)) ?? '')?.[1]
  return {
    platform,
    platformFamily: FAMILIES[platform] ?? like.find((family) => family !== undefined) ?? '',
    platformVersion: exact ?? release.get('VERSION_ID') ?? '',
  }
}

/** `KEY=value` lines; values may be quoted as in a shell. */
function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Z_0-9]+)=(["']?)(.*)\2\s*$/.exec(line)
    if (match) values.set(match[1]!, match[3]!)
  }
  return values
}

/** One block of `key : value` lines a logical processor. */
export function parseCpuinfo(text: string): Processor[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const value = (key: string): string =>
      new RegExp(`^${key}\\s*:[ \\t]*(.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''
    if (value('processor') === '') return []
    return {
      vendorId: value('vendor_id') || value('CPU implementer'),
      model: value('model name') || value('Processor'),
      cores: 1,
      mhz: Number(value('cpu MHz')),
      cacheSize: Number.parseInt(value('cache size'), 10) || 0,
    }
  })
}

const FLAGS = [
  [0x1, 'up'],
  [0x2, 'broadcast'],
  [0x8, 'loopback'],
  [0x10, 'pointtopoint'],
  [0x1000, 'multicast'],
] as const

function interfaces(root: string, os: IdentityOs): NetworkInterface[] {
  const base = join(root, 'sys/class/net')
  const virtual = new Set(namesIn(join(root, 'sys/devices/virtual/net')))
  const addresses = os.networkInterfaces()
  return namesIn(base).flatMap((name) => {
    const flags = readLine(join(base, name, 'flags'))
    // What is no interface (bonding_masters) has none.
    if (flags === undefined) return []
    const bits = Number.parseInt(flags, 16)
    return {
      name,
      mac: macText(readLine(join(base, name, 'address'))),
      mtu: Number(readLine(join(base, name, 'mtu')) ?? 0),
      flags: FLAGS.filter(([bit]) => (bits & bit) !== 0).map(([, flag]) => flag),
      virtual: virtual.has(name),
      ip4: cidrs(addresses[name], 'IPv4'),
      ip6: cidrs(addresses[name], 'IPv6'),
    }
  })
}

/** Loopback has an address of zeros, which is none. */
const macText = (address: string | undefined): string =>
  address === undefined || /^[0:]*$/.test(address) ? '' : address

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}
