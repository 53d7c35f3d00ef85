// Processes as points.
import { measurementPoint, type FieldInput } from '../../point/measurement.ts'
import type { Point } from '../../point/point.ts'
import { exactJson, sortedKeys } from '../host/json.ts'
import type { ProcessReading } from '../host/processes.ts'
import { processMetric, processObject } from './measurements.ts'
import type { Usage } from './usage.ts'

export interface Surroundings {
  readonly hostname: string
  readonly memoryTotal: number
  /** `[inputs.host_processes.tags]` */
  readonly tags: Readonly<Record<string, string>>
  readonly time: bigint
}

type Fields = Record<string, FieldInput>

function sharedFields(process: ProcessReading, usage: Usage, memoryTotal: number): Fields {
  const { io, faults, switches } = process
  return {
    cpu_usage: usage.lifetime,
    cpu_usage_top: usage.top,
    mem_used_percent: memoryTotal > 0 ? (100 * Number(process.rss)) / memoryTotal : undefined,
    rss: process.rss,
    vms: process.vms,
    threads: process.threads,
    open_files: process.openFiles,
    proc_syscr: io?.readCalls,
    proc_syscw: io?.writeCalls,
    proc_read_bytes: io?.readBytes,
    proc_write_bytes: io?.writeBytes,
    voluntary_ctxt_switches: switches?.voluntary,
    nonvoluntary_ctxt_switches: switches?.involuntary,
    page_minor_faults: faults?.minor,
    page_major_faults: faults?.major,
    page_children_minor_faults: faults?.childMinor,
    page_children_major_faults: faults?.childMajor,
  }
}

export function metricPoint(process: ProcessReading, usage: Usage, around: Surroundings): Point {
  const tags = {
    ...around.tags,
    pid: String(process.pid),
    process_name: process.name,
    username: process.username,
    cmdline: process.commandLine,
    container_id: process.containerId,
  }
  return measurementPoint(processMetric, tags, sharedFields(process, usage, around.memoryTotal), around.time)
}

export function objectPoint(process: ProcessReading, usage: Usage, around: Surroundings): Point {
  const own = {
    name: `${around.hostname}_${process.pid}`,
    process_name: process.name,
    username: process.username,
    state: process.state || undefined,
    container_id: process.containerId,
  }
  const { listenPorts } = process
  const fields: Fields = {
    ...sharedFields(process, usage, around.memoryTotal),
    pid: process.pid,
    cmdline: process.commandLine || `(${process.name})`,
    start_time: process.startTime,
    started_duration: Math.trunc(process.age),
    state_zombie: process.state === undefined ? undefined : process.state === 'zombie',
    work_directory: process.workDirectory,
    listen_ports: listenPorts && (listenPorts.length > 0 ? JSON.stringify(listenPorts) : 'null'),
  }
  const message = exactJson(sortedKeys({ ...own, ...fields, cpu: times(process), memory: memory(process) }))
  return measurementPoint(processObject, { ...around.tags, ...own }, { ...fields, message }, around.time)
}

/** Processor times in seconds, in the shape that readers of `message` know; most of it is always 0 for a process. */
function times(process: ProcessReading): Record<string, number | string> {
  return {
    cpu: 'cpu',
    user: process.userTime,
    system: process.systemTime,
    idle: 0,
    nice: 0,
    iowait: process.ioWaitTime ?? 0,
    irq: 0,
    softirq: 0,
    steal: 0,
    guest: 0,
    guestNice: 0,
  }
}

function memory(process: ProcessReading): Record<string, unknown> {
  return { rss: process.rss, vms: process.vms, hwm: 0, data: 0, stack: 0, locked: 0, swap: 0 }
}
