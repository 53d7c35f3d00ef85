// What the system collector emits: system everywhere, conntrack and filefd on Linux.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const LINUX: readonly NodeJS.Platform[] = ['linux']
const load = (desc: string): FieldInfo => ({ type: 'float', unit: '', desc })
const percent = (desc: string): FieldInfo => ({ type: 'float', unit: 'percent', desc })
const count = (desc: string, platforms?: readonly NodeJS.Platform[]): FieldInfo => ({
  type: 'int',
  unit: 'count',
  desc,
  ...(platforms ? { platforms } : {}),
})

export const systemMeasurement: MeasurementInfo = {
  name: 'system',
  category: 'metric',
  desc: 'Load, processors, processes, users.',
  tags: {},
  fields: {
    cpu_total_usage: percent('Busy processor time since the last round; iowait counts as busy.'),
    load1: load('Load average of 1 minute; on Windows from the processor queue.'),
    load5: load('Load average of 5 minutes.'),
    load15: load('Load average of 15 minutes.'),
    load1_per_core: load('load1 a processor.'),
    load5_per_core: load('load5 a processor.'),
    load15_per_core: load('load15 a processor.'),
    memory_usage: percent('Used memory of all.'),
    n_cpus: count('Logical processors.'),
    n_users: count('Logged-in users, where the system keeps a record of them.', ['linux', 'darwin']),
    process_count: count('Processes.'),
    uptime: { type: 'uint', unit: 's', desc: 'Time since boot.' },
  },
}

export const conntrackMeasurement: MeasurementInfo = {
  name: 'conntrack',
  category: 'metric',
  desc: 'Connection tracking of the firewall (Linux).',
  tags: {},
  fields: {
    entries: count('Tracked connections, -1 when unknown.', LINUX),
    entries_limit: count('Limit of tracked connections, -1 when unknown.', LINUX),
    stat_found: count('Lookups that found an entry.', LINUX),
    stat_invalid: count('Packets that cannot be tracked.', LINUX),
    stat_ignore: count('Packets that are not to be tracked.', LINUX),
    stat_insert: count('Entries inserted.', LINUX),
    stat_insert_failed: count('Entries that could not be inserted.', LINUX),
    stat_drop: count('Packets dropped because an entry could not be made.', LINUX),
    stat_early_drop: count('Entries dropped to make room.', LINUX),
    stat_search_restart: count('Lookups that had to start again.', LINUX),
  },
}

export const filefdMeasurement: MeasurementInfo = {
  name: 'filefd',
  category: 'metric',
  desc: 'File handles of the whole system (Linux).',
  tags: {},
  fields: {
    allocated: count('Allocated file handles.', LINUX),
    maximum_mega: {
      type: 'float',
      unit: 'count',
      desc: 'Limit of file handles, in millions.',
      platforms: LINUX,
    },
  },
}
