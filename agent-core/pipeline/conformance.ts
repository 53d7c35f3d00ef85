// A case of the pipeline corpus: runs it and says what differs. The format is the conformance README's.
import type { Clock } from '../kernel/clock.ts'
import { parseCategory } from '../point/category.ts'
import { Kind, keyValue, makePoint, tag, type Element, type KeyValue, type Point } from '../point/point.ts'
import { bytesText, textBytes } from '../point/text.ts'
import type { Environment } from './environment.ts'
import { compileScript, type CompiledScript } from './language/compile.ts'
import { scriptErrorText, type ScriptError } from './language/fault.ts'
import { runScript, type RunOutcome } from './language/run.ts'
import { createReferTables, type ReferTableDocument } from './state/refer-tables.ts'
import { newScriptState } from './state/state.ts'

interface TypedValue {
  readonly v: unknown
  readonly t: string
}

export interface CasePoint {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, TypedValue>>
  readonly time: string | null
}

interface Expectation {
  readonly outcome: 'ok' | 'compile_error' | 'runtime_error' | 'dropped'
  readonly point?: CasePoint
  readonly message?: string
  readonly message_exact?: boolean
  readonly chain?: readonly string[]
  readonly created?: readonly (CasePoint & { readonly category?: string })[]
  readonly window?: readonly CasePoint[]
  readonly loose?: Readonly<Record<string, string>>
  readonly results?: readonly Expectation[]
  readonly agg?: Readonly<Record<string, readonly CasePoint[]>>
}

export interface PipelineCase {
  readonly id: string
  readonly category: string
  /** File name of the script. */
  readonly name: string
  readonly script: string
  readonly extra_scripts?: Readonly<Record<string, string>>
  readonly point?: CasePoint
  readonly points?: readonly CasePoint[]
  readonly refer_tables?: readonly ReferTableDocument[]
  readonly expect: Expectation
}

/** One difference a line; none when the case passes. */
export function runPipelineCase(test: PipelineCase, clock: Pick<Clock, 'now' | 'nowNs'>): string[] {
  const others = new Map(Object.entries(test.extra_scripts ?? {}))
  const compiled = compileScript({ name: test.name, source: test.script, others })
  const { expect } = test
  if (!compiled.script) {
    if (expect.outcome !== 'compile_error')
      return [
        `outcome: wanted ${expect.outcome}, got compile_error: ${scriptErrorText(compiled.firstError!)}`,
      ]
    return compareError(expect, compiled.firstError!)
  }
  if (expect.outcome === 'compile_error')
    return [`outcome: wanted compile_error (${expect.message}), but it compiles`]
  return runCompiled(test, compiled.script, clock)
}

function runCompiled(
  test: PipelineCase,
  script: CompiledScript,
  clock: Pick<Clock, 'now' | 'nowNs'>,
): string[] {
  const { expect } = test
  const tables = test.refer_tables ? createReferTables(test.refer_tables) : undefined
  const environment: Environment = {
    clock,
    timeZone: 'UTC',
    ...(tables?.ok ? { referTables: tables.value } : {}),
  }
  const state = newScriptState(clock)
  const category = parseCategory(test.category)!
  const run = (given: CasePoint, wanted: Expectation): string[] => {
    const point = toPoint(given)
    const outcome = runScript(script, point, { category, environment, state })
    return compareOutcome(wanted, outcome, point)
  }
  const differences = expect.results
    ? expect.results.flatMap((wanted, i) => run(test.points![i]!, wanted).map((d) => `[${i}] ${d}`))
    : run(test.point!, expect)
  if (expect.agg) {
    const flushed = [...state.aggregation.take(), ...state.aggregation.close()]
    const got = new Map<string, CasePoint[]>()
    for (const { category, bucket, point } of flushed) {
      const key = `${category}/${bucket}`
      got.set(key, [...(got.get(key) ?? []), { ...fromPoint(point), time: null }])
    }
    const sorted = (points: readonly CasePoint[]): string =>
      JSON.stringify(points.map((p) => canonical(p)).sort())
    for (const key of new Set([...Object.keys(expect.agg), ...got.keys()])) {
      const wanted = sorted(expect.agg[key] ?? [])
      const actual = sorted(got.get(key) ?? [])
      if (wanted !== actual) differences.push(`agg ${key}: wanted ${wanted}, got ${actual}`)
    }
  }
  return differences
}

function compareError(expect: Expectation, error: ScriptError): string[] {
  const [first = '', ...chain] = scriptErrorText(error).split('\n')
  const place = /^.*?:\d+:\d+:/
  const differences: string[] = []
  // A message of several lines runs on into what looks like the chain.
  if (
    expect.message_exact
      ? expect.message !== first
      : place.exec(expect.message ?? '')?.[0] !== place.exec(first)?.[0]
  )
    if (expect.message) differences.push(`message: wanted ${expect.message}, got ${first}`)
  if (expect.message_exact && JSON.stringify(expect.chain ?? []) !== JSON.stringify(chain))
    differences.push(`chain: wanted ${JSON.stringify(expect.chain ?? [])}, got ${JSON.stringify(chain)}`)
  return differences
}

