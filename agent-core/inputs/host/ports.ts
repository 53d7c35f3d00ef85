// The host behind one typed port a subject. Linux reads /proc, /sys and statfs; macOS and Windows have their own
// readers; collectors know only these shapes. What a system does not have is left undefined.
import type { Integer } from '../../point/point.ts'

type Maybe<T> = T | Promise<T>

/** Cumulative times of one processor (or of all) in one unit, whichever: only their proportions are used. */
export interface CpuTimes {
  /** `cpu-total`, `cpu0`, ... */
  readonly cpu: string
  /** Includes guest. */
  readonly user: number
  /** Includes guestNice. */
  readonly nice?: number
  readonly system: number
  readonly idle: number
  readonly iowait?: number
  readonly irq?: number
  readonly softirq?: number
  readonly steal?: number
  readonly guest?: number
  readonly guestNice?: number
}

export interface CpuReading {
  readonly total: CpuTimes
  /** Empty unless asked for. */
  readonly cores: readonly CpuTimes[]
  /** Logical processors. */
  readonly count: number
}

export interface CpuReader {
  read(perCore: boolean): Maybe<CpuReading>
  /** Mean of the core sensors in °C; undefined where there are none. */
  temperature(): number | undefined
}

export interface LoadReading {
  readonly load1: number
  readonly load5: number
  readonly load15: number
}

export interface LoadReader {
  read(): LoadReading
}

/** Bytes, but for the counts of huge pages. */
export interface MemoryReading {
  readonly total: number
  readonly available: number
  readonly used: number
  /** The system's own fields, by their names in the measurement. */
  readonly details: Readonly<Record<string, number>>
}

export interface MemoryReader {
  read(): Maybe<MemoryReading>
}

/** Bytes; `in` and `out` are cumulative. */
export interface SwapReading {
  readonly total: Integer
  readonly used: Integer
  readonly free: Integer
  readonly in: Integer
  readonly out: Integer
}

export interface SwapReader {
  read(): Maybe<SwapReading>
}

export interface Mount {
  readonly device: string
  readonly fstype: string
  readonly mountPoint: string
  /** What to ask statfs for. */
  readonly path: string
  /** A network drive: may hang. */
  readonly remote: boolean
  /** A removable drive: not ready is not an error. */
  readonly removable: boolean
}

export interface MountReader {
  read(): Maybe<readonly Mount[]>
}

/** Cumulative since boot; times in ms. */
export interface DiskIoCounters {
  /** Kernel's name: `sda1`, `disk0`, `C:`. */
  readonly name: string
  /** `major:minor`, Linux only. */
  readonly id?: string
  readonly reads: Integer
  readonly writes: Integer
  readonly mergedReads?: Integer
  readonly mergedWrites?: Integer
  readonly readBytes: Integer
  readonly writeBytes: Integer
  readonly readTime: Integer
  readonly writeTime: Integer
  readonly ioTime: Integer
  readonly weightedIoTime?: Integer
  readonly inProgress?: Integer
}

export interface BlockDevice {
  readonly serial: string | undefined
  /** Paths below /dev that lead to it. */
  readonly links: readonly string[]
  /** udev properties. */
  readonly properties: ReadonlyMap<string, string>
}

export interface DiskIoReader {
  read(): Maybe<readonly DiskIoCounters[]>
  describe(disk: DiskIoCounters): BlockDevice
}

/** Cumulative counters of one interface that is up. */
export interface InterfaceCounters {
  readonly name: string
  /** A NIC without hardware; known on Linux only. */
  readonly virtual: boolean
  readonly bytesSent: Integer
  readonly bytesRecv: Integer
  readonly packetsSent: Integer
  readonly packetsRecv: Integer
  readonly errIn: Integer
  readonly errOut: Integer
  readonly dropIn: Integer
  readonly dropOut: Integer
}

export interface NetReader {
  read(): Maybe<readonly InterfaceCounters[]>
  /** `tcp_insegs` and so on; undefined where the system has none. */
  protocols(): ReadonlyMap<string, Integer> | undefined
}

export interface ConntrackReading {
  /** -1 when unknown. */
  readonly entries: Integer
  readonly limit: Integer
  /** By the kernel's column name, summed over processors; undefined when unknown. */
  readonly stats: Readonly<Record<string, number>> | undefined
}

export interface FileHandles {
  readonly allocated: Integer
  readonly maximum: Integer
}

export interface SystemReader {
  /** Whole seconds since boot. */
  uptime(): number
  processCount(): Maybe<number | undefined>
  /** Logged-in users; undefined where the system does not tell. */
  userCount(): Maybe<number | undefined>
  conntrack(): ConntrackReading | undefined
  fileHandles(): FileHandles | undefined
}

/** One reader a subject, made when asked for; dispose() ends what they started. */
export interface HostReaders {
  cpu(): CpuReader
  load(): LoadReader
  memory(): MemoryReader
  swap(): SwapReader
  mounts(): MountReader
  diskIo(): DiskIoReader
  net(): NetReader
  system(): SystemReader
  dispose(): void
}
