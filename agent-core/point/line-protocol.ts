// Writes points as line protocol (v1): `name[,tag=value...] field=value[,...] time`, tags and fields sorted by key.
import { AgentError } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { Kind, type Element, type KeyValue, type Point } from './point.ts'
import { compareText, exceedsBytes, textByteLength, textBytes } from './text.ts'

/** Times that line protocol can carry, ns. */
export const MIN_LINE_TIME = -9223372036854775806n
export const MAX_LINE_TIME = 9223372036854775806n

/** The largest name with its tags plus 4 plus field key, in bytes. */
export const MAX_KEY_BYTES = 65535

export const tooLong = (bytes: number): string => `max key length exceeded: ${bytes} > ${MAX_KEY_BYTES}`

export interface LineProtocolBody {
  readonly body: Buffer
  /** How many points the body holds. */
  readonly count: number
  /** Points that line protocol cannot carry, by index in the input: left out. */
  readonly refused: readonly { readonly index: number; readonly error: AgentError }[]
}

/** A v1 body, one line a point, without a newline at the end. A point that cannot be written is left out, once. */
export function encodeLineProtocol(points: readonly Point[]): LineProtocolBody {
  const lines: string[] = []
  const refused: { index: number; error: AgentError }[] = []
  for (const [index, point] of points.entries()) {
    const line = encodeLine(point)
    if (line.ok) lines.push(line.value)
    else refused.push({ index, error: line.error })
  }
  return { body: textBytes(lines.join('\n')), count: lines.length, refused }
}

/** One point as a line. Empty tags and what has no form here (arrays that are empty or mixed, maps) are left out. */
export function encodeLine(point: Point): Result<string> {
  const kvs = point.kvs.toSorted((a, b) => compareText(a.key, b.key))
  let tags = ''
  let fields = ''
  let longest = ''
  let unsupported: string | undefined
  for (const kv of kvs) {
    if (kv.isTag) {
      if (kv.key !== '' && kv.value !== '') tags += `,${escapeTag(kv.key)}=${escapeTag(kv.value as string)}`
      continue
    }
    if (kv.kind === Kind.float && !Number.isFinite(kv.value as number)) {
      const word = Number.isNaN(kv.value) ? 'NaN' : '+/-Inf'
      unsupported ??= `${word} is an unsupported value for field ${kv.key}`
      continue
    }
    const value = valueText(kv)
    if (value === undefined || kv.key === '') continue
    fields += `${fields === '' ? '' : ','}${escapeFieldKey(kv)}=${value}`
    if (kv.key.length > longest.length) longest = kv.key
  }
  if (fields === '' && unsupported === undefined) return refuse('point without fields is unsupported')
  if (point.time < MIN_LINE_TIME || point.time > MAX_LINE_TIME)
    return refuse(`time outside range ${MIN_LINE_TIME} - ${MAX_LINE_TIME}`)
  if (unsupported !== undefined) return refuse(unsupported)
  const series = escapeName(point.name) + tags
  // Readers refuse the whole body for one such line.
  if (exceedsBytes(series + longest, MAX_KEY_BYTES - 4))
    return refuse(tooLong(textByteLength(series) + 4 + textByteLength(longest)))
  return ok(`${series} ${fields} ${point.time}`)
}

const refuse = (reason: string) => err(new AgentError('POINT_ENCODE', reason, { data: { reason } }))

/** A comma or space that already follows a backslash counts as escaped, as every reader takes it. */
const escapeName = (name: string): string => name.replace(/\\?([, ])/g, '\\$1')
const escapeTag = (text: string): string => text.replace(/[, =]/g, '\\$&')
const escapeFieldKey = ({ key }: KeyValue): string => key.replace(/[, ="]/g, '\\$&')
const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

function valueText({ kind, value }: Element): string | undefined {
  if (kind !== Kind.array) return scalarText({ kind, value })
  const elements = value as readonly Element[]
  if (elements.some((e) => e.kind !== elements[0]!.kind)) return undefined
  const texts = elements.map(scalarText)
  return texts.length === 0 || texts.includes(undefined) ? undefined : `[${texts.join(',')}]`
}

function scalarText({ kind, value }: Element): string | undefined {
  switch (kind) {
    case Kind.int:
      return `${String(value)}i`
    case Kind.uint:
      return `${String(value)}u`
    case Kind.float:
      return floatText(value as number)
    case Kind.bool:
      return String(value)
    case Kind.string:
      return quote(value as string)
    case Kind.bytes: {
      const bytes = value as Uint8Array
      return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"b`
    }
    default:
      return undefined
  }
}

/** The shortest decimal that reads back, never with an exponent. */
export function floatText(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return text
  const [, sign, whole, fraction = '', exponent] = match
  const digits = whole! + fraction
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}
