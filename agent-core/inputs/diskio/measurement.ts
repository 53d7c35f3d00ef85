// What the diskio collector emits.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const LINUX: readonly NodeJS.Platform[] = ['linux']
const counter = (unit: string, desc: string, platforms?: readonly NodeJS.Platform[]): FieldInfo => ({
  type: 'uint',
  unit,
  desc,
  ...(platforms ? { platforms } : {}),
})
const rate = (desc: string): FieldInfo => ({ type: 'int', unit: 'B/s', desc })

export const diskioMeasurement: MeasurementInfo = {
  name: 'diskio',
  category: 'metric',
  desc: 'Traffic of each disk and partition. Counters run since boot.',
  tags: {
    name: 'Device such as /dev/sda, or what name_templates make of it; /dev/C: on Windows.',
    serial: 'Serial number, unknown without one; missing with skip_serial_number.',
  },
  fields: {
    reads: counter('count', 'Finished reads.'),
    writes: counter('count', 'Finished writes.'),
    merged_reads: counter('count', 'Reads joined with a neighbour.', LINUX),
    merged_writes: counter('count', 'Writes joined with a neighbour.', LINUX),
    read_bytes: counter('B', 'Bytes read.'),
    write_bytes: counter('B', 'Bytes written.'),
    read_time: counter('ms', 'Time of all reads together.'),
    write_time: counter('ms', 'Time of all writes together.'),
    io_time: counter('ms', 'Time with work to do; read and write time together on macOS and Windows.'),
    weighted_io_time: counter('ms', 'Time of all work together, waiting included.', LINUX),
    iops_in_progress: counter('count', 'Work in progress at this moment.', LINUX),
    'read_bytes/sec': rate('Bytes read a second since the last round.'),
    'write_bytes/sec': rate('Bytes written a second since the last round.'),
  },
}
