// Figures as people read them: a number in the locale's digits and a unit, apart, so a unit can be drawn quieter.

/** A duration has several parts, everything else one; an empty unit is a bare number. */
interface Part {
  readonly value: string
  readonly unit: string
}
export type Quantity = readonly Part[]

/** Units whose names depend on the language; the rest (B, MiB, %, ms) are written alike everywhere. */
export type UnitKey = 's' | 'min' | 'h' | 'd' | 'perSecond'

export type TickUnit = 'percent' | 'bytes' | 'byteRate' | 'ratio'

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface Quantities {
  count(n: number): Quantity
  /** Points a second and other plain rates. */
  rate(n: number): Quantity
  percent(n: number): Quantity
  bytes(n: number): Quantity
  byteRate(n: number): Quantity
  /** A load average or another bare ratio: two decimals. */
  ratio(n: number): Quantity
  /** What something cost, in ms with three figures. */
  cost(ms: number): Quantity
  /** An end or quarter of a scale: as few digits as it has. */
  tick(n: number, unit: TickUnit): Quantity
  /** How long, in the two largest units; below a second in tenths. */
  duration(ms: number): Quantity
}

/** The power of 1024 that leaves at most four digits before the point. */
export function byteScale(n: number): { readonly divisor: number; readonly unit: string } {
  let step = 0
  for (let rest = Math.abs(n); rest >= 1024 && step < BYTE_UNITS.length - 1; rest /= 1024) step++
  return { divisor: 1024 ** step, unit: BYTE_UNITS[step]! }
}

const part = (value: string, unit: string): Quantity => [{ value, unit }]

export function createQuantities(locale: string, unitName: (key: UnitKey) => string): Quantities {
  const formats = Array.from(
    { length: 3 },
    (_, digits) =>
      new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  )
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const number = (n: number, digits: number): string => formats[digits]!.format(Object.is(n, -0) ? 0 : n)
  /** One decimal below 100, none from there and for an exact zero. */
  const short = (n: number): string => number(n, n === 0 || Math.abs(n) >= 99.95 ? 0 : 1)
  const bytes = (n: number, suffix: string): Quantity => {
    const { divisor, unit } = byteScale(n)
    return part(divisor === 1 ? number(n, 0) : short(n / divisor), unit + suffix)
  }
  const whole = (n: number, unit: UnitKey): Part => ({ value: number(n, 0), unit: unitName(unit) })
  /** The larger unit, and the smaller one unless it is zero. */
  const pair = (ms: number, large: number, names: readonly [UnitKey, UnitKey], small: number): Quantity => {
    const rest = Math.floor((ms % large) / small)
    const first = whole(Math.floor(ms / large), names[0])
    return rest === 0 ? [first] : [first, whole(rest, names[1])]
  }
  return {
    count: (n) => part(number(n, 0), ''),
    rate: (n) => part(short(n), unitName('perSecond')),
    percent: (n) => part(short(n), '%'),
    bytes: (n) => bytes(n, ''),
    byteRate: (n) => bytes(n, '/s'),
    ratio: (n) => part(number(n, 2), ''),
    cost: (ms) => part(number(ms, ms === 0 || ms >= 99.95 ? 0 : ms >= 9.995 ? 1 : 2), 'ms'),
    tick(n, unit) {
      if (unit === 'percent' || unit === 'ratio') return part(plain.format(n), unit === 'percent' ? '%' : '')
      const { divisor, unit: name } = byteScale(n)
      return part(plain.format(Math.round((n / divisor) * 10) / 10), unit === 'byteRate' ? `${name}/s` : name)
    },
    duration(ms) {
      const span = Math.max(0, ms)
      if (span > 0 && span < SECOND - 50) return part(number(span / SECOND, 1), unitName('s'))
      if (span < MINUTE) return [whole(Math.floor(span / SECOND + 0.05), 's')]
      if (span < HOUR) return pair(span, MINUTE, ['min', 's'], SECOND)
      if (span < DAY) return pair(span, HOUR, ['h', 'min'], MINUTE)
      return pair(span, DAY, ['d', 'h'], HOUR)
    },
  }
}

/** For titles, labels and copied cells. */
export const quantityText = (quantity: Quantity): string =>
  quantity.map(({ value, unit }) => (unit ? `${value} ${unit}` : value)).join(' ')
