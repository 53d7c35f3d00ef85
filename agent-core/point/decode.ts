// From the body of a write call to points: encoding, time rules, checks, in the error codes of the HTTP API
// (spec points-io-http.md sections 1 and 4.1). No body makes this throw.
import { checkPoint, checkRules, LIMITS } from './check.ts'
import type { Category } from './category.ts'
import { decodeJson } from './json-decode.ts'
import {
  bodyText,
  failedLinesMessage,
  readLines,
  type FailedLine,
  type Line,
} from './line-protocol-decode.ts'
import { makePoint, setKeyValue, tag, type KeyValue, type Point } from './point.ts'
import { decodePoints } from './protobuf-decode.ts'
import { compareText } from './text.ts'
import { positiveTime, scaleTime } from './time.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export type Encoding = 'line-protocol' | 'protobuf' | 'json' | 'pbjson'

/** Media types of bodies, as sent and as understood. */
export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  'line-protocol': 'application/line-protocol',
  protobuf: 'application/protobuf; proto=com.guance.Point',
  json: 'application/json',
  pbjson: 'application/pbjson; proto=com.guance.Point',
}

/** The encoding that a Content-Type means; whatever is not named is line protocol. */
export function encodingOf(contentType: string): Encoding {
  if (contentType.includes(CONTENT_TYPES.json)) return 'json'
  if (contentType === CONTENT_TYPES.protobuf) return 'protobuf'
  return contentType === CONTENT_TYPES.pbjson ? 'pbjson' : 'line-protocol'
}

export type BodyFaultCode =
  | 'emptyBody'
  | 'invalidLinePoint'
  | 'invalidJsonPoint'
  | 'invalidProtobufPoint'
  | 'noPoints'
  | 'pointGotWarning'

/** Why a body is refused as a whole; the HTTP API answers 400 with `datakit.<code>`. */
export interface BodyFault {
  readonly code: BodyFaultCode
  readonly message: string
  /** Line protocol: one a failed line. */
  readonly reasons: readonly string[]
}

export interface Body {
  readonly encoding: Encoding
  readonly category: Category
  /** n, u, ms, s, m, h; '' guesses for each point. */
  readonly precision: string
  readonly body: Uint8Array
  /** ns; the time of points that carry none. */
  readonly now: bigint
  /** The first warn of the agent's own refuses the body. */
  readonly strict?: boolean
  /** Tags that each point of a line protocol body gets unless it has them; a field of that name gives way. */
  readonly lineTags?: readonly (readonly [key: string, value: string])[]
}

/** What RUM bodies in line protocol get while no RUM collector resolves the address. */
const RUM_LINE_TAGS: readonly (readonly [string, string])[] = [
  ['ip', ''],
  ['city', 'unknown'],
  ['province', 'unknown'],
  ['country', 'unknown'],
  ['isp', 'unknown'],
]

/** The points of a body, checked and with their times in ns. Values may share memory with `body.body`. */
export function decodeBody(body: Body): Result<Point[], BodyFault> {
  if (body.body.length === 0) return fault('emptyBody', 'the body is empty')
  const points = DECODERS[body.encoding](body)
  if (!points.ok) return points
  if (points.value.length === 0) return fault('noPoints', 'the body holds no points')
  return body.strict ? refuseWarns(points.value) : points
}

const fault = (code: BodyFaultCode, message: string, reasons: readonly string[] = []) =>
  err({ code, message, reasons })

function refuseWarns(points: Point[]): Result<Point[], BodyFault> {
  for (const point of points) {
    const warn = point.warns[0]
    if (warn) return fault('pointGotWarning', `point ${point.name}: ${warn.type}: ${warn.message}`)
  }
  return ok(points)
}

const DECODERS: Readonly<Record<Encoding, (body: Body) => Result<Point[], BodyFault>>> = {
  'line-protocol': decodeLineProtocol,
  json: decodeJsonBody,
  pbjson: decodeJsonBody,
  protobuf: decodeProtobuf,
}

function decodeLineProtocol(body: Body): Result<Point[], BodyFault> {
  const text = bodyText(body.body)
  const points: Point[] = []
  const failed = readLinePoints(text, body, (point) => void points.push(point))
  if (failed.length === 0) return ok(points)
  return fault(
    'invalidLinePoint',
    failedLinesMessage(failed, points.length, text),
    failed.map((line) => line.reason),
  )
}

/** Hands each point of line protocol text to `take`, checked; returns the lines that could not be read. */
export function readLinePoints(text: string, body: Body, take: (point: Point) => void): FailedLine[] {
  const rules = checkRules(body.category)
  const extra = body.lineTags ?? (body.category === 'rum' ? RUM_LINE_TAGS : [])
  return readLines(text, (line) => {
    if (extra.length > 0) addLineTags(line, extra)
    const time = line.time === undefined ? body.now : positiveTime(line.time, body.precision, body.now)
    const point = makePoint(line.name, line.kvs, time)
    checkPoint(point, rules, { line: true, twice: true })
    take(point)
  })
}

function addLineTags(line: Line, extra: readonly (readonly [string, string])[]): void {
  const tags: KeyValue[] = []
  for (const [key, value] of extra)
    if (!line.kvs.some((kv) => kv.isTag && kv.key === key)) tags.push(tag(key, value))
  for (const kv of tags) setKeyValue(line, kv)
  if (line.kvs.length > LIMITS.tags) sortTags(line)
}

/** Where the limit of tags comes into play, those that stay are the first by key. */
function sortTags(line: Line): void {
  const tags = line.kvs.filter((kv) => kv.isTag).sort((a, b) => compareText(a.key, b.key))
  line.kvs = [...tags, ...line.kvs.filter((kv) => !kv.isTag)]
}

function decodeJsonBody(body: Body): Result<Point[], BodyFault> {
  const points = decodeJson(body.body)
  if (!points.ok) return fault('invalidJsonPoint', points.error.message)
  const rules = checkRules(body.category)
  for (const point of points.value) {
    point.time = positiveTime(point.time, body.precision, body.now)
    checkPoint(point, rules, { twice: true })
  }
  return points
}

function decodeProtobuf(body: Body): Result<Point[], BodyFault> {
  const points = decodePoints(body.body)
  if (!points.ok) return fault('invalidProtobufPoint', points.error.message)
  const rules = checkRules(body.category)
  for (const point of points.value) {
    point.time = point.time === 0n ? body.now : scaleTime(point.time, body.precision)
    checkPoint(point, rules)
  }
  return points
}
