// What default_time understands: seven layouts of well-known programs first, then dates by shape.
import { ok, type Result } from '../../kernel/result.ts'
import { daysIn, dayNumber, toNs } from './civil.ts'
import { parseDateText } from './date-text.ts'
import { parseLayout, readLayout } from './go-layout.ts'
import type { Zone } from './zone.ts'

/** In this order. The third one has no year: the current one is meant. */
const LAYOUTS = [
  '02/Jan/2006:15:04:05 -0700',
  '02 Jan 2006 15:04:05.000',
  '02 Jan 15:04:05.000',
  '060102 15:04:05',
  '2006/01/02 - 15:04:05',
  'Mon Jan 2 15:04:05.000000 2006',
  '2006-01-02 15:04:05.000 UTC',
].map((layout) => ({ chunks: readLayout(layout), yearless: !layout.includes('06') }))

/** The instant in ns; `year` is the current one, for dates that name none. */
export function parseLogTime(text: string, zone: Zone, year: () => number): Result<bigint, string> {
  const access = accessLogTime(text)
  if (access !== undefined) return ok(access)
  for (const { chunks, yearless } of LAYOUTS) {
    const ns = parseLayout(chunks, text, zone, yearless ? year() : 0)
    if (ns !== undefined) return ok(ns)
  }
  return parseDateText(text, zone)
}

const MONTH_BY_CODE = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((m, i) => [
    m,
    i + 1,
  ]),
)

/** `02/Jan/2006:15:04:05 -0700`, the time of every access log, without a regular expression. */
function accessLogTime(text: string): bigint | undefined {
  if (text.length !== 26 || text.charCodeAt(2) !== 47 || text.charCodeAt(20) !== 32) return undefined
  const month = MONTH_BY_CODE.get(text.slice(3, 6))
  const sign = text.charCodeAt(21)
  if (month === undefined || text.charCodeAt(6) !== 47 || (sign !== 43 && sign !== 45)) return undefined
  if (text.charCodeAt(11) !== 58 || text.charCodeAt(14) !== 58 || text.charCodeAt(17) !== 58) return undefined
  const year = pair(text, 7) * 100 + pair(text, 9)
  const day = pair(text, 0)
  const hour = pair(text, 12)
  const minute = pair(text, 15)
  const second = pair(text, 18)
  const zone = pair(text, 22) * 3600 + pair(text, 24) * 60
  // NaN of a place that is no digit fails every comparison.
  if (
    !(
      year >= 0 &&
      hour < 24 &&
      minute < 60 &&
      second < 60 &&
      zone >= 0 &&
      day >= 1 &&
      day <= daysIn(year, month)
    )
  )
    return undefined
  const wall = dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
  return toNs(sign === 45 ? wall + zone : wall - zone, 0)
}

function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}
