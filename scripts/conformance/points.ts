// The corpus of points: bodies of write calls and what becomes of them.
import { createHash } from 'node:crypto'
import { CATEGORIES, type Category } from '../../agent-core/point/category.ts'
import { decodeBody, type BodyFault, type Encoding } from '../../agent-core/point/decode.ts'
import { encodeLine } from '../../agent-core/point/line-protocol.ts'
import {
  Kind,
  MetricType,
  type AnyValue,
  type Element,
  type KeyValue,
  type Point,
} from '../../agent-core/point/point.ts'
import { anyValue, encodePoints } from '../../agent-core/point/protobuf.ts'
import { compareText, textBytes } from '../../agent-core/point/text.ts'
import { isUtf8 } from 'node:buffer'
import { compareValues, judge, type Case, type Corpus, type Departure, type Difference } from './corpus.ts'

interface PointCase extends Case {
  readonly encoding: Encoding
  readonly category: string
  readonly precision: string
  readonly now: string
  readonly body?: string
  readonly body_b64?: string
  readonly body_parts?: readonly {
    readonly s?: string
    readonly b64?: string
    readonly repeat?: string
    readonly n?: number
  }[]
  readonly expect: {
    readonly error?: { readonly code: string; readonly status: number; readonly reasons?: readonly string[] }
    readonly points?: readonly Record<string, unknown>[]
    readonly lp?: readonly unknown[]
    readonly pb?: unknown
    readonly counts_only?: unknown
  }
}

/** Quirks that a user would be surprised by: docs/compatibility.md. */
const POINT_DEPARTURES: readonly Departure[] = [
  {
    rule: 'a line protocol value that cannot be read refuses the body; nothing is dropped in silence',
    quirk: /silent|nested brackets/,
  },
  { rule: 'a comment ends at its newline', quirk: /quotes inside comments/ },
]

export const pointsCorpus: Corpus = {
  prefix: 'points',
  run: (test) => judge(test, runPointCase(test as PointCase), POINT_DEPARTURES),
}

function runPointCase(test: PointCase): Difference[] {
  const now = BigInt(test.now)
  const answer = decode(test, now)
  const { error } = test.expect
  if (!answer.ok) {
    const got = { code: `datakit.${answer.error.code}`, status: 400, reasons: answer.error.reasons }
    if (!error) return [{ path: 'error', expected: undefined, got }]
    return compareValues(
      { code: error.code, status: error.status, reasons: error.reasons },
      error.reasons ? got : { ...got, reasons: undefined },
      'error',
    )
  }
  if (error) return [{ path: 'error', expected: error, got: undefined }]
  return comparePoints(test, answer.points, now)
}

type Answer =
  | { readonly ok: true; readonly points: Point[] }
  | { readonly ok: false; readonly error: Pick<BodyFault, 'reasons'> & { readonly code: string } }

function decode(test: PointCase, now: bigint): Answer {
  const category = CATEGORIES.find((c) => c.local && c.name === test.category)?.name
  if (!category) return { ok: false, error: { code: 'invalidCategory', reasons: [] } }
  const { encoding, precision } = test
  const result = decodeBody({
    encoding,
    category: category as Category,
    precision,
    now,
    body: caseBody(test),
  })
  return result.ok ? { ok: true, points: result.value } : result
}

/** The bytes of a case's body. */
export function caseBody(test: Case): Buffer {
  const { encoding, body, body_b64, body_parts } = test as PointCase
  if (body_b64 !== undefined) return Buffer.from(body_b64, 'base64')
  if (body_parts)
    return Buffer.concat(
      body_parts.map((part) =>
        part.b64 === undefined
          ? Buffer.from(part.s ?? part.repeat!.repeat(part.n!))
          : Buffer.from(part.b64, 'base64'),
      ),
    )
  return Buffer.from(body!, encoding === 'protobuf' ? 'base64' : 'utf8')
}

function comparePoints(test: PointCase, points: readonly Point[], now: bigint): Difference[] {
  const { expect } = test
  const wanted = floats(expect.points!) as readonly Record<string, unknown>[]
  const differences = compareValues(wanted.length, points.length, 'points.length')
  const countsOnly = 'counts_only' in expect || 'counts_only' in test
  for (const [i, want] of wanted.entries()) {
    const point = points[i]
    if (!point) continue
    const got = pointRecord(point, now, want['time'] === 'NOW', 'debugs' in want)
    const [a, b] = countsOnly || 'tag_count' in want ? fixedParts(want, got, point) : [want, got]
    differences.push(...compareValues(a, b, `points[${i}]`))
  }
  if (countsOnly || wanted.some((want) => 'tag_count' in want)) return differences
  if (expect.lp) differences.push(...compareValues(expect.lp, points.map(lineRecord), 'lp'))
  if (expect.pb !== undefined) differences.push(...compareValues(expect.pb, protobufRecord(points), 'pb'))
  return differences
}

