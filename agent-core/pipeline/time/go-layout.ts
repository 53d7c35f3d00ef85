// Go's reference layouts: `2006-01-02 15:04:05` and so on, parsed and formatted as package time does.
import { MONTHS, WEEKDAYS, civilOf, daysIn, outOfRange, toNs, wallSeconds } from './civil.ts'
import type { Zone } from './zone.ts'

type Chunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: string; readonly digits?: number }

// Longest first, so that `2006` is not read as `2` and `006`.
const FIELDS =
  /January|Jan|Monday|Mon|MST|2006|__2|_2006|_2|002|01|02|03|04|05|06|15|Z07:00:00|Z070000|Z07:00|Z0700|Z07|-07:00:00|-070000|-07:00|-0700|-07|PM|pm|[.,](?:0+|9+)(?![0-9])|1|2|3|4|5/g

/** A layout, read once. */
export function readLayout(layout: string): Chunk[] {
  const chunks: Chunk[] = []
  let at = 0
  const text = (to: number): void => {
    if (to > at) chunks.push({ kind: 'text', text: layout.slice(at, to) })
  }
  for (const match of layout.matchAll(FIELDS)) {
    const [field] = match
    // `Jan` and `Mon` are fields only where no other letter follows, and a fraction only behind seconds.
    if ((field === 'Jan' || field === 'Mon') && /^[a-z]/.test(layout.slice(match.index + 3))) continue
    if (/^[.,]/.test(field) && !endsInSeconds(chunks, layout.slice(at, match.index))) continue
    if (field === '_2006') {
      text(match.index + 1)
      chunks.push({ kind: 'field', field: '2006' })
    } else {
      text(match.index)
      if (/^[.,]/.test(field))
        chunks.push({
          kind: 'field',
          field: field[1] === '0' ? 'fraction0' : 'fraction9',
          digits: field.length - 1,
        })
      else chunks.push({ kind: 'field', field })
    }
    at = match.index + field.length
  }
  text(layout.length)
  return chunks
}

function endsInSeconds(chunks: readonly Chunk[], between: string): boolean {
  const last = chunks.at(-1)
  return between === '' && last?.kind === 'field' && (last.field === '05' || last.field === '5')
}

interface Parsed {
  year: number
  month: number
  day: number
  yearDay: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  pm: boolean | undefined
  offset: number | undefined
  zone: string
}

/** Thrown where a text does not fit its layout. */
const MISMATCH = Symbol('mismatch')

/** The instant in ns, or undefined when the text does not fit. A text without a zone is in `zone`. */
export function parseLayout(
  chunks: readonly Chunk[],
  text: string,
  zone: Zone,
  year = 0,
): bigint | undefined {
  const parsed: Parsed = {
    year,
    month: 0,
    day: 0,
    yearDay: 0,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    pm: undefined,
    offset: undefined,
    zone: '',
  }
  try {
    let rest = text
    for (const [i, chunk] of chunks.entries())
      rest = chunk.kind === 'text' ? skip(chunk.text, rest) : read(parsed, chunk, rest, chunks[i + 1])
    if (rest !== '') return undefined
  } catch (error) {
    if (error === MISMATCH) return undefined
    throw error
  }
  return instantOf(parsed, zone)
}

/** Blanks of the layout stand for any number of blanks. */
function skip(prefix: string, text: string): string {
  let value = text
  for (let at = 0; at < prefix.length;) {
    if (prefix[at] === ' ') {
      if (value !== '' && value[0] !== ' ') throw MISMATCH
      while (prefix[at] === ' ') at++
      value = value.replace(/^ +/, '')
      continue
    }
    if (value[0] !== prefix[at]) throw MISMATCH
    value = value.slice(1)
    at++
  }
  return value
}

function take(text: string, pattern: RegExp): RegExpExecArray {
  const match = pattern.exec(text)
  if (!match) throw MISMATCH
  return match
}

function number(text: string, pattern: RegExp): [number, string] {
  const [digits] = take(text, pattern)
  return [Number(digits), text.slice(digits.length)]
}

const ONE_OR_TWO = /^\d{1,2}/
const TWO = /^\d{2}/

