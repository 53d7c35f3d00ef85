// Memory and swap from /proc/meminfo and /proc/vmstat.
import { join } from 'node:path'
import { AgentError } from '../../../kernel/errors.ts'
import type { Integer } from '../../../point/point.ts'
import { multiply, subtract } from '../counter.ts'
import type { MemoryReader, MemoryReading, SwapReader, SwapReading } from '../ports.ts'
import { Scanner } from '../scanner.ts'
import { readSource } from '../source.ts'

const KIB = 1024
/** The page size that swap counters are multiplied with, whatever the machine's own. */
const SWAP_PAGE = 4096

/** Field of the measurement to key of /proc/meminfo; what a kernel does not have is 0. */
const DETAILS = {
  active: 'Active',
  buffered: 'Buffers',
  commit_limit: 'CommitLimit',
  committed_as: 'Committed_AS',
  dirty: 'Dirty',
  free: 'MemFree',
  high_free: 'HighFree',
  high_total: 'HighTotal',
  huge_pages_free: 'HugePages_Free',
  huge_pages_size: 'Hugepagesize',
  huge_pages_total: 'HugePages_Total',
  inactive: 'Inactive',
  low_free: 'LowFree',
  low_total: 'LowTotal',
  mapped: 'Mapped',
  page_tables: 'PageTables',
  shared: 'Shmem',
  slab: 'Slab',
  sreclaimable: 'SReclaimable',
  sunreclaim: 'SUnreclaim',
  swap_cached: 'SwapCached',
  swap_free: 'SwapFree',
  swap_total: 'SwapTotal',
  vmalloc_chunk: 'VmallocChunk',
  vmalloc_total: 'VmallocTotal',
  vmalloc_used: 'VmallocUsed',
  write_back: 'Writeback',
  write_back_tmp: 'WritebackTmp',
} as const

/** `Key: value [kB]`; values with the unit become bytes, counts stay. */
export function parseMeminfo(text: string): Map<string, number> {
  const values = new Map<string, number>()
  for (const scan = new Scanner(text); scan.more; scan.nextLine()) {
    const key = scan.until(':')
    const value = key === undefined ? undefined : scan.integer()
    if (key === undefined || value === undefined) continue
    values.set(key, Number(value) * (scan.word() === 'kB' ? KIB : 1))
  }
  return values
}

export function memoryReading(info: ReadonlyMap<string, number>): MemoryReading {
  const of = (key: string): number => info.get(key) ?? 0
  const total = of('MemTotal')
  const free = of('MemFree')
  const buffers = of('Buffers')
  const cached = of('Cached') + of('SReclaimable')
  const details: Record<string, number> = { cached }
  for (const [field, key] of Object.entries(DETAILS)) details[field] = of(key)
  return {
    total,
    // Kernels before 3.14 do not say; this is what they could give back without swapping.
    available: info.get('MemAvailable') ?? Math.min(total, free + buffers + cached),
    used: Math.max(0, total - free - buffers - cached),
    details,
  }
}

/** Only these two lines of about 150 are wanted. */
export function swapPages(vmstat: string): { in: Integer; out: Integer } {
  return { in: counter(vmstat, 'pswpin '), out: counter(vmstat, 'pswpout ') }
}

function counter(text: string, key: string): Integer {
  const at = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1
  if (at === 0 && !text.startsWith(key)) return 0
  const scan = new Scanner(text.slice(at + key.length, at + key.length + 24))
  return scan.integer() ?? 0
}

function readMeminfo(path: string): Map<string, number> {
  const info = parseMeminfo(readSource(path))
  if (!info.has('MemTotal')) throw new AgentError('INPUT_SOURCE', `${path} (no MemTotal)`)
  return info
}

export function linuxMemory(root: string): MemoryReader {
  const path = join(root, 'proc/meminfo')
  return { read: () => memoryReading(readMeminfo(path)) }
}

export function linuxSwap(root: string): SwapReader {
  const meminfo = join(root, 'proc/meminfo')
  const vmstat = join(root, 'proc/vmstat')
  return {
    read(): SwapReading {
      const info = readMeminfo(meminfo)
      const total = info.get('SwapTotal') ?? 0
      const free = info.get('SwapFree') ?? 0
      const pages = swapPages(readSource(vmstat))
      return {
        total,
        free,
        used: subtract(total, free),
        in: multiply(pages.in, SWAP_PAGE),
        out: multiply(pages.out, SWAP_PAGE),
      }
    },
  }
}