/** Floats as numbers: the corpus writes them as text. */
function floats(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(floats)
  const entries = Object.entries(value)
  if (entries.some(([key, item]) => key === 't' && item === 'f'))
    return { ...value, v: Number(String((value as { v?: unknown }).v).replace('Inf', 'Infinity')) }
  return Object.fromEntries(entries.map(([key, item]) => [key, floats(item)]))
}

/** Both sides without what is open where only the number of tags and fields is fixed. */
function fixedParts(
  want: Record<string, unknown>,
  got: Record<string, unknown>,
  point: Point,
): [Record<string, unknown>, Record<string, unknown>] {
  const tags = point.kvs.filter((kv) => kv.isTag).length
  const all: Record<string, unknown> = { ...got, tag_count: tags, field_count: point.kvs.length - tags }
  const keys = Object.keys(want).filter((key) => key !== 'tags' && key !== 'fields')
  const pick = (from: Record<string, unknown>) => Object.fromEntries(keys.map((key) => [key, from[key]]))
  return [pick(want), pick(all)]
}

function pointRecord(
  point: Point,
  now: bigint,
  isDefault: boolean,
  withDebugs: boolean,
): Record<string, unknown> {
  const tags: Record<string, unknown> = {}
  const fields: Record<string, unknown> = {}
  for (const kv of point.kvs) {
    if (kv.isTag) tags[keyText(kv.key)] = textRecord(kv.value as string)
    else fields[keyText(kv.key)] = fieldRecord(kv)
  }
  return {
    name: textRecord(point.name),
    tags,
    fields,
    time: isDefault && point.time === now ? 'NOW' : String(point.time),
    warns: sortedWarns(point).map(({ type, message }) => ({ type, msg: message })),
    ...(withDebugs || point.debugs.length > 0 ? { debugs: point.debugs } : {}),
  }
}

const sortedWarns = (point: Point) =>
  point.warns.toSorted((a, b) => compareText(a.type, b.type) || compareText(a.message, b.message))

function keyText(key: string): string {
  const bytes = textBytes(key)
  return isUtf8(bytes) ? key : `b64:${bytes.toString('base64')}`
}

const digest = (bytes: Uint8Array) => ({
  len: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

function textRecord(text: string): unknown {
  const bytes = textBytes(text)
  if (bytes.length > 4096) return digest(bytes)
  return isUtf8(bytes) ? text : { b64: bytes.toString('base64') }
}

const LETTERS = { [Kind.int]: 'i', [Kind.uint]: 'u', [Kind.float]: 'f', [Kind.bool]: 'b' } as const

function fieldRecord(kv: KeyValue): Record<string, unknown> {
  const names = Object.keys(MetricType).map((name) => name.toUpperCase())
  return {
    ...elementRecord(kv),
    ...(kv.type === 0 ? {} : { type: names[kv.type] ?? String(kv.type) }),
    ...(kv.unit === '' ? {} : { unit: kv.unit }),
  }
}

function elementRecord({ kind, value }: Element): Record<string, unknown> {
  switch (kind) {
    case Kind.nil:
      return { t: 'nil' }
    case Kind.string:
      return { t: 's', v: textRecord(value as string) }
    case Kind.bool:
      return { t: 'b', v: value }
    case Kind.bytes:
      return { t: 'd', v: Buffer.from(value as Uint8Array).toString('base64') }
    case Kind.array:
      return { t: 'a', v: (value as readonly Element[]).map(elementRecord) }
    case Kind.map:
    case Kind.any: {
      const { typeUrl, bytes }: AnyValue = anyValue({ kind, value })
      return { t: 'any', type_url: typeUrl, v: Buffer.from(bytes).toString('base64') }
    }
    case Kind.float:
      return { t: 'f', v: value as number }
    default:
      return { t: LETTERS[kind], v: String(value) }
  }
}

function lineRecord(point: Point): unknown {
  const line = encodeLine(point)
  return line.ok ? textRecord(line.value) : { error: line.error.data?.['reason'] }
}

function protobufRecord(points: readonly Point[]): unknown {
  const sorted = points.map((point) => ({
    ...point,
    kvs: point.kvs.toSorted((a, b) => compareText(a.key, b.key)),
    warns: sortedWarns(point),
  }))
  const bytes = encodePoints(sorted)
  return bytes.length > 256 * 1024 ? digest(bytes) : bytes.toString('base64')
}
