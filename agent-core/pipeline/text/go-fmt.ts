// fmt.Sprintf on script values: int64, float64, string, bool, nil, []any and map[string]any.
import { textBytes } from '../../point/text.ts'
import { Float, Opaque, compareText, type Value } from '../language/value.ts'

interface Flags {
  minus: boolean
  plus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  width: number | undefined
  precision: number | undefined
}

const noFlags = (): Flags => ({
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
})

const MAX_WIDTH = 1_000_000

export function goSprintf(format: string, args: readonly Value[]): string {
  return new Printer(format, args).run()
}

class Printer {
  readonly #format: string
  readonly #args: readonly Value[]
  #at = 0
  #arg = 0
  #reordered = false
  #goodIndex = true

  constructor(format: string, args: readonly Value[]) {
    this.#format = format
    this.#args = args
  }

  run(): string {
    let out = ''
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at)
      const end = percent < 0 ? this.#format.length : percent
      out += this.#format.slice(this.#at, end)
      this.#at = end
      if (percent >= 0) {
        this.#at++
        out += this.#verb()
      }
    }
    if (!this.#reordered && this.#arg < this.#args.length) out += `%!(EXTRA ${this.#extra()})`
    return out
  }

  #extra(): string {
    return this.#args
      .slice(this.#arg)
      .map((a) =>
        a === null || a === undefined ? '<nil>' : `${goType(a)}=${formatValue(a, 'v', noFlags(), 0)}`,
      )
      .join(', ')
  }

  #verb(): string {
    const flags = noFlags()
    this.#goodIndex = true
    let afterIndex = false
    for (; this.#at < this.#format.length; this.#at++) {
      const c = this.#format[this.#at]!
      if (c === '#') flags.sharp = true
      else if (c === '0') flags.zero = !flags.minus
      else if (c === '+') flags.plus = true
      else if (c === '-') {
        flags.minus = true
        flags.zero = false
      } else if (c === ' ') flags.space = true
      else break
    }
    afterIndex = this.#index()
    if (this.#format[this.#at] === '*') {
      this.#at++
      const width = this.#intArg()
      if (width === undefined) return `%!(BADWIDTH)${this.#rest(flags)}`
      flags.width = Math.abs(width)
      if (width < 0) {
        flags.minus = true
        flags.zero = false
      }
      afterIndex = false
    } else {
      const width = this.#number()
      if (width !== undefined) {
        flags.width = width
        if (afterIndex) this.#goodIndex = false
      }
    }
    if (this.#format[this.#at] === '.') {
      this.#at++
      if (afterIndex) this.#goodIndex = false
      afterIndex = this.#index()
      if (this.#format[this.#at] === '*') {
        this.#at++
        const precision = this.#intArg()
        if (precision === undefined) return `%!(BADPREC)${this.#rest(flags)}`
        if (precision < 0) return `%!(BADPREC)${this.#rest(flags)}`
        flags.precision = precision
        afterIndex = false
      } else flags.precision = this.#number() ?? 0
    }
    if (!afterIndex) this.#index()
    return this.#rest(flags)
  }

  #rest(flags: Flags): string {
    const code = this.#format.codePointAt(this.#at)
    if (code === undefined) return '%!(NOVERB)'
    const verb = String.fromCodePoint(code)
    this.#at += verb.length
    if (verb === '%') return '%'
    if (!this.#goodIndex) return `%!${verb}(BADINDEX)`
    if (this.#arg >= this.#args.length) return `%!${verb}(MISSING)`
    // With %v a plus asks for field names, which no script value has.
    if (verb === 'v') flags.plus = false
    return formatValue(this.#args[this.#arg++]!, verb, flags, 0)
  }

  #number(): number | undefined {
    const digits = /^\d+/.exec(this.#format.slice(this.#at, this.#at + 12))?.[0]
    if (digits === undefined) return undefined
    this.#at += digits.length
    return Math.min(Number(digits), MAX_WIDTH)
  }

  /** `[n]` names the next argument. */
  #index(): boolean {
    if (this.#format[this.#at] !== '[') return false
    this.#reordered = true
    const match = /^\[(\d+)\]/.exec(this.#format.slice(this.#at))
    const close = this.#format.indexOf(']', this.#at)
    this.#at = match ? this.#at + match[0].length : close < 0 ? this.#at + 1 : close + 1
    const index = Number(match?.[1] ?? 0)
    if (index >= 1 && index <= this.#args.length) this.#arg = index - 1
    else this.#goodIndex = false
    return true
  }

  #intArg(): number | undefined {
    const value = this.#args[this.#arg++]
    return typeof value === 'number' && Math.abs(value) <= MAX_WIDTH ? value : undefined
  }
}

function goType(value: Value): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'int64'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    default:
      if (value instanceof Float) return 'float64'
      if (value instanceof Opaque) return goType(value.value)
      return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
  }
}

