// The charts of the page: which fields they draw, in which unit, split by which tag.
import type { SeriesQuery } from '../../../agent-core/contract/index.ts'
import type { TickUnit } from '../../format/quantity.ts'

export type PanelId = 'cpu' | 'load' | 'memory' | 'swap' | 'diskio' | 'network' | 'disk'

interface LineSpec {
  /** Its name stands under `charts.line` in the locale files. */
  readonly name: string
  readonly field: string
}

export interface PanelSpec {
  readonly id: PanelId
  /** The collector whose measurement it draws; both have the same name. */
  readonly measurement: string
  readonly tags?: Readonly<Record<string, string>>
  readonly unit: TickUnit
  readonly lines: readonly LineSpec[]
  /** Lines lie upon each other: together they are a whole. */
  readonly stacked?: true
  /** Field of the whole that the scale ends at. */
  readonly total?: string
  readonly group?: {
    readonly tag: string
    /** All groups in one: added up a line, or one line a group (then there is one field). */
    readonly all: 'sum' | 'each'
    /** Groups that would count something twice in a sum. */
    readonly repeats?: (group: string, groups: readonly string[]) => boolean
  }
}

/** Partitions of a listed disk, and loop and mapper devices that live on one. */
export function isPartOfDisk(name: string, disks: readonly string[]): boolean {
  if (/^\/dev\/(loop|dm-|md|zram)/.test(name)) return true
  return disks.some(
    (disk) => name !== disk && name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length)),
  )
}

const isLoopback = (name: string): boolean => /^lo\d*$|^loopback/i.test(name)

export const PANELS: readonly PanelSpec[] = [
  {
    id: 'cpu',
    measurement: 'cpu',
    tags: { cpu: 'cpu-total' },
    unit: 'percent',
    stacked: true,
    lines: [
      { name: 'user', field: 'usage_user' },
      { name: 'system', field: 'usage_system' },
      { name: 'iowait', field: 'usage_iowait' },
    ],
  },
  {
    id: 'load',
    measurement: 'system',
    unit: 'ratio',
    lines: [
      { name: 'load1', field: 'load1' },
      { name: 'load5', field: 'load5' },
      { name: 'load15', field: 'load15' },
    ],
  },
  {
    id: 'memory',
    measurement: 'mem',
    unit: 'bytes',
    stacked: true,
    total: 'total',
    lines: [
      { name: 'used', field: 'used' },
      { name: 'cached', field: 'cached' },
    ],
  },
  {
    id: 'swap',
    measurement: 'swap',
    unit: 'bytes',
    total: 'total',
    lines: [{ name: 'used', field: 'used' }],
  },
  {
    id: 'diskio',
    measurement: 'diskio',
    unit: 'byteRate',
    lines: [
      { name: 'read', field: 'read_bytes/sec' },
      { name: 'write', field: 'write_bytes/sec' },
    ],
    group: { tag: 'name', all: 'sum', repeats: isPartOfDisk },
  },
  {
    id: 'network',
    measurement: 'net',
    unit: 'byteRate',
    lines: [
      { name: 'in', field: 'bytes_recv/sec' },
      { name: 'out', field: 'bytes_sent/sec' },
    ],
    group: { tag: 'interface', all: 'sum', repeats: isLoopback },
  },
  {
    id: 'disk',
    measurement: 'disk',
    unit: 'percent',
    lines: [{ name: 'used', field: 'used_percent' }],
    group: { tag: 'mount_point', all: 'each' },
  },
]

/** Fields that the table of volumes needs besides the chart's. */
const VOLUME_FIELDS = ['used', 'total'] as const

export function queriesOf(spec: PanelSpec): SeriesQuery[] {
  const fields = spec.lines.map(({ field }) => field)
  if (spec.total) fields.push(spec.total)
  if (spec.id === 'disk') fields.push(...VOLUME_FIELDS)
  const { measurement, tags } = spec
  return fields.map((field) => (tags ? { measurement, field, tags } : { measurement, field }))
}
