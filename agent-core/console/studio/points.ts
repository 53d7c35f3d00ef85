// Points between the contract's typed views and what lanes take: values keep their type, integers every digit.
import { maskSecrets } from '../../kernel/secrets.ts'
import { decodeBody } from '../../point/decode.ts'
import type { Category } from '../../point/category.ts'
import type { PointView, Sample, TypedValue } from '../../contract/pipelines.ts'
import { fromPoint, type CasePoint } from '../../pipeline/conformance.ts'
import { Kind, lookup, type Point } from '../../point/point.ts'
import { masked } from '../tap.ts'
import { err, ok, type Result } from '../../kernel/result.ts'

type CaseValue = CasePoint['fields'][string]

/** Longer texts are cut on their way to a console. */
const MOST_TEXT = 65_536

const KINDS: Readonly<Record<string, TypedValue['kind']>> = {
  int: 'int',
  uint: 'uint',
  float: 'float',
  bool: 'bool',
  string: 'str',
  string_b64: 'str',
  bytes: 'bytes',
  list: 'list',
  map: 'map',
}

export function viewPoint({ name, tags, fields, time }: CasePoint): PointView {
  return {
    name,
    time: time ?? '',
    keys: [
      ...Object.entries(tags).map(([key, text]) => ({ key, tag: true, value: cut({ kind: 'str', text }) })),
      ...Object.entries(fields).map(([key, value]) => ({ key, tag: false, value: viewValue(value) })),
    ],
  }
}

export function viewValue({ t, v }: CaseValue): TypedValue {
  const kind = KINDS[t] ?? 'nil'
  return kind === 'nil' ? { kind, text: '' } : cut({ kind, text: textOf(t, v) })
}

function textOf(t: string, v: unknown): string {
  if (t === 'string_b64') return Buffer.from(String(v), 'base64').toString()
  if (t === 'list' || t === 'map') return JSON.stringify(plain({ t, v }))
  return String(v)
}

/** A native list or map as plain JSON. */
function plain({ t, v }: CaseValue): unknown {
  if (t === 'list') return (v as CaseValue[]).map(plain)
  if (t === 'map')
    return Object.fromEntries(Object.entries(v as Record<string, CaseValue>).map(([k, x]) => [k, plain(x)]))
  return t === 'int' || t === 'uint' ? Number(v) : v
}

export function cut(value: TypedValue): TypedValue {
  if (value.text.length <= MOST_TEXT) return value
  return { ...value, text: value.text.slice(0, MOST_TEXT), length: Buffer.byteLength(value.text) }
}

/** The one point of a sample. `now` in ns is the time of what brings none. */
export function samplePoint(
  sample: Sample,
  script: { readonly category: Category; readonly name: string },
  now: bigint,
): Result<CasePoint, string> {
  if (sample.format === 'message') {
    const name = sample.source ?? script.name.replace(/\.p$/, '')
    return ok({ name, tags: {}, fields: { message: { t: 'string', v: sample.text } }, time: String(now) })
  }
  const body = Buffer.from(sample.text)
  const points = decodeBody({ body, encoding: sample.format, category: script.category, precision: 'n', now })
  if (!points.ok) return err(points.error.message)
  if (points.value.length > 1) return err(`a sample is one point, this text holds ${points.value.length}`)
  return ok(fromPoint(points.value[0]!))
}

/** A copy whose texts show no secret: what the studio keeps may end up in a file of cases. */
export const maskPoint = (point: Point): Point => ({
  ...point,
  kvs: point.kvs.map((kv) =>
    kv.kind === Kind.string ? { ...kv, value: masked(kv.key, kv.value as string) } : { ...kv },
  ),
})

/** The same for what a console is shown of a point. */
export const maskView = (point: PointView): PointView => ({
  ...point,
  keys: point.keys.map((one) => ({ ...one, value: maskValue(one.key, one.value) })),
})

function maskValue(key: string, value: TypedValue): TypedValue {
  if (value.kind === 'str') return { ...value, text: masked(key, value.text) }
  return value.kind === 'list' || value.kind === 'map' ? { ...value, text: maskSecrets(value.text) } : value
}

const SUMMARY_LENGTH = 200

/** The message, else all keys, in a line. */
export function summaryOf(point: Point): string {
  const message = lookup(point, 'message')
  const text = message
    ? String(message.value)
    : point.kvs.map(({ key, value }) => `${key}=${String(value)}`).join(' ')
  return text.slice(0, SUMMARY_LENGTH)
}