function read(
  p: Parsed,
  chunk: Extract<Chunk, { kind: 'field' }>,
  text: string,
  next: Chunk | undefined,
): string {
  let rest = text
  switch (chunk.field) {
    case '2006':
      ;[p.year, rest] = number(text, /^\d{4}/)
      return rest
    case '06':
      ;[p.year, rest] = number(text, TWO)
      p.year += p.year >= 69 ? 1900 : 2000
      return rest
    case 'January':
    case 'Jan':
      return name(text, MONTHS, chunk.field === 'Jan', (i) => (p.month = i + 1))
    case 'Monday':
    case 'Mon':
      return name(text, WEEKDAYS, chunk.field === 'Mon', () => undefined)
    case '1':
    case '01':
      ;[p.month, rest] = number(text, chunk.field === '1' ? ONE_OR_TWO : TWO)
      if (p.month < 1 || p.month > 12) throw MISMATCH
      return rest
    case '2':
    case '_2':
    case '02':
      ;[p.day, rest] = number(
        chunk.field === '_2' ? text.replace(/^ /, '') : text,
        chunk.field === '02' ? TWO : ONE_OR_TWO,
      )
      return rest
    case '002':
    case '__2':
      ;[p.yearDay, rest] = number(
        chunk.field === '__2' ? text.replace(/^ {1,2}/, '') : text,
        chunk.field === '002' ? /^\d{3}/ : /^\d{1,3}/,
      )
      return rest
    case '15':
      ;[p.hour, rest] = number(text, ONE_OR_TWO)
      return rest
    case '3':
    case '03':
      ;[p.hour, rest] = number(text, chunk.field === '3' ? ONE_OR_TWO : TWO)
      if (p.hour > 12) throw MISMATCH
      return rest
    case '4':
    case '04':
      ;[p.minute, rest] = number(text, chunk.field === '4' ? ONE_OR_TWO : TWO)
      return rest
    case '5':
    case '05':
      ;[p.second, rest] = number(text, chunk.field === '5' ? ONE_OR_TWO : TWO)
      // A fraction may follow seconds even where the layout has none.
      if (next?.kind === 'field' && next.field.startsWith('fraction')) return rest
      return /^[.,]\d/.test(rest) ? fraction(p, rest, /^[.,](\d+)/) : rest
    case 'fraction0':
      return fraction(p, text, new RegExp(`^[.,](\\d{${chunk.digits}})`))
    case 'fraction9':
      return /^[.,]\d/.test(text) ? fraction(p, text, /^[.,](\d{1,9})/) : text
    case 'PM':
    case 'pm': {
      const [half] = take(text, chunk.field === 'PM' ? /^[AP]M/ : /^[ap]m/)
      p.pm = half.toLowerCase() === 'pm'
      return text.slice(2)
    }
    case 'MST': {
      const [zone] = take(text, /^(?:UTC|ChST|MeST|GMT(?:[+-]\d{1,2})?|[A-Z]{3,5}|[+-]\d\d)/)
      p.zone = zone
      return text.slice(zone.length)
    }
    default:
      return zoneOffset(p, chunk.field, text)
  }
}

function name(
  text: string,
  names: readonly string[],
  short: boolean,
  found: (index: number) => void,
): string {
  const lower = text.toLowerCase()
  const index = names.findIndex((n) => lower.startsWith((short ? n.slice(0, 3) : n).toLowerCase()))
  if (index < 0) throw MISMATCH
  found(index)
  return text.slice(short ? 3 : names[index]!.length)
}

function fraction(p: Parsed, text: string, pattern: RegExp): string {
  const match = take(text, pattern)
  p.nanosecond = Number(match[1]!.slice(0, 9).padEnd(9, '0'))
  return text.slice(match[0].length)
}

