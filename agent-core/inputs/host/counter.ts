// Arithmetic of kernel counters: a number while it is a safe integer, a bigint beyond that, never a rounded value.
import { integer, type Integer } from '../../point/point.ts'

const MINUS = 45

/** Decimal digits with an optional minus; undefined for anything else. */
export function parseInteger(text: string): Integer | undefined {
  const first = text.charCodeAt(0) === MINUS ? 1 : 0
  const digits = text.length - first
  if (digits === 0) return undefined
  let value = 0
  for (let i = first; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  if (digits > 15) return integer(BigInt(text))
  return first === 0 || value === 0 ? value : -value
}

export function add(a: Integer, b: Integer): Integer {
  const sum = Number(a) + Number(b)
  return Number.isSafeInteger(sum) ? sum : integer(BigInt(a) + BigInt(b))
}

export function multiply(a: Integer, b: Integer): Integer {
  const product = Number(a) * Number(b)
  return Number.isSafeInteger(product) ? product : integer(BigInt(a) * BigInt(b))
}

/** a - b; differences are taken before rounding, so neighbours beyond 2^53 stay apart. */
export function subtract(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a - b)) return a - b
  return integer(BigInt(a) - BigInt(b))
}

/** 100 * part / whole; 0 of nothing. */
export function percent(part: Integer, whole: Integer): number {
  return Number(whole) === 0 ? 0 : (Number(part) / Number(whole)) * 100
}

/**
 * Whole units a second between two readings; undefined without an earlier reading, without time between them, and when
 * this counter went down (a reset or a wrap): each counter is judged alone.
 */
export function ratePerSecond(
  now: Integer | undefined,
  before: Integer | undefined,
  seconds: number | undefined,
): number | undefined {
  if (now === undefined || before === undefined || seconds === undefined || seconds <= 0) return undefined
  const delta = Number(subtract(now, before))
  return delta < 0 ? undefined : Math.trunc(delta / seconds)
}
