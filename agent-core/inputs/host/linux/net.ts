// Interface counters from /proc/net/dev, protocol counters from /proc/net/snmp.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Integer } from '../../../point/point.ts'
import type { InterfaceCounters, NetReader } from '../ports.ts'
import { Scanner } from '../scanner.ts'
import { readLine, readOptional, readSource } from '../source.ts'

const IFF_UP = 1

/**
 * name: bytes packets errs drop fifo frame compressed multicast  bytes packets errs drop fifo colls carrier compressed
 * below two lines of headings. The first number may stand right behind the colon.
 */
export function parseNetDev(text: string): Omit<InterfaceCounters, 'virtual'>[] {
  const interfaces: Omit<InterfaceCounters, 'virtual'>[] = []
  for (const scan = new Scanner(text); scan.more; scan.nextLine()) {
    const name = interfaceName(scan)
    const first = name === undefined ? undefined : scan.integer()
    if (name === undefined || first === undefined) continue
    const next = () => scan.integer() ?? 0
    const received = { bytesRecv: first, packetsRecv: next(), errIn: next(), dropIn: next() }
    for (let skipped = 0; skipped < 4; skipped++) next()
    const sent = { bytesSent: next(), packetsSent: next(), errOut: next(), dropOut: next() }
    interfaces.push({ name, ...received, ...sent })
  }
  return interfaces
}

/** An alias such as eth0:1 has a colon in its name: the last colon before the numbers ends it. */
function interfaceName(scan: Scanner): string | undefined {
  let name = scan.until(':')
  for (let more = name; more !== undefined;) {
    more = scan.until(':')
    if (more !== undefined) name += `:${more}`
  }
  return name
}

/** Pairs of lines, headings then values, each behind `Tcp:` or `Udp:`; keys become `tcp_insegs`. */
export function parseSnmp(text: string): Map<string, Integer> {
  const values = new Map<string, Integer>()
  for (const scan = new Scanner(text); scan.more; scan.nextLine()) {
    const section = scan.word()
    if (section !== 'Tcp:' && section !== 'Udp:') continue
    const keys: string[] = []
    for (let key = scan.word(); key !== ''; key = scan.word()) keys.push(key)
    scan.nextLine()
    if (scan.word() !== section) continue
    for (const key of keys) {
      const value = scan.integer()
      if (value !== undefined) values.set(`${section === 'Tcp:' ? 'tcp' : 'udp'}_${key.toLowerCase()}`, value)
    }
  }
  return values
}

export function linuxNet(root: string): NetReader {
  const dev = join(root, 'proc/net/dev')
  const snmp = join(root, 'proc/net/snmp')
  const classNet = join(root, 'sys/class/net')
  const virtualNet = join(root, 'sys/devices/virtual/net')
  return {
    read() {
      const virtual = new Set(namesIn(virtualNet))
      return parseNetDev(readSource(dev))
        .filter((counters) => isUp(join(classNet, counters.name)))
        .map((counters) => ({ ...counters, virtual: virtual.has(counters.name) }))
    },
    protocols() {
      const text = readOptional(snmp)
      return text === undefined ? undefined : parseSnmp(text)
    },
  }
}

/** By the administrative flag; what /sys does not know is taken as up. */
function isUp(folder: string): boolean {
  const flags = readLine(join(folder, 'flags'))
  return flags === undefined || (Number.parseInt(flags, 16) & IFF_UP) !== 0
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
