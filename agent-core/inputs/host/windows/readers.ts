// Windows behind the ports: node:os where it knows, CIM performance classes elsewhere (their names are not translated).
import type { Clock } from '../../../kernel/clock.ts'
import { AgentError } from '../../../kernel/errors.ts'
import type { Integer } from '../../../point/point.ts'
import { add, parseInteger, subtract } from '../counter.ts'
import { cpuReading, type OsFacts } from '../os-facts.ts'
import type {
  DiskIoCounters,
  DiskIoReader,
  HostReaders,
  InterfaceCounters,
  Mount,
  MountReader,
  NetReader,
  SwapReader,
} from '../ports.ts'
import type { Cim, CimRow } from './cim-session.ts'
import { QueueLoad } from './queue-load.ts'

export interface WindowsSources {
  readonly os: OsFacts
  readonly cim: Cim
  readonly clock: Clock
  /** Called by dispose(). */
  release(): void
}

export function windowsReaders({ os, cim, clock, release }: WindowsSources): HostReaders {
  const loads: QueueLoad[] = []
  return {
    cpu: () => ({
      // The kernel's time of one processor holds its interrupts; taken apart the states add up to all there is.
      read: (perCore) =>
        cpuReading(os, perCore, ({ user, sys, idle, irq }, cpu) =>
          cpu === 'cpu-total'
            ? { cpu, user, system: sys, idle }
            : { cpu, user, system: Math.max(0, sys - irq), idle, irq },
        ),
      temperature: () => undefined,
    }),
    load() {
      const load = new QueueLoad(cim, clock)
      loads.push(load)
      return load
    },
    memory: () => ({
      read() {
        const total = os.totalmem()
        const available = os.freemem()
        return { total, available, used: total - available, details: {} }
      },
    }),
    swap: () => swapReader(cim),
    mounts: () => mountReader(cim),
    diskIo: () => diskIoReader(cim),
    net: () => netReader(cim),
    system: () => ({
      uptime: () => Math.trunc(os.uptime()),
      async processCount() {
        const row = await only(cim, 'Win32_PerfRawData_PerfOS_System', ['Processes'])
        return Number(integer(row, 'Processes'))
      },
      userCount: () => undefined,
      conntrack: () => undefined,
      fileHandles: () => undefined,
    }),
    dispose() {
      for (const load of loads) load.dispose()
      release()
    },
  }
}

const integer = (row: CimRow, property: string): Integer => parseInteger(row[property] ?? '') ?? 0

async function only(cim: Cim, className: string, properties: readonly string[]): Promise<CimRow> {
  const [row] = await cim.query({ className, properties })
  if (!row) throw new AgentError('INPUT_SOURCE', `${className} (no instance)`)
  return row
}

/** Commit charge: it includes what lies in memory. */
function swapReader(cim: Cim): SwapReader {
  return {
    async read() {
      const row = await only(cim, 'Win32_PerfRawData_PerfOS_Memory', ['CommitLimit', 'CommittedBytes'])
      const total = integer(row, 'CommitLimit')
      const used = integer(row, 'CommittedBytes')
      return { total, used, free: subtract(total, used), in: 0, out: 0 }
    },
  }
}

/** DriveType: 2 removable, 3 fixed, 4 network, 5 optical. */
const DRIVES = { removable: '2', fixed: '3', network: '4', optical: '5' } as const

function mountReader(cim: Cim): MountReader {
  return {
    async read() {
      const rows = await cim.query({
        className: 'Win32_LogicalDisk',
        properties: ['DeviceID', 'DriveType', 'FileSystem'],
        filter: 'DriveType >= 2 AND DriveType <= 5',
      })
      return rows.flatMap((row): Mount[] => {
        const device = row['DeviceID']
        if (device === undefined) return []
        return [
          {
            device,
            mountPoint: device,
            path: `${device}\\`,
            fstype: row['FileSystem'] ?? '',
            remote: row['DriveType'] === DRIVES.network,
            removable: row['DriveType'] === DRIVES.removable || row['DriveType'] === DRIVES.optical,
          },
        ]
      })
    },
  }
}

