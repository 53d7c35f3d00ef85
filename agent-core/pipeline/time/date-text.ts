// Dates as logs write them, recognised by shape. US order where a date is ambiguous.
import { err, ok, type Result } from '../../kernel/result.ts'
import { monthByName, outOfRange, toNs, wallSeconds } from './civil.ts'
import { zoneNameOffset } from './go-layout.ts'
import type { Zone } from './zone.ts'

/** Groups of a match by name, absent ones undefined. */
type Groups = Readonly<Record<string, string | undefined>>

const CLOCK = String.raw`(?<h>\d{1,2}):(?<mi>\d{1,2})(?::(?<s>\d{1,2})(?:[.,](?<f>\d{1,9}))?)?(?:\s?(?<half>[AaPp][Mm]))?`
const OFFSET = String.raw`(?<z>Z|[+-]\d{2}(?::?\d{2})?)`
// Text behind the time that says nothing: a zone's name, or what Go prints of its monotonic clock.
const IGNORED = String.raw`(?:\s+\(?[A-Za-z]{1,5}\)?)?(?:\s+m=[+-][\d.]+)?`
const TAIL = String.raw`(?:\s*${OFFSET})?${IGNORED}`
const MONTH = String.raw`(?<mon>[A-Za-z]{3,9})\.?`
const WEEKDAY = String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*`
const NAMED = String.raw`(?:\s+(?:${OFFSET}|(?:GMT|UTC)(?<g>[+-]\d{2}:?\d{2})|(?<name>[A-Z]{3,5})))?(?:\s+\(.*\))?`

const shape = (source: string): RegExp => new RegExp(`^${source}$`)

const SHAPES: readonly RegExp[] = [
  // year first
  shape(String.raw`(?<y>\d{4})-(?<m>\d{1,2})-(?<d>\d{1,2})(?:\s+${CLOCK}${TAIL})?`),
  shape(String.raw`(?<y>\d{4})-(?<m>\d{1,2})-(?<d>\d{1,2})T${CLOCK}${TAIL}`),
  shape(String.raw`(?<y>\d{4})-(?<m>\d{1,2})`),
  shape(String.raw`(?<y>\d{4})-${MONTH}-(?<d>\d{1,2})(?:\s+${CLOCK}${TAIL})?`),
  shape(String.raw`(?<y>\d{4})/(?<m>\d{1,2})/(?<d>\d{1,2})(?:\s+${CLOCK}${TAIL})?`),
  shape(String.raw`(?<y>\d{4}):(?<m>\d{1,2}):(?<d>\d{1,2})(?:\s+${CLOCK}${TAIL})?`),
  shape(String.raw`(?<y>\d{4})\.(?<m>\d{1,2})(?:\.(?<d>\d{1,2}))?`),
  shape(String.raw`(?<y>\d{4})年(?<m>\d{2})月(?<d>\d{2})日(?:\s*${CLOCK})?`),
  shape(String.raw`(?<y>\d{4})`),
  shape(String.raw`(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})(?:(?<h>\d{2})(?<mi>\d{2})(?<s>\d{2}))?`),
  // month or day first
  shape(String.raw`(?<m>\d{1,2})/(?<d>\d{1,2})/(?<y>\d{4}|\d{2})(?:\s+${CLOCK}${TAIL})?`),
  shape(String.raw`(?<m>\d{1,2})\.(?<d>\d{1,2})\.(?<y>\d{4}|\d{2})`),
  shape(String.raw`(?<d>\d{1,2})-${MONTH}-(?<y>\d{4}|\d{2})(?:\s+${CLOCK}${TAIL})?`),
  shape(
    String.raw`${MONTH}\s+(?<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?<y>\d{4}|\d{2})(?:,?(?:\s+at)?\s+${CLOCK}${NAMED})?`,
  ),
  shape(String.raw`(?<d>\d{1,2})\s+${MONTH},?\s+(?<y>\d{4})(?:,?\s+${CLOCK}${NAMED})?`),
  // weekday first
  shape(String.raw`${WEEKDAY},?\s+${MONTH}\s+(?<d>\d{1,2})\s+${CLOCK}${NAMED}\s+(?<y>\d{4})`),
  shape(String.raw`${WEEKDAY},?\s+${MONTH}\s+(?<d>\d{1,2})\s+(?<y>\d{4})\s+${CLOCK}${NAMED}`),
  shape(String.raw`${WEEKDAY},?\s+(?<d>\d{1,2})[ -]${MONTH}[ -](?<y>\d{4}|\d{2})\s+${CLOCK}${NAMED}`),
]

const UNIX: Readonly<Record<number, bigint>> = { 10: 1_000_000_000n, 13: 1_000_000n, 16: 1000n, 19: 1n }

/** The instant in ns that a text names, in `zone` unless it says another one. */
export function parseDateText(text: string, zone: Zone): Result<bigint, string> {
  // A clock without a date would be read as month, day and year.
  if (/^\d{1,2}:\d{2}(?::\d{2})?$/.test(text)) return err('not a time')
  if (/^\d+$/.test(text)) {
    const unit = UNIX[text.length]
    if (unit !== undefined) return ok(BigInt(text) * unit)
  }
  for (const pattern of SHAPES) {
    const groups = pattern.exec(text)?.groups as Groups | undefined
    if (groups) return fromGroups(groups, text, zone)
  }
  return err(`Could not find format for ${JSON.stringify(text)}`)
}

function fromGroups(g: Groups, text: string, zone: Zone): Result<bigint, string> {
  const month = g['mon'] === undefined ? Number(g['m'] ?? 1) : monthByName(g['mon'])
  if (month === 0) return err(`Could not find format for ${JSON.stringify(text)}`)
  const short = Number(g['y'])
  const year = g['y']!.length > 2 ? short : short + (short >= 69 ? 1900 : 2000)
  const half = g['half']?.toLowerCase()
  const hour = Number(g['h'] ?? 0)
  const civil = {
    year,
    month,
    day: Number(g['d'] ?? 1),
    hour: half === 'pm' && hour < 12 ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour,
    minute: Number(g['mi'] ?? 0),
    second: Number(g['s'] ?? 0),
    nanosecond: Number((g['f'] ?? '').padEnd(9, '0')),
  }
  const problem = outOfRange(civil)
  if (problem !== undefined) return err(`parsing time ${JSON.stringify(text)}: ${problem}`)
  const wall = wallSeconds(civil)
  const offset = g['z'] ?? g['g']
  if (offset !== undefined) return ok(toNs(wall - offsetSeconds(offset), civil.nanosecond))
  if (g['name'] !== undefined) return ok(toNs(wall - zoneNameOffset(g['name'], wall, zone), civil.nanosecond))
  return ok(toNs(zone.instant(wall), civil.nanosecond))
}

function offsetSeconds(text: string): number {
  if (text === 'Z') return 0
  const digits = text.replace(':', '').slice(1)
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2) || 0) * 60
  return text.startsWith('-') ? -seconds : seconds
}
