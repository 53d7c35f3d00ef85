// Numbers in text as Go's strconv reads them.
import { integer } from '../../point/point.ts'

const MAX = 2n ** 63n - 1n
const MIN = -(2n ** 63n)

export interface ParsedInt {
  /** 0 when the text is no number, saturated when it is out of range. */
  readonly value: number | bigint
  readonly ok: boolean
}

const NONE: ParsedInt = { value: 0, ok: false }

/** strconv.ParseInt with 64 bits; base 0 takes the base from the prefix and allows underscores. */
export function parseInt64(text: string, base: number): ParsedInt {
  const match = /^([+-]?)(.+)$/s.exec(text)
  if (!match) return NONE
  let digits = match[2]!.toLowerCase()
  let radix = base
  if (base === 0) {
    const prefix = /^0([xbo]?)_?(?=.)/.exec(digits)
    if (digits.includes('_') && !underscoresOk(digits)) return NONE
    radix = prefix ? ({ x: 16, b: 2, o: 8 }[prefix[1]!] ?? 8) : 10
    digits = (prefix ? digits.slice(prefix[1] === '' ? 1 : 2) : digits).replaceAll('_', '')
    if (digits === '') return NONE
  }
  let value = 0n
  const big = BigInt(radix)
  if (/^[0-9]{1,15}$/.test(digits) && radix === 10) value = BigInt(digits)
  else
    for (const c of digits) {
      const digit = Number.parseInt(c, 36)
      if (Number.isNaN(digit) || digit >= radix) return NONE
      if (value <= MAX) value = value * big + BigInt(digit)
    }
  if (match[1] === '-') value = -value
  if (value > MAX) return { value: MAX, ok: false }
  if (value < MIN) return { value: MIN, ok: false }
  return { value: integer(value), ok: true }
}

/** The int that a text stands for, in any base by its prefix, with a fraction of zeros at most; anything else is 0. */
export function castInt(text: string): number | bigint {
  const { ok, value } = parseInt64(text.replace(/\.0+$/, ''), 0)
  return ok ? value : 0
}

/** Underscores stand between digits, or after a base prefix. */
function underscoresOk(digits: string): boolean {
  const body = digits.replace(/^0[xbo]/, '0')
  return /^[0-9a-z]+(?:_[0-9a-z]+)*$/.test(body)
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const SIMPLE = /^-?[0-9]{1,15}$/
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/

/** strconv.ParseFloat; undefined when the text is no number or out of range. */
export function parseFloat64(text: string): number | undefined {
  if (SIMPLE.test(text)) return Number(text)
  let plain = text
  if (text.includes('_')) {
    if (!/^[+-]?0[xX]_|^[+-]?[0-9]/.test(text) || /_(?![0-9a-fA-F])|[^0-9a-fA-FxX]_/.test(text))
      return undefined
    plain = text.replaceAll('_', '')
  }
  if (DECIMAL.test(plain)) {
    const value = Number(plain)
    return Number.isFinite(value) ? value : undefined
  }
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(plain)
  if (word) {
    if (word[2]!.toLowerCase() === 'nan') return word[1] === '' ? NaN : undefined
    return word[1] === '-' ? -Infinity : Infinity
  }
  const hex = HEX.exec(plain)
  if (!hex) return undefined
  const digits = `${hex[2]}${hex[3]}`
  if (digits === '') return undefined
  const mantissa = Number.parseInt(digits, 16)
  const value = mantissa * 2 ** (Number(hex[4]) - 4 * hex[3]!.length)
  return Number.isFinite(value) ? (hex[1] === '-' ? -value : value) : undefined
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  if (TRUE.has(text)) return true
  return FALSE.has(text) ? false : undefined
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** time.ParseDuration in ns; undefined when it is none. */
export function parseGoDuration(text: string): bigint | undefined {
  const match = /^([+-]?)(.+)$/s.exec(text)
  if (!match) return undefined
  const body = match[2]!
  if (body === '0') return 0n
  const part = /(\d*)(\.?)(\d*)(ns|us|µs|μs|ms|s|m|h)/y
  let total = 0n
  let at = 0
  while (at < body.length) {
    part.lastIndex = at
    const found = part.exec(body)
    if (!found || `${found[1]}${found[3]}` === '') return undefined
    const unit = UNITS[found[4]!]!
    total += BigInt(found[1] || '0') * unit
    if (found[3]) total += (BigInt(found[3]) * unit) / 10n ** BigInt(found[3].length)
    at = part.lastIndex
  }
  if (total > MAX + (match[1] === '-' ? 1n : 0n)) return undefined
  return match[1] === '-' ? -total : total
}
