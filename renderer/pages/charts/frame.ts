// The samples of one chart: a shared time axis and a column for each field and group, gaps as null.
import type { SeriesView } from '../../../agent-core/contract/index.ts'
import type { PanelSpec } from './panels.ts'

/** null breaks a line; undefined is a time at which another series of the chart had a sample. */
export type Sample = number | null | undefined

export interface Frame {
  readonly times: number[]
  readonly columns: Map<string, Column>
  /** Usual distance of two samples, ms. */
  stepMs: number
}

interface Column {
  readonly field: string
  /** Value of the tag that splits the chart; empty where none does. */
  readonly group: string
  readonly values: Sample[]
}

/** A silence of the live stream that is worth a gap. Shorter ones join on to samples of a collector's own rhythm. */
const LIVE_GAP_MS = 25_000

export const emptyFrame = (): Frame => ({ times: [], columns: new Map(), stepMs: 1000 })

type Tags = Readonly<Record<string, string>>
const groupOf = (spec: PanelSpec, tags: Tags): string => (spec.group ? (tags[spec.group.tag] ?? '') : '')
const columnKey = (field: string, group: string): string => `${field}\n${group}`

/** Joins the series of one chart. Gaps are the agent's, which knows each collector's rhythm: it sends a null. */
export function buildFrame(spec: PanelSpec, series: readonly SeriesView[], stepMs: number): Frame {
  const used = series.filter(({ times }) => times.length > 0)
  const step = Math.max(stepMs, ...used.map(({ times }) => usualStep(times)))
  const times = unionOfTimes(used.map((one) => one.times))
  const at = new Map(times.map((time, index) => [time, index]))
  const columns = new Map<string, Column>()
  for (const one of used) {
    const group = groupOf(spec, one.tags)
    const key = columnKey(one.field, group)
    const column = columns.get(key) ?? { field: one.field, group, values: Array<Sample>(times.length) }
    columns.set(key, column)
    one.times.forEach((time, n) => {
      const index = at.get(time)!
      column.values[index] = added(column.values[index], one.values[n] ?? null)
    })
  }
  return { times, columns, stepMs: step }
}

/** Two series of one group (a disk with two serials) count together. */
const added = (a: Sample, b: Sample): Sample => {
  if (typeof a !== 'number') return b === undefined ? a : b
  return typeof b === 'number' ? a + b : a
}

export interface LiveValue {
  readonly measurement: string
  readonly field: string
  readonly tags: Tags
  readonly value: number | null
}

/** Adds one moment at the end and forgets what is older than `keepFrom`. False when nothing was for this chart. */
export function appendLive(
  spec: PanelSpec,
  frame: Frame,
  time: number,
  values: readonly LiveValue[],
  keepFrom: number,
): boolean {
  const mine = values.filter((one) => one.measurement === spec.measurement && hasTags(one.tags, spec.tags))
  const last = frame.times.at(-1)
  if (mine.length === 0 || (last !== undefined && time <= last)) return false
  if (last !== undefined && time - last > LIVE_GAP_MS) pushRow(frame, last + 1)
  pushRow(frame, time)
  const index = frame.times.length - 1
  for (const { field, tags, value } of mine) {
    const group = groupOf(spec, tags)
    const key = columnKey(field, group)
    let column = frame.columns.get(key)
    if (!column) {
      column = { field, group, values: Array<Sample>(index + 1).fill(null) }
      frame.columns.set(key, column)
    }
    column.values[index] = added(column.values[index], value)
  }
  forgetBefore(frame, keepFrom)
  return true
}

const hasTags = (tags: Tags, wanted: Tags | undefined): boolean =>
  Object.entries(wanted ?? {}).every(([name, value]) => tags[name] === value)

function pushRow(frame: Frame, time: number): void {
  frame.times.push(time)
  for (const { values } of frame.columns.values()) values.push(null)
}

/** In lumps: moving the arrays each second is dearer than some spare rows. */
function forgetBefore(frame: Frame, from: number): void {
  const spare = frame.times.findIndex((time) => time >= from)
  if (spare < 60) return
  frame.times.splice(0, spare)
  for (const { values } of frame.columns.values()) values.splice(0, spare)
}

function usualStep(times: readonly number[]): number {
  if (times.length < 2) return 0
  const steps = times.slice(1, 50).map((time, n) => time - times[n]!)
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]!
}

function unionOfTimes(axes: readonly (readonly number[])[]): number[] {
  const [first, ...rest] = axes
  if (!first) return []
  const alike = rest.every(
    (axis) => axis.length === first.length && axis.every((time, n) => time === first[n]),
  )
  if (alike) return [...first]
  return [...new Set(axes.flat())].sort((a, b) => a - b)
}
