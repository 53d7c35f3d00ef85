// Times of statements: nanoseconds in the unit that leaves one to three digits before the point.
import type { Quantity } from '../../format/quantity.ts'

const MICRO = { unit: 'µs', ns: 1e3 }
const MILLI = { unit: 'ms', ns: 1e6 }
const SECOND = { unit: 's', ns: 1e9 }

const LEAST = 0.01

/** Below a millisecond in µs with two decimals, as figures of one column are read against each other. */
export function microQuantity(ns: number, locale: string): Quantity {
  const { unit, ns: size } = ns < MILLI.ns ? MICRO : ns < SECOND.ns ? MILLI : SECOND
  const value = ns / size
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  // What reading the clock costs is taken off, so that a short statement may come out as nothing at all.
  if (unit === MICRO.unit && value < LEAST) return [{ value: `<${format.format(LEAST)}`, unit }]
  return [{ value: format.format(value), unit }]
}