function pad(text: string, flags: Flags): string {
  if (flags.width === undefined) return text
  const length = [...text].length
  if (length >= flags.width) return text
  const fill = flags.width - length
  if (flags.minus) return text + ' '.repeat(fill)
  return (flags.zero ? '0' : ' ').repeat(fill) + text
}

/** A verb that does not fit: the value as %v shows it, under the flags that were given. */
function bad(value: Value, verb: string, flags: Flags): string {
  if (value === null || value === undefined) return `%!${verb}(<nil>)`
  const shown =
    value instanceof Float
      ? formatFloat(value.value, 'g', flags, value)
      : formatValue(value, 'v', { ...flags, sharp: false }, 0)
  return `%!${verb}(${goType(value)}=${shown})`
}

function formatValue(given: Value, verb: string, flags: Flags, depth: number): string {
  const value = given instanceof Opaque ? given.value : given
  if (value === null || value === undefined) {
    if (verb === 'v' || verb === 'T') return pad('<nil>', { ...flags, zero: false })
    return depth > 0 ? '<nil>' : bad(value, verb, flags)
  }
  if (verb === 'T') return formatString(goType(value), 's', flags)
  if (typeof value === 'number' || typeof value === 'bigint') return formatInt(value, verb, flags)
  if (typeof value === 'string') return formatString(value, verb, flags)
  if (typeof value === 'boolean')
    return verb === 't' || verb === 'v' ? pad(String(value), flags) : bad(value, verb, flags)
  if (value instanceof Float) return formatFloat(value.value, verb, flags, value)
  if (verb === 'p') return bad(value, verb, flags)
  if (Array.isArray(value)) return formatList(value, verb, flags, depth)
  return formatMap(value as Map<string, Value>, verb, flags, depth)
}

function formatList(list: readonly Value[], verb: string, flags: Flags, depth: number): string {
  const sharp = verb === 'v' && flags.sharp
  const items = list.map((item) => formatItem(item, verb, flags, depth))
  return sharp ? `[]interface {}{${items.join(', ')}}` : `[${items.join(' ')}]`
}

const formatItem = (item: Value, verb: string, flags: Flags, depth: number): string =>
  (item === null || item === undefined) && verb === 'v' && flags.sharp
    ? 'interface {}(nil)'
    : formatValue(item, verb, flags, depth + 1)

function formatMap(map: ReadonlyMap<string, Value>, verb: string, flags: Flags, depth: number): string {
  const sharp = verb === 'v' && flags.sharp
  const entries = [...map.keys()]
    .sort(compareText)
    .map(
      (key) => `${formatValue(key, verb, flags, depth + 1)}:${formatItem(map.get(key), verb, flags, depth)}`,
    )
  return sharp ? `map[string]interface {}{${entries.join(', ')}}` : `map[${entries.join(' ')}]`
}

const INT_BASES: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, d: 10, v: 10, x: 16, X: 16 }

