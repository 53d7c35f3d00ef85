// The processes of the host behind one interface: Linux reads /proc, macOS asks ps, Windows asks CIM.
import type { Integer } from '../../point/point.ts'

/** One process at one moment. What a system does not tell, or denies, is left undefined. */
export interface ProcessReading {
  readonly pid: number
  readonly name: string
  /** `nobody` where the account has no name. */
  readonly username: string
  /** Arguments joined by blanks; empty for kernel threads and zombies. */
  readonly commandLine: string
  /** 64 hexadecimal digits, Linux only. */
  readonly containerId?: string | undefined
  /** running, sleep, idle, blocked, stop, zombie, ...; not on Windows. */
  readonly state?: string | undefined
  /** ms since the Unix epoch. */
  readonly startTime: number
  /** Seconds since its start. */
  readonly age: number
  /** Seconds of processor time. */
  readonly userTime: number
  readonly systemTime: number
  readonly ioWaitTime?: number | undefined
  /** Bytes. */
  readonly rss: Integer
  readonly vms: Integer
  readonly threads?: number | undefined
  readonly openFiles?: number | undefined
  readonly io?: ProcessIo | undefined
  readonly switches?: { readonly voluntary: Integer; readonly involuntary: Integer } | undefined
  readonly faults?: PageFaults | undefined
  readonly workDirectory?: string | undefined
  /** TCP ports it listens on, ascending; only when asked for. */
  readonly listenPorts?: readonly number[] | undefined
}

export interface ProcessIo {
  readonly readCalls: Integer
  readonly writeCalls: Integer
  readonly readBytes: Integer
  readonly writeBytes: Integer
}

export interface PageFaults {
  readonly minor: Integer
  readonly major: Integer
  readonly childMinor: Integer
  readonly childMajor: Integer
}

/** What to read, so that nothing is read for processes and values that nobody wants. */
export interface ProcessQuery {
  /** Younger processes are left out, seconds. */
  readonly minAge: number
  readonly onlyContainers: boolean
  /** Leaves out processes without a command line and those whose name does not match. */
  readonly metricsOnly: boolean
  readonly matches: (name: string) => boolean
  /** Reads workDirectory. */
  readonly details: boolean
  readonly listenPorts: boolean
}

export interface ProcessScan {
  readonly processes: readonly ProcessReading[]
  /** Bytes of RAM. */
  readonly memoryTotal: number
  /** What processor usage is divided by: the number of processors on Windows, 1 elsewhere. */
  readonly processors: number
}

export interface ProcessReader {
  /** Rejects with AgentError INPUT_SOURCE when the system does not answer. */
  read(query: ProcessQuery): Promise<ProcessScan>
  dispose(): void
}

/** Bound of a command line in a point: the start of it names the program. */
export const MAX_COMMAND_LINE = 32 * 1024
export const NO_USER = 'nobody'

/** The full name where the kernel cut it at `cut` characters and the program's path goes on with it. */
export function fullName(name: string, commandLine: string, cut: number): string {
  if (name.length < cut) return name
  const program = commandLine.split(' ', 1)[0]!
  const base = program.slice(program.lastIndexOf('/') + 1)
  return base.startsWith(name) ? base : name
}

/** For systems that tell everything at once: whether the query wants it. */
export function wanted(process: ProcessReading, query: ProcessQuery): boolean {
  if (process.age < query.minAge || query.onlyContainers) return false
  return !query.metricsOnly || (process.commandLine !== '' && query.matches(process.name))
}
