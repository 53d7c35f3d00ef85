// What the disk collector emits.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const bytes = (desc: string): FieldInfo => ({ type: 'uint', unit: 'B', desc })
const inodes = (desc: string): FieldInfo => ({
  type: 'uint',
  unit: 'count',
  desc,
  platforms: ['linux', 'darwin'],
})

export const diskMeasurement: MeasurementInfo = {
  name: 'disk',
  category: 'metric',
  desc: 'Space of each mounted file system.',
  tags: {
    device: 'What is mounted: a device, a server path, a drive letter.',
    fstype: 'Type of the file system.',
    mount_point: 'Where it is mounted.',
  },
  fields: {
    total: bytes('Size.'),
    free: bytes('What users may still fill.'),
    used: bytes('In use. With what is reserved for root, used and free are less than total.'),
    used_percent: { type: 'float', unit: 'percent', desc: 'used of total.' },
    inodes_total_mb: inodes('Inodes, in millions.'),
    inodes_free_mb: inodes('Free inodes, in millions.'),
    inodes_used_mb: inodes('Used inodes, in millions.'),
    inodes_used_percent: {
      type: 'float',
      unit: 'percent',
      desc: 'Used inodes of all.',
      platforms: ['linux', 'darwin'],
    },
    inodes_total: inodes('Inodes. Old: prefer inodes_total_mb.'),
    inodes_free: inodes('Free inodes. Old: prefer inodes_free_mb.'),
    inodes_used: inodes('Used inodes. Old: prefer inodes_used_mb.'),
  },
}
