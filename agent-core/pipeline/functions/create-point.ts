// create_point: another point.
import { keyValue, Kind, tag, type KeyValue, type Point } from '../../point/point.ts'
import { ScriptFault } from '../language/fault.ts'
import type { Evaluate, Frame } from '../language/frame.ts'
import { enter, newSession } from '../language/run.ts'
import type { CompiledScript } from '../language/compile.ts'
import { Float, typeName, type Value } from '../language/value.ts'
import { builtPoint } from '../state/built-point.ts'
import { createdCategory } from '../state/created-category.ts'
import type { Call } from '../language/call.ts'
import { defineFunction } from './define-function.ts'

export const createPoint = defineFunction({
  name: 'create_point',
  params: [
    { name: 'name', kind: 'value' },
    { name: 'tags', kind: 'value' },
    { name: 'fields', kind: 'value' },
    { name: 'ts', kind: 'value', default: 'the time of this point' },
    { name: 'category', kind: 'value', default: '"M"' },
    { name: 'after_use', kind: 'literal', default: 'nil' },
  ],
  named: true,
  doc: {
    en: 'Creates a point of a category, to which after_use may send another script. A metric keeps no strings.',
    zh: '创建某类别的数据点，可用 after_use 指定另一脚本处理它。metric 不保留字符串字段。',
  },
  examples: [
    { script: 'create_point("cost", {"host": "h"}, {"ms": 12.5})\nadd_key(a, 1)', expect: { a: 1 } },
  ],
  check: (call) => ({
    name: typed(call, 0, 'string', (v): v is string => typeof v === 'string'),
    tags: optional(call, 1, 'map', (v) => v instanceof Map),
    fields: optional(call, 2, 'map', (v) => v instanceof Map),
    time: optional(call, 3, 'int64', (v) => typeof v === 'number' || typeof v === 'bigint'),
    category: optional(call, 4, 'str', (v) => typeof v === 'string'),
    after: call.has(5) ? call.script(5, 5) : undefined,
    source: call.compiler.source,
    at: call.node.start,
  }),
  run(frame, p) {
    const name = p.name(frame)
    const tags = p.tags(frame)
    const fields = p.fields(frame)
    const time = p.time(frame)
    const category = p.category(frame)
    // An argument that failed makes no point, and the script goes on.
    if (tags === FAILED || fields === FAILED || time === FAILED || category === FAILED) return undefined
    const target = createdCategory(category === null ? 'M' : (category as string))
    if (!target) return undefined
    const stamp = time === null || Number(time) <= 0 ? frame.view.point.time : BigInt(time as number | bigint)
    const point = builtPoint(target, name, given(tags, fields), stamp)
    let dropped = false
    if (p.after)
      try {
        dropped = runAfter(p.after.script!, point, frame)
      } catch (fault) {
        throw fault instanceof ScriptFault ? fault.from(p.source, p.at) : fault
      }
    frame.session.created.push({ category: target, point, dropped })
    return undefined
  },
})

const FAILED = Symbol('failed')

function typed<T extends Value>(
  call: Call,
  index: number,
  type: string,
  is: (value: Value) => value is T,
): (frame: Frame) => T {
  const evaluate = call.value(index)
  return (frame) => {
    const value = evaluate(frame)
    return is(value) ? value : mismatch(call, index, type, value)
  }
}

const mismatch = (call: Call, index: number, type: string, value: Value): never =>
  call.fail(`type of parameter expected to be ${type}, got ${typeName(value)}`, index)

/** A value of a type or nil; a fault while it is evaluated is kept back. */
function optional(
  call: Call,
  index: number,
  type: string,
  is: (value: Value) => boolean,
): (frame: Frame) => Value | typeof FAILED {
  const evaluate: Evaluate = call.value(index)
  return (frame) => {
    let value: Value
    try {
      // What gives no value counts as left out.
      value = evaluate(frame) ?? null
    } catch (fault) {
      if (fault instanceof ScriptFault) return FAILED
      throw fault
    }
    return value === null || is(value) ? value : mismatch(call, index, type, value)
  }
}

function* given(tags: Value, fields: Value): Generator<KeyValue> {
  if (tags instanceof Map)
    for (const [key, value] of tags) if (typeof value === 'string') yield tag(key, value)
  if (!(fields instanceof Map)) return
  for (const [key, value] of fields) {
    const kv = fieldOf(key, value)
    if (kv) yield kv
  }
}

function fieldOf(key: string, value: Value): KeyValue | undefined {
  if (typeof value === 'string') return keyValue(key, Kind.string, value)
  if (typeof value === 'boolean') return keyValue(key, Kind.bool, value)
  if (typeof value === 'number' || typeof value === 'bigint') return keyValue(key, Kind.int, value)
  return value instanceof Float ? keyValue(key, Kind.float, value.value) : undefined
}

/** Runs a script on the new point, which has no tables, no state and no network; true when it dropped it. */
function runAfter(script: CompiledScript, point: Point, frame: Frame): boolean {
  const { environment, category } = frame.session
  const { clock, timeZone } = environment
  const session = newSession({ category, environment: { clock, timeZone } })
  const view = script.set.acquire()
  view.bind(point)
  try {
    enter(script, view, session, frame.trace)
  } finally {
    script.set.release(view)
  }
  return session.dropped
}