function compareOutcome(expect: Expectation, outcome: RunOutcome, point: Point): string[] {
  const got = outcome.error ? 'runtime_error' : outcome.dropped ? 'dropped' : 'ok'
  const differences: string[] = []
  if (got !== expect.outcome)
    differences.push(
      `outcome: wanted ${expect.outcome}, got ${got}${outcome.error ? `: ${scriptErrorText(outcome.error)}` : ''}`,
    )
  else if (outcome.error) differences.push(...compareError(expect, outcome.error))
  if (expect.point) differences.push(...comparePoint(expect.point, fromPoint(point), expect.loose))
  const created = outcome.created.map(({ category, point }) => ({ category, ...fromPoint(point) }))
  if ((expect.created?.length ?? 0) !== created.length)
    differences.push(`created: wanted ${expect.created?.length ?? 0}, got ${JSON.stringify(created)}`)
  else
    for (const [i, wanted] of (expect.created ?? []).entries()) {
      if (wanted.category !== undefined && wanted.category !== created[i]!.category)
        differences.push(`created[${i}].category: wanted ${wanted.category}, got ${created[i]!.category}`)
      differences.push(...comparePoint(wanted, created[i]!, undefined).map((d) => `created[${i}].${d}`))
    }
  if (expect.window) {
    const byTime = (points: readonly CasePoint[]): string =>
      JSON.stringify(
        [...points].sort((a, b) => Number(BigInt(a.time!) - BigInt(b.time!))).map((p) => canonical(p)),
      )
    const wanted = byTime(expect.window)
    const actual = byTime(outcome.released.map(fromPoint))
    if (wanted !== actual) differences.push(`window: wanted ${wanted}, got ${actual}`)
  } else if (outcome.released.length > 0)
    differences.push(`window: wanted none, got ${outcome.released.length}`)
  return differences
}

function comparePoint(
  wanted: CasePoint,
  got: CasePoint,
  loose: Readonly<Record<string, string>> | undefined,
): string[] {
  const differences: string[] = []
  if (wanted.name !== got.name) differences.push(`name: wanted ${wanted.name}, got ${got.name}`)
  if (wanted.time !== got.time) differences.push(`time: wanted ${wanted.time}, got ${got.time}`)
  const compare = (
    kind: string,
    a: Readonly<Record<string, unknown>>,
    b: Readonly<Record<string, unknown>>,
  ): void => {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const x = canonical(a[key])
      const y = canonical(b[key])
      const prefix = loose?.[key]
      if (prefix !== undefined && String((b[key] as TypedValue | undefined)?.v).startsWith(prefix)) continue
      if (x !== y) differences.push(`${kind} ${key}: wanted ${x}, got ${y}`)
    }
  }
  compare('tag', wanted.tags, got.tags)
  compare('field', wanted.fields, got.fields)
  return differences
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'object' && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    ) ?? 'absent'
  )
}

// --- typed values

const FLOATS: Readonly<Record<string, number>> = { NaN, '+Inf': Infinity, '-Inf': -Infinity, '-0': -0 }

export function toPoint({ name, tags, fields, time }: CasePoint): Point {
  const kvs: KeyValue[] = Object.entries(tags).map(([key, text]) => tag(key, text))
  for (const [key, value] of Object.entries(fields)) {
    const element = toElement(value)
    kvs.push(keyValue(key, element.kind, element.value))
  }
  return makePoint(name, kvs, BigInt(time ?? 0))
}

const canonicalInt = (text: string): number | bigint =>
  Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)

function toElement({ v, t }: TypedValue): Element {
  switch (t) {
    case 'int':
      return { kind: Kind.int, value: canonicalInt(v as string) }
    case 'uint':
      return { kind: Kind.uint, value: canonicalInt(v as string) }
    case 'float':
      return { kind: Kind.float, value: typeof v === 'string' ? FLOATS[v]! : (v as number) }
    case 'bool':
      return { kind: Kind.bool, value: v as boolean }
    case 'string':
      return { kind: Kind.string, value: v as string }
    case 'string_b64':
      return { kind: Kind.string, value: bytesText(Buffer.from(v as string, 'base64')) }
    case 'bytes':
      return { kind: Kind.bytes, value: Buffer.from(v as string, 'base64') }
    case 'list':
      return { kind: Kind.array, value: (v as TypedValue[]).map(toElement) }
    case 'map':
      return {
        kind: Kind.map,
        value: new Map(Object.entries(v as Record<string, TypedValue>).map(([k, x]) => [k, toElement(x)])),
      }
    default:
      return { kind: Kind.nil, value: null }
  }
}

export function fromPoint(point: Point): CasePoint {
  const tags: [string, string][] = []
  const fields: [string, TypedValue][] = []
  for (const kv of point.kvs)
    if (kv.isTag) tags.push([kv.key, kv.value as string])
    else fields.push([kv.key, fromElement(kv)])
  return {
    name: point.name,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(fields),
    time: point.time.toString(),
  }
}

function fromElement({ kind, value }: Element): TypedValue {
  switch (kind) {
    case Kind.int:
      return { t: 'int', v: String(value) }
    case Kind.uint:
      return { t: 'uint', v: String(value) }
    case Kind.float:
      return { t: 'float', v: floatForm(value as number) }
    case Kind.bool:
      return { t: 'bool', v: value }
    case Kind.string: {
      const text = value as string
      if (text.isWellFormed()) return { t: 'string', v: text }
      return { t: 'string_b64', v: textBytes(text).toString('base64') }
    }
    case Kind.bytes:
      return { t: 'bytes', v: Buffer.from(value as Uint8Array).toString('base64') }
    case Kind.array:
      return { t: 'list', v: (value as readonly Element[]).map(fromElement) }
    case Kind.map: {
      const entries = [...(value as ReadonlyMap<string, Element>)].map(
        ([k, x]) => [k, fromElement(x)] as const,
      )
      return { t: 'map', v: Object.fromEntries(entries) }
    }
    default:
      return { t: 'nil', v: null }
  }
}

function floatForm(value: number): number | string {
  if (Object.is(value, -0)) return '-0'
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
