// What `datakit pipeline` prints of a point, as DataKit does.
import type { Point } from '../point/point.ts'
import { Kind } from '../point/point.ts'
import { formatGoDuration } from '../config/duration.ts'

export interface ShownRun {
  readonly point: Point
  readonly dropped: boolean
  readonly ms: number
}

interface Shown {
  readonly key: string
  readonly text: string
  readonly json: string
}

export function pipelineOutput(
  { point, dropped, ms }: ShownRun,
  options: { tab: boolean; date: boolean },
): string {
  const shown = point.kvs
    .filter((kv) => kv.kind !== Kind.nil)
    .map((kv): Shown => {
      const key = kv.isTag ? `${kv.key}#` : kv.key
      return { key, text: plainText(kv.value), json: jsonText(kv.value) }
    })
  const fields = point.kvs.filter((kv) => !kv.isTag && kv.kind !== Kind.nil).length
  const tags = point.kvs.filter((kv) => kv.isTag).length
  const time = options.date ? dateText(point.time) : point.time.toString()
  shown.push({ key: 'time', text: time, json: options.date ? JSON.stringify(time) : time })
  const facts = `Extracted ${fields} fields, ${tags} tags; measurement(M)<source(L),class(O)...>: ${point.name}, drop: ${dropped}, cost: ${costText(ms)}`
  return options.tab ? `${table(shown)}\n${LINE}\n${facts}` : `${object(shown)}\n\n${LINE}\n${facts}`
}

const LINE = '-'.repeat(15)

function object(shown: readonly Shown[]): string {
  const rows = shown.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return `{\n${rows.map(({ key, json }) => `  ${goJson(key)}: ${json}`).join(',\n')}\n}`
}

/** Keys to the right, shorter ones first. */
function table(shown: readonly Shown[]): string {
  const width = Math.max(...shown.map(({ key }) => key.length))
  return shown
    .toSorted((a, b) => a.key.length - b.key.length || (a.key < b.key ? -1 : 1))
    .map(({ key, text }) => `${key.padStart(width)}: ${text}`)
    .join('\n')
}

function plainText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return typeof value === 'object' && value !== null ? jsonText(value) : String(value)
}

function jsonText(value: unknown): string {
  if (typeof value === 'string') return goJson(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map((e: { value: unknown }) => jsonText(e.value)).join(',')}]`
  if (value instanceof Map)
    return `{${[...value].map(([k, e]: [string, { value: unknown }]) => `${goJson(k)}:${jsonText(e.value)}`).join(',')}}`
  return JSON.stringify(value) ?? 'null'
}

/** DataKit's command line leaves `& < >` as they are. */
const goJson = (text: string): string =>
  JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

function dateText(ns: bigint): string {
  const ms = Number(ns / 1_000_000n)
  const rest = (((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)
    .toString()
    .padStart(9, '0')
    .replace(/0+$/, '')
  const minutes = -new Date(ms).getTimezoneOffset()
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 19)
  const sign = minutes < 0 ? '-' : '+'
  const two = (n: number): string => String(Math.trunc(n)).padStart(2, '0')
  const zone = minutes === 0 ? 'Z' : `${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
  return `${local}${rest === '' ? '' : `.${rest}`}${zone}`
}

/** As Go prints a duration: `73.459µs`, `1.2ms`. */
export function costText(ms: number): string {
  if (ms >= 1000) return formatGoDuration(Math.round(ms))
  const unit = ms >= 1 ? 'ms' : 'µs'
  const value = ms >= 1 ? ms : ms * 1000
  return `${Number(value.toFixed(unit === 'ms' ? 6 : 3))}${unit}`
}
