// What a chart draws of its frame: lines for the chosen group, the scale's end, stacks, and figures in words.
import { byteScale } from '../../format/quantity.ts'
import type { Frame, Sample } from './frame.ts'
import type { PanelSpec } from './panels.ts'

export interface Line {
  /** Key under `charts.line`, or a group's own name. */
  readonly name: string
  readonly isGroup: boolean
  readonly values: readonly Sample[]
}

/** As many as there are series colours. */
const MOST_LINES = 5

/** The groups of a frame that have data of the drawn fields, in the order people count. */
export function groupsOf(spec: PanelSpec, frame: Frame): string[] {
  if (!spec.group) return []
  const drawn = new Set(spec.lines.map(({ field }) => field))
  const groups = [...frame.columns.values()]
    .filter(({ field, values }) => drawn.has(field) && values.some((value) => typeof value === 'number'))
    .map(({ group }) => group)
  return [...new Set(groups)].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))
}

/** `group` undefined is all of them. */
export function linesOf(spec: PanelSpec, frame: Frame, group: string | undefined): Line[] {
  const columns = [...frame.columns.values()]
  if (spec.group?.all === 'each' && group === undefined) return linePerGroup(spec, columns)
  const groups = groupsOf(spec, frame)
  const counted = groups.filter((name) => !spec.group?.repeats?.(name, groups))
  // Where every group repeats another (only a loopback is up), the sum is of them all.
  const summed = new Set(counted.length > 0 ? counted : groups)
  return spec.lines.flatMap(({ name, field }): Line[] => {
    const mine = columns.filter(
      (column) =>
        column.field === field &&
        (!spec.group || (group === undefined ? summed.has(column.group) : column.group === group)),
    )
    if (mine.length === 0) return []
    return [
      {
        name,
        isGroup: false,
        values: mine.length === 1 ? mine[0]!.values : sumOf(mine.map(({ values }) => values)),
      },
    ]
  })
}

/** One line a group of the first field, the fullest first. */
function linePerGroup(
  spec: PanelSpec,
  columns: readonly { readonly field: string; readonly group: string; readonly values: readonly Sample[] }[],
): Line[] {
  const field = spec.lines[0]?.field
  return columns
    .filter((column) => column.field === field)
    .sort((a, b) => (lastValue(b.values) ?? -1) - (lastValue(a.values) ?? -1))
    .slice(0, MOST_LINES)
    .map(({ group, values }) => ({ name: group, isGroup: true, values }))
}

function sumOf(all: readonly (readonly Sample[])[]): Sample[] {
  return Array.from(all[0]!, (_first, n) => {
    let sum: Sample
    for (const values of all) {
      const value = values[n]
      if (typeof value === 'number') sum = (sum ?? 0) + value
      else if (sum === undefined) sum = value
    }
    return sum
  })
}

/** Each line upon the ones before it; where the line has none there is none. */
export function stackOf(lines: readonly Line[]): (readonly Sample[])[] {
  const stacks: Sample[][] = []
  for (const { values } of lines) {
    const below = stacks.at(-1)
    stacks.push(
      below
        ? Array.from(values, (value, n) => (typeof value === 'number' ? value + (below[n] ?? 0) : value))
        : [...values],
    )
  }
  return stacks
}

export function lastValue(values: readonly Sample[]): number | null {
  return values.findLast((value) => typeof value === 'number') ?? null
}

/** Figures that end a scale well: quarters of it are short too. */
const STEPS = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10]

/** The end of a scale that holds `max`, in the unit's own counting. */
export function niceTop(max: number, unit: PanelSpec['unit']): number {
  if (!(max > 0)) return unit === 'bytes' || unit === 'byteRate' ? 1024 : 1
  const { divisor } = unit === 'bytes' || unit === 'byteRate' ? byteScale(max) : { divisor: 1 }
  const scaled = max / divisor
  const power = 10 ** Math.floor(Math.log10(scaled))
  const step = STEPS.find((one) => one * power >= scaled * 0.999_999) ?? 10
  return step * power * divisor
}

/** Where the scale of a chart ends: at the whole where there is one, at 100 % for shares. */
export function topOf(
  spec: PanelSpec,
  frame: Frame,
  drawn: readonly (readonly Sample[])[],
  from: number,
  to: number,
): number {
  const total = [...frame.columns.values()].find(({ field }) => field === spec.total)
  const whole = total && lastValue(total.values)
  if (whole) return whole
  let max = 0
  for (const values of drawn)
    for (let n = 0; n < values.length; n++) {
      const value = values[n]
      if (typeof value === 'number' && value > max && frame.times[n]! >= from && frame.times[n]! <= to)
        max = value
    }
  if (spec.unit === 'percent') return Math.max(100, max)
  return niceTop(max * 1.05, spec.unit)
}

/** A sample this near is meant, also where a collector is slower than the rest of the chart. */
const NEAR_MS = 25_000

/** Index of the sample nearest to a time, or undefined when none is near. */
export function indexAt(frame: Pick<Frame, 'times' | 'stepMs'>, time: number): number | undefined {
  const { times, stepMs } = frame
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  const candidates = [low - 1, low].filter((n) => n >= 0 && n < times.length)
  const nearest = candidates.sort((a, b) => Math.abs(times[a]! - time) - Math.abs(times[b]! - time))[0]
  return nearest !== undefined && Math.abs(times[nearest]! - time) <= Math.max(NEAR_MS, 2 * stepMs)
    ? nearest
    : undefined
}

/** The value at an index, or of the nearest earlier row that only another series filled. */
export function valueAt(values: readonly Sample[], index: number): number | null {
  for (let n = index; n >= 0; n--) if (values[n] !== undefined) return values[n] ?? null
  return null
}

export interface Summary {
  readonly latest: number | null
  readonly min: number | null
  readonly mean: number | null
  readonly max: number | null
}

export function summaryOf(values: readonly Sample[]): Summary {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0]
  for (const value of values) {
    if (typeof value !== 'number') continue
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    count++
  }
  if (count === 0) return { latest: null, min: null, mean: null, max: null }
  return { latest: lastValue(values), min, mean: sum / count, max }
}
