// Reading and writing `x[e][e]`, and slices.
import { textBytes } from '../../point/text.ts'
import { ScriptFault } from './fault.ts'
import type { Evaluate, Frame } from './frame.ts'
import type { Source } from './source.ts'
import type { Value } from './value.ts'

export interface IndexStep {
  readonly evaluate: Evaluate
  readonly source: Source
  readonly at: number
}

const fail = (step: IndexStep, message: string): never => {
  throw new ScriptFault(message, step.source, step.at)
}

/** A position in a list: negative from the end; out of range is a fault. */
function position(step: IndexStep, list: readonly Value[], index: Value): number {
  if (typeof index !== 'number' && typeof index !== 'bigint') return fail(step, 'key type is not int')
  const at = Number(index) < 0 ? Number(index) + list.length : Number(index)
  return at >= 0 && at < list.length ? at : fail(step, 'list index out of range')
}

/** A missing map key is nil and ends the walk: later indexes are not even evaluated. */
export function indexInto(frame: Frame, object: Value, steps: readonly IndexStep[]): Value {
  let current = object
  for (const step of steps) {
    const key = step.evaluate(frame)
    if (Array.isArray(current)) current = current[position(step, current, key)]
    else if (current instanceof Map) {
      if (typeof key !== 'string') return fail(step, 'key type is not string')
      if (!current.has(key)) return null
      current = current.get(key)
    } else return fail(step, 'not found')
  }
  return current
}

export function indexStore(frame: Frame, object: Value, steps: readonly IndexStep[], given: Value): void {
  const value = given === undefined ? null : given
  let current = object
  for (const [level, step] of steps.entries()) {
    const last = level === steps.length - 1
    const key = step.evaluate(frame)
    if (Array.isArray(current)) {
      const at = position(step, current, key)
      if (last) current[at] = value
      else current = current[at]
    } else if (current instanceof Map) {
      if (typeof key !== 'string') return fail(step, 'key type is not string')
      if (last) current.set(key, value)
      else if (current.has(key)) current = current.get(key)
      else return fail(step, 'key not found')
    } else return fail(step, 'obj not map or list')
  }
}

interface Range {
  readonly start: number | undefined
  readonly end: number | undefined
  readonly step: number | undefined
}

/** The positions that a slice takes, clamped as Python does; an impossible range is empty. */
function positions(length: number, { start, end, step = 1 }: Range): number[] {
  const clamp = (bound: number): number => {
    const at = bound < 0 ? bound + length : bound
    return step > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1)
  }
  const from = start === undefined ? (step > 0 ? 0 : length - 1) : clamp(start)
  const to = end === undefined ? (step > 0 ? length : -1) : clamp(end)
  const list: number[] = []
  if (step > 0) for (let at = from; at < to; at += step) list.push(at)
  else for (let at = from; at > to; at += step) list.push(at)
  return list
}

/** A string is sliced by bytes, and each byte becomes the code point of the same number. */
export function slice(object: string | readonly Value[], range: Range): Value {
  if (typeof object !== 'string') return positions(object.length, range).map((at) => object[at])
  const bytes = textBytes(object)
  let text = ''
  for (const at of positions(bytes.length, range)) text += String.fromCharCode(bytes[at]!)
  return text
}
