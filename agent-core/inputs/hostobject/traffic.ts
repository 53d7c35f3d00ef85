// How busy the host is: processors, disks and network as a whole, between two rounds; in the first since the boot.
import type { Integer } from '../../point/point.ts'
import { add, ratePerSecond } from '../host/counter.ts'
import { cpuUsage } from '../host/cpu-usage.ts'
import type { CpuTimes, DiskIoCounters, InterfaceCounters } from '../host/ports.ts'

export interface Totals {
  readonly cpu: CpuTimes | undefined
  readonly disk: { readonly read: Integer; readonly written: Integer } | undefined
  readonly net: { readonly received: Integer; readonly sent: Integer } | undefined
}

const AT_BOOT: Totals = {
  cpu: { cpu: 'cpu-total', user: 0, system: 0, idle: 0 },
  disk: { read: 0, written: 0 },
  net: { received: 0, sent: 0 },
}

/** @param before the totals of the last round; undefined in the first. */
export function busy(now: Totals, before: Totals = AT_BOOT, seconds: number | undefined) {
  const usage = now.cpu && before.cpu && cpuUsage(now.cpu, before.cpu)
  return {
    cpu_usage: typeof usage === 'object' ? usage.usage_total : undefined,
    diskio_read_bytes_per_sec: ratePerSecond(now.disk?.read, before.disk?.read, seconds),
    diskio_write_bytes_per_sec: ratePerSecond(now.disk?.written, before.disk?.written, seconds),
    net_recv_bytes_per_sec: ratePerSecond(now.net?.received, before.net?.received, seconds),
    net_send_bytes_per_sec: ratePerSecond(now.net?.sent, before.net?.sent, seconds),
  }
}

/** Devices that are made of others, or of memory: their traffic would count twice, or is none. */
const STACKED = /^(?:dm-|md|loop|zram|ram)\d/

export function diskTotals(disks: readonly DiskIoCounters[]): NonNullable<Totals['disk']> {
  const names = new Set(disks.map((disk) => disk.name))
  const whole = disks.filter(({ name }) => !STACKED.test(name) && !isPartition(name, names))
  return {
    read: whole.reduce<Integer>((sum, disk) => add(sum, disk.readBytes), 0),
    written: whole.reduce<Integer>((sum, disk) => add(sum, disk.writeBytes), 0),
  }
}

/** `sda1` of `sda`, `nvme0n1p2` of `nvme0n1`. */
function isPartition(name: string, names: ReadonlySet<string>): boolean {
  const disk = /^(.*?\d)p\d+$/.exec(name)?.[1] ?? name.replace(/\d+$/, '')
  return disk !== name && names.has(disk)
}

const LOOPBACK = /^lo\d*$|loopback/i

export function netTotals(interfaces: readonly InterfaceCounters[]): NonNullable<Totals['net']> {
  const counted = interfaces.filter(({ name }) => !LOOPBACK.test(name))
  return {
    received: counted.reduce<Integer>((sum, i) => add(sum, i.bytesRecv), 0),
    sent: counted.reduce<Integer>((sum, i) => add(sum, i.bytesSent), 0),
  }
}
