// strftime directives with the flags `- _ ^ # 0` and a width; what is no directive stands for itself.
import { MONTHS, WEEKDAYS, civilOf, dayNumber, isLeap } from './civil.ts'
import type { Zone } from './zone.ts'

const DIRECTIVE = /%([-_^#0]*)(\d*)(:{0,3}z|[A-Za-z%+])/g

type Clock = ReturnType<typeof civilOf>

interface Part {
  readonly text: string
  /** Width and fill where the format asks for nothing else. */
  readonly width: number
  readonly fill: string
}

const digits = (value: number, width: number, fill = '0'): Part => ({ text: String(value), width, fill })
const words = (text: string): Part => ({ text, width: 0, fill: ' ' })

export function strftime(format: string, ns: bigint, zone: Zone): string {
  const t = civilOf(ns, zone)
  const expand = (text: string): string =>
    text.replaceAll(DIRECTIVE, (whole, flags: string, width: string, letter: string) => {
      if (letter.endsWith('z')) return offset(t.offset, letter.length - 1, flags, width)
      const nested = COMPOUND[letter]
      const part = nested === undefined ? directive(letter, t, zone) : words(expand(nested))
      return part ? padded(part, flags, width) : whole
    })
  return expand(format)
}

const COMPOUND: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  v: '%e-%b-%Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  '+': '%a %b %e %H:%M:%S %Z %Y',
}

function padded(part: Part, flags: string, width: string): string {
  let { text } = part
  let fill = part.fill
  let size = width === '' ? part.width : Number(width)
  for (const flag of flags) {
    if (flag === '-') {
      fill = ' '
      if (width === '') size = 0
    }
    if (flag === '_') fill = ' '
    if (flag === '0') fill = '0'
    if (flag === '^') text = text.toUpperCase()
    if (flag === '#') text = text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()
  }
  return text.padStart(size, fill)
}

function directive(letter: string, t: Clock, zone: Zone): Part | undefined {
  const yearDay = dayNumber(t.year, t.month, t.day) - dayNumber(t.year, 1, 1)
  const hour12 = t.hour % 12 === 0 ? 12 : t.hour % 12
  switch (letter) {
    case 'Y':
      return digits(t.year, 0)
    case 'y':
      return digits(t.year % 100, 2)
    case 'C':
      return digits(Math.floor(t.year / 100), 2)
    case 'G':
      return digits(isoWeek(t).year, 0)
    case 'g':
      return digits(isoWeek(t).year % 100, 2)
    case 'V':
      return digits(isoWeek(t).week, 2)
    case 'U':
      return digits(Math.floor((yearDay + 7 - t.weekday) / 7), 2)
    case 'W':
      return digits(Math.floor((yearDay + 7 - ((t.weekday + 6) % 7)) / 7), 2)
    case 'm':
      return digits(t.month, 2)
    case 'B':
      return words(MONTHS[t.month - 1]!)
    case 'b':
    case 'h':
      return words(MONTHS[t.month - 1]!.slice(0, 3))
    case 'A':
      return words(WEEKDAYS[t.weekday]!)
    case 'a':
      return words(WEEKDAYS[t.weekday]!.slice(0, 3))
    case 'd':
      return digits(t.day, 2)
    case 'e':
      return digits(t.day, 2, ' ')
    case 'j':
      return digits(yearDay + 1, 3)
    case 'u':
      return digits(t.weekday === 0 ? 7 : t.weekday, 0)
    case 'w':
      return digits(t.weekday, 0)
    case 'H':
      return digits(t.hour, 2)
    case 'k':
      return digits(t.hour, 2, ' ')
    case 'I':
      return digits(hour12, 2)
    // Midnight has always been hour 0 here, noon 12.
    case 'l':
      return digits(t.hour > 12 ? t.hour - 12 : t.hour, 2, ' ')
    case 'M':
      return digits(t.minute, 2)
    case 'S':
      return digits(t.second, 2)
    case 'f':
      return digits(Math.floor(t.nanosecond / 1000), 6)
    case 'p':
      return words(t.hour < 12 ? 'AM' : 'PM')
    case 'P':
      return words(t.hour < 12 ? 'am' : 'pm')
    case 's':
      return digits(t.seconds, 0)
    case 'Z':
      return words(zone.abbreviation(t.seconds))
    case 'n':
      return words('\n')
    case 't':
      return words('\t')
    case '%':
      return words('%')
    default:
      return undefined
  }
}

const two = (n: number): string => String(n).padStart(2, '0')

/** `+hhmm`, or with so many colons `+hh:mm`, `+hh:mm:ss`, and `+hh`, `+hh:mm` or `+hh:mm:ss` as it needs. */
function offset(seconds: number, colons: number, flags: string, width: string): string {
  const sign = seconds < 0 ? '-' : '+'
  const distance = Math.abs(seconds)
  const rest = [two(Math.floor(distance / 60) % 60), two(distance % 60)]
  if (colons < 2) rest.pop()
  else if (colons === 3) while (rest.at(-1) === '00') rest.pop()
  const flag = flags.replaceAll(/[\^#]/g, '').at(-1)
  const hours = String(Math.floor(distance / 3600))
  const fitting = flag === '-' || flag === '_' ? hours : hours.padStart(2, '0')
  const digits = [fitting, ...rest].join(colons === 0 ? '' : ':')
  const full = sign.length + digits.length - fitting.length + 2
  const size = width === '' ? (flag === '-' ? 0 : full) : Number(width)
  if (flag === '-' || flag === '_') return (sign + digits).padStart(size)
  return sign + digits.padStart(size - 1, '0')
}

function isoWeek(t: Clock): { year: number; week: number } {
  const day = dayNumber(t.year, t.month, t.day)
  const yearDay = day - dayNumber(t.year, 1, 1)
  const week = Math.floor((yearDay - ((t.weekday + 6) % 7) + 10) / 7)
  if (week < 1) return { year: t.year - 1, week: weeksIn(t.year - 1) }
  return week > weeksIn(t.year) ? { year: t.year + 1, week: 1 } : { year: t.year, week }
}

/** 53 in years that begin or, being leap years, end on a Thursday. */
function weeksIn(year: number): number {
  const first = (((dayNumber(year, 1, 1) + 4) % 7) + 7) % 7
  return first === 4 || (isLeap(year) && first === 3) ? 53 : 52
}
