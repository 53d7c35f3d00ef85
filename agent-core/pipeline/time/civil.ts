// Calendar dates and instants. An instant is ns since the Unix epoch; a wall clock is seconds since the epoch as if UTC.
import type { Zone } from './zone.ts'

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const

export interface Civil {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
export const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : DAYS[month - 1]!

/** Days since the epoch of a proleptic Gregorian date; a day or month out of range runs over. */
export function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  )
}

export const wallSeconds = (c: Omit<Civil, 'nanosecond'>): number =>
  dayNumber(c.year, c.month, c.day) * 86_400 + c.hour * 3600 + c.minute * 60 + c.second

/** What is wrong with a date, in Go's words; undefined when nothing is. */
export function outOfRange(c: Civil): string | undefined {
  if (c.month < 1 || c.month > 12) return 'month out of range'
  if (c.hour > 23) return 'hour out of range'
  if (c.minute > 59) return 'minute out of range'
  if (c.second > 59) return 'second out of range'
  return c.day < 1 || c.day > daysIn(c.year, c.month) ? 'day out of range' : undefined
}

export const toNs = (seconds: number, nanosecond: number): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanosecond)

/** The calendar of an instant in a zone. */
export function civilOf(
  ns: bigint,
  zone: Zone,
): Civil & { readonly weekday: number; readonly seconds: number; readonly offset: number } {
  const seconds = Number(ns >= 0n ? ns / 1_000_000_000n : -((-ns + 999_999_999n) / 1_000_000_000n))
  const nanosecond = Number(ns - BigInt(seconds) * 1_000_000_000n)
  const offset = zone.offset(seconds)
  const date = new Date((seconds + offset) * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond,
    weekday: date.getUTCDay(),
    seconds,
    offset,
  }
}

/** 1 to 12 for an English month name, whole or its first three letters, any case; 0 for anything else. */
export function monthByName(name: string): number {
  const lower = name.toLowerCase()
  return MONTHS.findIndex((m) => m.toLowerCase() === lower || m.slice(0, 3).toLowerCase() === lower) + 1
}