function formatInt(value: number | bigint, verb: string, flags: Flags): string {
  const base = INT_BASES[verb]
  if (base !== undefined) {
    if (verb === 'v' && flags.sharp) return intDigits(value, 10, verb, { ...flags, sharp: false })
    return intDigits(value, base, verb, flags)
  }
  const code = value >= 0 && value <= 0x10ffff ? Number(value) : 0xfffd
  switch (verb) {
    case 'c':
      return pad(String.fromCodePoint(code), flags)
    case 'q':
      return pad(quoted(String.fromCodePoint(code), "'", flags.plus), flags)
    case 'U': {
      const name = `U+${BigInt.asUintN(64, BigInt(value))
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(4, flags.precision ?? 4), '0')}`
      return pad(flags.sharp && isPrintable(value) ? `${name} '${String.fromCodePoint(code)}'` : name, {
        ...flags,
        zero: false,
      })
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    default:
      return bad(value, verb, flags)
  }
}

function intDigits(value: number | bigint, base: number, verb: string, flags: Flags): string {
  const negative = value < 0
  let digits = (negative ? -BigInt(value) : BigInt(value)).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  if (flags.precision !== undefined) {
    if (flags.precision === 0 && value === 0) return pad('', { ...flags, zero: false })
    digits = digits.padStart(flags.precision, '0')
  } else if (flags.zero && flags.width !== undefined)
    digits = digits.padStart(flags.width - (negative || flags.plus || flags.space ? 1 : 0), '0')
  let prefix = ''
  if (flags.sharp && base === 2) prefix = '0b'
  else if (flags.sharp && verb === 'o' && !digits.startsWith('0')) prefix = '0'
  else if (flags.sharp && (verb === 'x' || verb === 'X')) prefix = `0${verb}`
  if (verb === 'O') prefix = '0o'
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  return pad(sign + prefix + digits, { ...flags, zero: false })
}

function formatString(value: string, verb: string, flags: Flags): string {
  const cut = flags.precision === undefined ? value : [...value].slice(0, flags.precision).join('')
  switch (verb) {
    case 'v':
      return flags.sharp ? pad(goQuote(cut), flags) : pad(cut, flags)
    case 's':
      return pad(cut, flags)
    case 'q':
      return pad(flags.sharp && !cut.includes('`') ? `\`${cut}\`` : quoted(cut, '"', flags.plus), flags)
    case 'x':
    case 'X':
      return hexText(value, verb, flags)
    default:
      return bad(value, verb, flags)
  }
}

function hexText(value: string, verb: string, flags: Flags): string {
  const bytes = textBytes(value).subarray(0, flags.precision)
  const prefix = flags.sharp ? `0${verb}` : ''
  const pairs = [...bytes].map((b) => b.toString(16).padStart(2, '0'))
  const joined = flags.space
    ? pairs.map((p) => prefix + p).join(' ')
    : (pairs.length > 0 ? prefix : '') + pairs.join('')
  return pad(verb === 'X' ? joined.toUpperCase().replaceAll('0X', '0X') : joined, flags)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const isPrintable = (code: number | bigint): boolean =>
  code >= 0 && code <= 0x10ffff && PRINTABLE.test(String.fromCodePoint(Number(code)))

function quoted(text: string, quote: string, ascii = false): string {
  let out = quote
  for (const c of text) {
    const code = c.codePointAt(0)!
    if (c === quote) out += `\\${c}`
    else if (ESCAPES[c]) out += ESCAPES[c]
    else if (code >= 0xdc80 && code <= 0xdcff) out += `\\x${(code - 0xdc00).toString(16)}`
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (PRINTABLE.test(c) && !(ascii && code > 0x7e)) out += c
    else
      out +=
        code > 0xffff
          ? `\\U${code.toString(16).padStart(8, '0')}`
          : `\\u${code.toString(16).padStart(4, '0')}`
  }
  return out + quote
}

/** strconv.Quote. */
export const goQuote = (text: string): string => quoted(text, '"')

function formatFloat(value: number, verb: string, flags: Flags, given: Value): string {
  const form = verb === 'v' ? 'g' : verb
  if (!'eEfFgGxXb'.includes(form)) return bad(given, verb, flags)
  let text: string
  if (Number.isNaN(value)) text = 'NaN'
  else if (!Number.isFinite(value)) text = 'Inf'
  else text = floatDigits(Math.abs(value), form, flags.precision, flags.sharp)
  if (flags.sharp && verb !== 'v' && Number.isFinite(value)) text = keepPoint(text, form, flags.precision)
  const negative = value < 0 || Object.is(value, -0)
  const infinite = text === 'Inf'
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : infinite ? '+' : ''
  const zero = flags.zero && Number.isFinite(value)
  if (!zero || flags.width === undefined) return pad(sign + text, { ...flags, zero: false })
  return sign + text.padStart(flags.width - sign.length, '0')
}

/** With `#` the decimal point stays, and with %g the zeros that fill the precision. */
function keepPoint(text: string, form: string, precision: number | undefined): string {
  const [, mantissa = '', tail = ''] = /^([\d.]*)(.*)$/s.exec(text) ?? []
  if (!'eEfFgG'.includes(form)) return text
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`
  if (form !== 'g' && form !== 'G') return pointed + tail
  const digits = mantissa === '0' ? 1 : mantissa.replace('.', '').replace(/^0+/, '').length
  return pointed + '0'.repeat(Math.max((precision ?? 6) - digits, 0)) + tail
}

/** An exponent has at least two digits. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

function floatDigits(value: number, form: string, precision: number | undefined, sharp: boolean): string {
  const upper = (text: string): string => (form < 'a' ? text.toUpperCase() : text)
  switch (form) {
    case 'f':
    case 'F':
      return fixed(value, precision ?? 6)
    case 'e':
    case 'E':
      return upper(exponent(scientific(value, precision ?? 6)))
    case 'x':
    case 'X':
      return upper(hexFloat(value))
    case 'b':
      return binaryFloat(value)
    default:
      return upper(general(value, precision, sharp))
  }
}

/** Every digit of a float: `digits` with the decimal point behind the first `point` of them. */
function exactDigits(value: number): { digits: string; point: number } {
  const { bits, power } = mantissaOf(value)
  if (power >= 0) {
    const digits = (bits << BigInt(power)).toString()
    return { digits, point: digits.length }
  }
  const digits = (bits * 5n ** BigInt(-power)).toString()
  return { digits, point: digits.length + power }
}

/** The first `count` digits, the last one rounded half to even; one more where it carries. */
function rounded(digits: string, count: number): { digits: string; carry: number } {
  if (count >= digits.length) return { digits: digits.padEnd(count, '0'), carry: 0 }
  if (count < 0) return { digits: '', carry: 0 }
  const kept = digits.slice(0, count)
  const rest = digits.slice(count)
  const half = `5${'0'.repeat(rest.length - 1)}`
  const odd = count > 0 && Number(kept.at(-1)) % 2 === 1
  if (rest < half || (rest === half && !odd)) return { digits: kept, carry: 0 }
  const up = (BigInt(kept || '0') + 1n).toString().padStart(count, '0')
  return { digits: up, carry: up.length - count }
}

/** %f. */
function fixed(value: number, places: number): string {
  const exact = exactDigits(value)
  const leading = exact.point < 0 ? '0'.repeat(-exact.point) + exact.digits : exact.digits
  const point = Math.max(exact.point, 0)
  const { digits, carry } = rounded(leading, point + places)
  const whole = digits.slice(0, point + carry) || '0'
  return places === 0 ? whole : `${whole}.${digits.slice(point + carry)}`
}

/** %e with so many digits behind the point. */
function scientific(value: number, places: number): string {
  if (value === 0) return `0${places > 0 ? `.${'0'.repeat(places)}` : ''}e+0`
  const exact = exactDigits(value)
  const significant = exact.digits.replace(/^0+/, '')
  const { digits, carry } = rounded(significant, places + 1)
  const power = exact.point - (exact.digits.length - significant.length) - 1 + carry
  const mantissa = places > 0 ? `${digits[0]}.${digits.slice(1, places + 1)}` : digits[0]!
  return `${mantissa}e${power < 0 ? '-' : '+'}${Math.abs(power)}`
}

/** %g: the exponent form below 1e-4 and from the precision on. */
function general(value: number, precision: number | undefined, sharp: boolean): string {
  if (value === 0) return sharp && precision !== undefined ? (0).toFixed(Math.max(precision - 1, 0)) : '0'
  const digits = precision === undefined ? undefined : Math.max(precision, 1)
  const form = digits === undefined ? value.toExponential() : scientific(value, digits - 1)
  const [mantissa = '', power = ''] = form.split('e')
  const exp = Number(power)
  const significant = mantissa.replace(/\.?0*$/, '').replace('.', '').length
  // The shortest form counts as six digits here.
  const limit = digits === undefined ? 6 : digits > significant && significant > exp ? significant : digits
  if (exp < -4 || exp >= limit) {
    const text = exponent(form)
    return sharp ? text : text.replace(/\.?0*e/, 'e')
  }
  if (digits === undefined) return String(value).includes('e') ? toPlain(mantissa, exp) : String(value)
  const text = fixed(value, Math.max(digits - 1 - exp, 0))
  return sharp || !text.includes('.') ? text : text.replace(/\.?0+$/, '')
}

function toPlain(mantissa: string, power: number): string {
  const digits = mantissa.replace('.', '')
  return power < 0 ? `0.${'0'.repeat(-power - 1)}${digits}` : digits.padEnd(power + 1, '0')
}

function mantissaOf(value: number): { bits: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const raw = view.getBigUint64(0)
  const power = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & 0xfffffffffffffn
  return power === 0
    ? { bits: fraction, power: -1074 }
    : { bits: fraction | (1n << 52n), power: power - 1075 }
}

function hexFloat(value: number): string {
  if (value === 0) return '0x0p+00'
  let { bits, power } = mantissaOf(value)
  while (bits < 1n << 52n) {
    bits <<= 1n
    power--
  }
  const digits = (bits & 0xfffffffffffffn).toString(16).padStart(13, '0').replace(/0+$/, '')
  const scale = power + 52
  return `0x1${digits === '' ? '' : `.${digits}`}p${scale < 0 ? '-' : '+'}${String(Math.abs(scale)).padStart(2, '0')}`
}

function binaryFloat(value: number): string {
  const { bits, power } = mantissaOf(value)
  return `${bits}p${power < 0 ? '-' : '+'}${Math.abs(power)}`
}
