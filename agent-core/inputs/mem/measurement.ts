// What the mem collector emits.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const field =
  (type: FieldInfo['type'], unit: string, ...platforms: NodeJS.Platform[]) =>
  (desc: string): FieldInfo => ({ type, unit, desc, ...(platforms.length > 0 ? { platforms } : {}) })

const bytes = field('uint', 'B')
const percent = field('float', 'percent')
const unixBytes = field('uint', 'B', 'linux', 'darwin')
const macBytes = field('uint', 'B', 'darwin')
const linuxBytes = field('uint', 'B', 'linux')
const linuxCount = field('uint', 'count', 'linux')

export const memMeasurement: MeasurementInfo = {
  name: 'mem',
  category: 'metric',
  desc: 'Physical memory.',
  tags: {},
  fields: {
    total: bytes('All memory.'),
    available: bytes('What programs can get without swapping.'),
    used: bytes('In use; on Linux without buffers and cache, elsewhere total less available.'),
    used_percent: percent('used of total.'),
    available_percent: percent('available of total.'),
    active: unixBytes('Used lately.'),
    free: unixBytes('Used for nothing.'),
    inactive: unixBytes('Not used lately.'),
    wired: macBytes('Always in memory.'),
    buffered: linuxBytes('Buffers of block devices.'),
    cached: linuxBytes('Page cache with reclaimable slab.'),
    commit_limit: linuxBytes('What may be promised to programs.'),
    committed_as: linuxBytes('What is promised to programs.'),
    dirty: linuxBytes('To be written to disk.'),
    high_free: linuxBytes('Free high memory (32-bit kernels).'),
    high_total: linuxBytes('High memory (32-bit kernels).'),
    huge_pages_free: linuxCount('Free huge pages.'),
    huge_pages_size: linuxBytes('Size of one huge page.'),
    huge_pages_total: linuxCount('Reserved huge pages.'),
    low_free: linuxBytes('Free low memory (32-bit kernels).'),
    low_total: linuxBytes('Low memory (32-bit kernels).'),
    mapped: linuxBytes('Files mapped into programs.'),
    page_tables: linuxBytes('Page tables.'),
    shared: linuxBytes('Shared memory and tmpfs.'),
    slab: linuxBytes('Data structures of the kernel.'),
    sreclaimable: linuxBytes('Slab that can be given back.'),
    sunreclaim: linuxBytes('Slab that cannot be given back.'),
    swap_cached: linuxBytes('In memory and in swap.'),
    swap_free: linuxBytes('Free swap.'),
    swap_total: linuxBytes('All swap.'),
    vmalloc_chunk: linuxBytes('Largest free block of the vmalloc area.'),
    vmalloc_total: linuxBytes('The vmalloc area.'),
    vmalloc_used: linuxBytes('Used of the vmalloc area.'),
    write_back: linuxBytes('Being written to disk.'),
    write_back_tmp: linuxBytes('Being written by FUSE.'),
  },
}