function zoneOffset(p: Parsed, field: string, text: string): string {
  if (field.startsWith('Z') && text.startsWith('Z')) {
    p.offset = 0
    return text.slice(1)
  }
  const colon = field.includes(':') ? ':' : ''
  const parts = field.replaceAll(/[Z:-]/g, '').length / 2
  const pattern = new RegExp(
    `^([+-])(\\d\\d)${parts > 1 ? `${colon}(\\d\\d)` : '()'}${parts > 2 ? `${colon}(\\d\\d)` : '()'}`,
  )
  const match = take(text, pattern)
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4])
  if (Number(match[2]) > 24 || Number(match[3]) > 60) throw MISMATCH
  p.offset = match[1] === '-' ? -seconds : seconds
  return text.slice(match[0].length)
}

function instantOf(p: Parsed, zone: Zone): bigint | undefined {
  if (p.pm === true && p.hour < 12) p.hour += 12
  if (p.pm === false && p.hour === 12) p.hour = 0
  if (p.yearDay > 0) {
    let day = p.yearDay
    let month = 1
    while (month <= 12 && day > daysIn(p.year, month)) day -= daysIn(p.year, month++)
    if (month > 12) return undefined
    p.month = month
    p.day = day
  }
  const civil = { ...p, month: p.month || 1, day: p.day || 1 }
  if (outOfRange(civil) !== undefined) return undefined
  const wall = wallSeconds(civil)
  if (p.offset !== undefined) return toNs(wall - p.offset, p.nanosecond)
  if (p.zone !== '') return toNs(wall - zoneNameOffset(p.zone, wall, zone), p.nanosecond)
  return toNs(zone.instant(wall), p.nanosecond)
}

/** An abbreviation counts where the zone knows it; `GMT+3` says its offset; anything else counts as UTC. */
export function zoneNameOffset(name: string, wall: number, zone: Zone): number {
  if (name === 'UTC') return 0
  const known = zone.abbreviationOffset(name, wall)
  if (known !== undefined) return known
  const gmt = /^GMT([+-]\d{1,2})$/.exec(name)
  return gmt ? Number(gmt[1]) * 3600 : 0
}

const two = (value: number, width = 2): string => String(value).padStart(width, '0')

function offsetText(offset: number, field: string): string {
  if (field.startsWith('Z') && offset === 0) return 'Z'
  const minutes = Math.abs(Math.trunc(offset / 60))
  const colon = field.includes(':') ? ':' : ''
  const text = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}`
  return field.length <= 3 ? text : `${text}${colon}${two(minutes % 60)}`
}

/** An instant by a layout, in a zone. */
export function formatLayout(chunks: readonly Chunk[], ns: bigint, zone: Zone): string {
  const t = civilOf(ns, zone)
  const hour12 = t.hour % 12 === 0 ? 12 : t.hour % 12
  const field = (name: string, digits = 0): string => {
    switch (name) {
      case '2006':
        return two(t.year, 4)
      case '06':
        return two(t.year % 100)
      case 'January':
        return MONTHS[t.month - 1]!
      case 'Jan':
        return MONTHS[t.month - 1]!.slice(0, 3)
      case 'Monday':
        return WEEKDAYS[t.weekday]!
      case 'Mon':
        return WEEKDAYS[t.weekday]!.slice(0, 3)
      case '1':
        return String(t.month)
      case '01':
        return two(t.month)
      case '2':
        return String(t.day)
      case '_2':
        return String(t.day).padStart(2)
      case '02':
        return two(t.day)
      case '15':
        return two(t.hour)
      case '3':
        return String(hour12)
      case '03':
        return two(hour12)
      case '4':
        return String(t.minute)
      case '04':
        return two(t.minute)
      case '5':
        return String(t.second)
      case '05':
        return two(t.second)
      case 'PM':
        return t.hour < 12 ? 'AM' : 'PM'
      case 'pm':
        return t.hour < 12 ? 'am' : 'pm'
      case 'MST':
        return zone.abbreviation(t.seconds)
      case 'fraction0':
        return `.${two(t.nanosecond, 9).slice(0, digits)}`
      case 'fraction9': {
        const text = two(t.nanosecond, 9).slice(0, digits).replace(/0+$/, '')
        return text === '' ? '' : `.${text}`
      }
      default:
        return offsetText(t.offset, name)
    }
  }
  return chunks.map((c) => (c.kind === 'text' ? c.text : field(c.field, c.digits))).join('')
}
