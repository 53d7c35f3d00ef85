// The texts of macOS's own tools: vm_stat, sysctl, mount, netstat, ioreg.
import type { Integer } from '../../../point/point.ts'
import { add, parseInteger } from '../counter.ts'
import type { DiskIoCounters, InterfaceCounters, Mount, SwapReading } from '../ports.ts'

/** Bytes by the tool's own names (`Pages free`, ...). The first line tells the page size. */
export function parseVmStat(text: string): ReadonlyMap<string, number> {
  const pageSize = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? 4096)
  const values = new Map<string, number>()
  for (const [, key, pages] of text.matchAll(/^"?([^":\n]+)"?:\s+(\d+)\.?$/gm))
    values.set(key!, Number(pages) * pageSize)
  return values
}

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 }

/** `total = 2048.00M  used = 1039.25M  free = 1008.75M  (encrypted)` */
export function parseSwapUsage(text: string): SwapReading | undefined {
  const of = (key: string): number | undefined => {
    const match = new RegExp(`${key} = ([0-9]+(?:[.,][0-9]+)?)([KMGT]?)`).exec(text)
    return match ? Math.round(Number(match[1]!.replace(',', '.')) * (UNITS[match[2]!] ?? 1)) : undefined
  }
  const total = of('total')
  const used = of('used')
  const free = of('free')
  if (total === undefined || used === undefined || free === undefined) return undefined
  return { total, used, free, in: 0, out: 0 }
}

/** `device on mount point (type, option, ...)` */
export function parseMount(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const [, device, mountPoint, list] of text.matchAll(/^(.+?) on (\/.*) \(([^()]*)\)$/gm)) {
    const [fstype = '', ...options] = list!.split(', ')
    const remote = !options.includes('local')
    mounts.push({
      device: device!,
      fstype,
      mountPoint: mountPoint!,
      path: mountPoint!,
      remote,
      removable: false,
    })
  }
  return mounts
}

/**
 * Name Mtu Network Address Ipkts Ierrs Ibytes Opkts Oerrs Obytes Coll [Drop]
 *
 * Only the link rows are the interface's own; Address may be missing, so numbers are counted from their end of the row.
 * A star behind the name means down.
 */
export function parseNetstat(text: string): InterfaceCounters[] {
  const [heading = '', ...lines] = text.split('\n')
  const columns = heading.trim().split(/\s+/)
  const first = columns.length - columns.indexOf('Ipkts')
  if (first > columns.length) return []
  const interfaces: InterfaceCounters[] = []
  for (const line of lines) {
    const words = line.trim().split(/\s+/)
    const name = words[0] ?? ''
    if (!words[2]?.startsWith('<Link#') || name.endsWith('*')) continue
    const numbers = words.slice(-first).map((word) => parseInteger(word) ?? 0)
    const of = (column: string): Integer => numbers[columns.indexOf(column) - columns.length + first] ?? 0
    interfaces.push({
      name,
      virtual: false,
      packetsRecv: of('Ipkts'),
      errIn: of('Ierrs'),
      bytesRecv: of('Ibytes'),
      packetsSent: of('Opkts'),
      errOut: of('Oerrs'),
      bytesSent: of('Obytes'),
      dropIn: 0,
      dropOut: of('Drop'),
    })
  }
  return interfaces
}

/** Statistics of a storage driver, then, below it, the whole disk it drives as the first `BSD Name`. */
export function parseIoreg(text: string): DiskIoCounters[] {
  const disks: DiskIoCounters[] = []
  let statistics: ReadonlyMap<string, Integer> | undefined
  for (const line of text.split('\n')) {
    const found = /"Statistics" = \{(.*)\}/.exec(line)
    if (found) statistics = statisticsOf(found[1]!)
    const name = /"BSD Name" = "([^"]+)"/.exec(line)?.[1]
    if (name === undefined || statistics === undefined) continue
    disks.push(ioregDisk(name, statistics))
    statistics = undefined
  }
  return disks
}

function statisticsOf(text: string): Map<string, Integer> {
  const values = new Map<string, Integer>()
  for (const [, key, digits] of text.matchAll(/"([^"]+)"=(\d+)/g))
    values.set(key!, parseInteger(digits!) ?? 0)
  return values
}

function ioregDisk(name: string, statistics: ReadonlyMap<string, Integer>): DiskIoCounters {
  const of = (key: string): Integer => statistics.get(key) ?? 0
  const readTime = nanosecondsToMs(of('Total Time (Read)'))
  const writeTime = nanosecondsToMs(of('Total Time (Write)'))
  return {
    name,
    reads: of('Operations (Read)'),
    writes: of('Operations (Write)'),
    readBytes: of('Bytes (Read)'),
    writeBytes: of('Bytes (Write)'),
    readTime,
    writeTime,
    ioTime: add(readTime, writeTime),
  }
}

const nanosecondsToMs = (ns: Integer): number => Number(BigInt(ns) / 1_000_000n)
