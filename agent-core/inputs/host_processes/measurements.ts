// What host_processes emits: one metric and one object a process.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const LINUX = ['linux'] as const
const LINUX_WINDOWS = ['linux', 'win32'] as const

const shared: Readonly<Record<string, FieldInfo>> = {
  cpu_usage: {
    type: 'float',
    unit: 'percent',
    desc: 'Processor time since the process started, as a share of that time. Above 100 with several processors, but not on Windows.',
  },
  cpu_usage_top: {
    type: 'float',
    unit: 'percent',
    desc: 'Processor time since the last round, as a share of the time between; in the first round the same as cpu_usage.',
  },
  mem_used_percent: { type: 'float', unit: 'percent', desc: 'Resident memory as a share of all memory.' },
  rss: { type: 'uint', unit: 'B', desc: 'Resident memory.' },
  vms: { type: 'uint', unit: 'B', desc: 'Virtual memory.' },
  threads: { type: 'int', unit: 'count', desc: 'Threads.' },
  open_files: { type: 'int', unit: 'count', desc: 'Open file descriptors.', platforms: LINUX },
  proc_syscr: { type: 'uint', unit: 'count', desc: 'Read calls, cumulative.', platforms: LINUX_WINDOWS },
  proc_syscw: { type: 'uint', unit: 'count', desc: 'Write calls, cumulative.', platforms: LINUX_WINDOWS },
  proc_read_bytes: {
    type: 'uint',
    unit: 'B',
    desc: 'Read from storage, cumulative.',
    platforms: LINUX_WINDOWS,
  },
  proc_write_bytes: {
    type: 'uint',
    unit: 'B',
    desc: 'Written to storage, cumulative.',
    platforms: LINUX_WINDOWS,
  },
  voluntary_ctxt_switches: {
    type: 'int',
    unit: 'count',
    desc: 'Times it gave up the processor, cumulative.',
    platforms: LINUX,
  },
  nonvoluntary_ctxt_switches: {
    type: 'int',
    unit: 'count',
    desc: 'Times it lost the processor, cumulative.',
    platforms: LINUX,
  },
  page_minor_faults: {
    type: 'uint',
    unit: 'count',
    desc: 'Page faults served without storage, cumulative.',
    platforms: LINUX,
  },
  page_major_faults: {
    type: 'uint',
    unit: 'count',
    desc: 'Page faults served from storage, cumulative.',
    platforms: LINUX,
  },
  page_children_minor_faults: {
    type: 'uint',
    unit: 'count',
    desc: 'Minor faults of ended children.',
    platforms: LINUX,
  },
  page_children_major_faults: {
    type: 'uint',
    unit: 'count',
    desc: 'Major faults of ended children.',
    platforms: LINUX,
  },
}

const sharedTags = {
  host: 'Host name.',
  process_name: 'Name of the program.',
  username: 'Account it runs as; `nobody` when the account has no name.',
  container_id: 'Container it runs in, 64 hexadecimal digits (Linux).',
}

export const processMetric: MeasurementInfo = {
  name: 'host_processes',
  category: 'metric',
  desc: 'Processes that have a command line. Off unless `open_metric = true`.',
  tags: { ...sharedTags, pid: 'Process id.', cmdline: 'Command line.' },
  fields: shared,
}

export const processObject: MeasurementInfo = {
  name: 'host_processes',
  category: 'object',
  desc: 'Every process, kernel threads included.',
  tags: {
    ...sharedTags,
    name: '`<host>_<pid>`.',
    state: 'running, sleep, idle, blocked, stop, zombie, wait or lock (not on Windows).',
  },
  fields: {
    ...shared,
    pid: { type: 'int', unit: '', desc: 'Process id.' },
    cmdline: { type: 'string', unit: '', desc: 'Command line; `(name)` when there is none.' },
    start_time: { type: 'int', unit: 'ms', desc: 'Start, since the Unix epoch.' },
    started_duration: { type: 'int', unit: 's', desc: 'Time since its start.' },
    state_zombie: {
      type: 'bool',
      unit: '',
      desc: 'It has ended and nobody asked how.',
      platforms: ['linux', 'darwin'],
    },
    work_directory: { type: 'string', unit: '', desc: 'Working directory.', platforms: LINUX },
    listen_ports: {
      type: 'string',
      unit: '',
      desc: 'TCP ports it listens on as a JSON array, `null` without any. With `enable_listen_ports`.',
    },
    message: { type: 'string', unit: '', desc: 'All of it as JSON, for full text search.' },
  },
}