const DISK_PROPERTIES = [
  'Name',
  'DiskReadsPersec',
  'DiskWritesPersec',
  'DiskReadBytesPersec',
  'DiskWriteBytesPersec',
  'PercentDiskReadTime',
  'PercentDiskWriteTime',
]

/** Raw performance data are the running totals behind the rates their names speak of; times are in 100 ns. */
function diskIoReader(cim: Cim): DiskIoReader {
  return {
    async read() {
      const [fixed, rows] = await Promise.all([
        cim.query({
          className: 'Win32_LogicalDisk',
          properties: ['DeviceID'],
          filter: `DriveType = ${DRIVES.fixed}`,
        }),
        cim.query({ className: 'Win32_PerfRawData_PerfDisk_LogicalDisk', properties: DISK_PROPERTIES }),
      ])
      const drives = new Set(fixed.map((row) => row['DeviceID']))
      return rows.filter((row) => drives.has(row['Name'])).map(diskCounters)
    },
    describe: () => ({ serial: undefined, links: [], properties: new Map() }),
  }
}

function diskCounters(row: CimRow): DiskIoCounters {
  const readTime = ticksToMs(integer(row, 'PercentDiskReadTime'))
  const writeTime = ticksToMs(integer(row, 'PercentDiskWriteTime'))
  return {
    name: row['Name']!,
    reads: integer(row, 'DiskReadsPersec'),
    writes: integer(row, 'DiskWritesPersec'),
    readBytes: integer(row, 'DiskReadBytesPersec'),
    writeBytes: integer(row, 'DiskWriteBytesPersec'),
    readTime,
    writeTime,
    ioTime: add(readTime, writeTime),
  }
}

const ticksToMs = (ticks: Integer): number => Number(BigInt(ticks) / 10_000n)

const NET_PROPERTIES = [
  'Name',
  'BytesSentPersec',
  'BytesReceivedPersec',
  'PacketsSentUnicastPersec',
  'PacketsReceivedUnicastPersec',
  'PacketsReceivedErrors',
  'PacketsOutboundErrors',
  'PacketsReceivedDiscarded',
  'PacketsOutboundDiscarded',
]
const CONNECTED = 2

/**
 * Performance instances are called after the adapter's description; the name that people know and whether it is
 * connected stand in Win32_NetworkAdapter. Filter and tunnel pseudo-adapters have no connection and are left out.
 */
function netReader(cim: Cim): NetReader {
  return {
    async read() {
      const [adapters, rows] = await Promise.all([
        cim.query({
          className: 'Win32_NetworkAdapter',
          properties: ['Name', 'NetConnectionID'],
          filter: `NetConnectionStatus = ${CONNECTED}`,
        }),
        cim.query({ className: 'Win32_PerfRawData_Tcpip_NetworkInterface', properties: NET_PROPERTIES }),
      ])
      const names = new Map(
        adapters.map((row) => [instanceName(row['Name'] ?? ''), row['NetConnectionID'] ?? row['Name']]),
      )
      return rows.flatMap((row) => {
        const name = names.get(row['Name'] ?? '')
        return name === undefined ? [] : [interfaceCounters(name, row)]
      })
    },
    protocols: () => undefined,
  }
}

/** Performance instances may not hold ( ) # / \ and write other characters for them. */
function instanceName(description: string): string {
  return description
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replace(/[#/\\]/g, '_')
}

function interfaceCounters(name: string, row: CimRow): InterfaceCounters {
  return {
    name,
    virtual: false,
    bytesSent: integer(row, 'BytesSentPersec'),
    bytesRecv: integer(row, 'BytesReceivedPersec'),
    packetsSent: integer(row, 'PacketsSentUnicastPersec'),
    packetsRecv: integer(row, 'PacketsReceivedUnicastPersec'),
    errIn: integer(row, 'PacketsReceivedErrors'),
    errOut: integer(row, 'PacketsOutboundErrors'),
    dropIn: integer(row, 'PacketsReceivedDiscarded'),
    dropOut: integer(row, 'PacketsOutboundDiscarded'),
  }
}
