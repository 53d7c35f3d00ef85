// Durations as the configuration writes them: Go's text form ("1m30s", "1.5h") or an integer of nanoseconds.

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // U+00B5
  μs: 1_000n, // U+03BC
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const PART = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y
const MAX_NS = 2n ** 63n

/**
 * A Go duration in ms (fractions of a ms are kept), or undefined when the text is none.
 *
 *   duration = [ "+" | "-" ] ( "0" | part { part } )     part = digits [ "." digits ] unit
 *   unit     = "ns" | "us" | "µs" | "ms" | "s" | "m" | "h"
 */
export function parseGoDuration(text: string): number | undefined {
  const signed = /^[+-]/.test(text)
  const body = signed ? text.slice(1) : text
  if (body === '0') return 0
  if (body === '') return undefined
  let ns = 0n
  PART.lastIndex = 0
  while (PART.lastIndex < body.length) {
    const match = PART.exec(body)
    if (!match) return undefined
    const [, whole = '', fraction = '', unit = ''] = match
    if (whole === '' && fraction === '') return undefined
    const scale = UNITS[unit]!
    ns += BigInt(whole || '0') * scale
    if (fraction !== '') ns += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length)
    if (ns > MAX_NS) return undefined
  }
  const negative = text.startsWith('-')
  if (ns === MAX_NS && !negative) return undefined
  return nanosecondsToMs(negative ? -ns : ns)
}

/** Whole ms stay exact; the remainder becomes the fraction. */
export function nanosecondsToMs(ns: bigint): number {
  return Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6
}

/** The shortest Go text of a number of ms: 90000 is "1m30s", 0 is "0s". parseGoDuration reads it back. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(ms))
  let rest = BigInt(whole) * 1_000_000n + BigInt(Math.round((Math.abs(ms) - whole) * 1e6))
  let out = ''
  for (const unit of ['h', 'm', 's', 'ms', 'us', 'ns']) {
    const scale = UNITS[unit]!
    if (rest >= scale) out += `${rest / scale}${unit}`
    rest %= scale
  }
  return sign + (out || '0s')
}
