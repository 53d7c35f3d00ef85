// Disk counters from /proc/diskstats, names and serial numbers from udev's database and /sys.
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { multiply } from '../counter.ts'
import type { BlockDevice, DiskIoCounters, DiskIoReader } from '../ports.ts'
import { Scanner } from '../scanner.ts'
import { readLine, readOptional, readSource } from '../source.ts'

/** The unit of /proc/diskstats, whatever the device's own sector size. */
const SECTOR = 512

/**
 * major minor name  reads merged sectors ms  writes merged sectors ms  in_progress io_ms weighted_ms [discards flushes]
 *
 * Devices that never did anything (idle loop devices) are left out.
 */
export function parseDiskstats(text: string): DiskIoCounters[] {
  const disks: DiskIoCounters[] = []
  for (const scan = new Scanner(text); scan.more; scan.nextLine()) {
    const major = scan.word()
    const minor = scan.word()
    const name = scan.word()
    const values = Array.from({ length: 11 }, () => scan.integer())
    if (name === '' || values.every((value) => value === 0 || value === undefined)) continue
    const of = (at: number) => values[at] ?? 0
    disks.push({
      name,
      id: `${major}:${minor}`,
      reads: of(0),
      mergedReads: of(1),
      readBytes: multiply(of(2), SECTOR),
      readTime: of(3),
      writes: of(4),
      mergedWrites: of(5),
      writeBytes: multiply(of(6), SECTOR),
      writeTime: of(7),
      inProgress: of(8),
      ioTime: of(9),
      weightedIoTime: of(10),
    })
  }
  return disks
}

/** `S:link below /dev` and `E:KEY=value` lines of /run/udev/data/b<major>:<minor>. */
export function parseUdevData(text: string): { links: string[]; properties: Map<string, string> } {
  const links: string[] = []
  const properties = new Map<string, string>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (line.startsWith('S:')) links.push(`/dev/${line.slice(2)}`)
    else if (line.startsWith('E:') && equals > 2)
      properties.set(line.slice(2, equals), line.slice(equals + 1))
  }
  // udevadm shows the links as one property; the database keeps them apart.
  if (links.length > 0) properties.set('DEVLINKS', links.join(' '))
  return { links, properties }
}

export function linuxDiskIo(root: string): DiskIoReader {
  const path = join(root, 'proc/diskstats')
  return {
    read: () => parseDiskstats(readSource(path)),
    describe: ({ name, id = '' }): BlockDevice => {
      const { links, properties } = parseUdevData(readOptional(join(root, `run/udev/data/b${id}`)) ?? '')
      const serial = properties.get('ID_SERIAL') || sysfsSerial(join(root, 'sys/class/block', name))
      return { serial, links, properties }
    },
  }
}

/** model_serial as udev composes it; a partition has its disk's. */
function sysfsSerial(path: string): string | undefined {
  let folder: string
  try {
    folder = realpathSync(path)
  } catch {
    return undefined
  }
  if (readLine(join(folder, 'partition')) !== undefined) folder = dirname(folder)
  const serial = readLine(join(folder, 'device/serial'))
  const model = readLine(join(folder, 'device/model'))
  if (serial === undefined) return undefined
  return (model === undefined ? serial : `${model}_${serial}`).replaceAll(' ', '_')
}
