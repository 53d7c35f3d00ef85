// Script text to tokens. A lexical error is a token too, so that the parser meets it where it stands.
import { bytesText } from '../../point/text.ts'

export type TokenKind =
  | 'identifier'
  | 'number'
  | 'string'
  | 'keyword'
  | 'reserved'
  | 'operator'
  | 'punctuation'
  | 'newline'
  | 'eof'
  | 'error'

export interface Token {
  readonly kind: TokenKind
  /** Operator, punctuation or lower-cased keyword; the name of an identifier; the message of an error. */
  readonly text: string
  readonly from: number
  readonly to: number
  /** Value of a string; a number's is made from its text. */
  readonly value?: string
}

const KEYWORDS = new Set([
  'if',
  'elif',
  'else',
  'for',
  'in',
  'break',
  'continue',
  'true',
  'false',
  'nil',
  'null',
])
const RESERVED = new Set(['while', 'return', 'identifier', 'str', 'bool', 'int', 'float', 'list', 'map'])
const DOUBLE = new Set(['+=', '-=', '*=', '/=', '%=', '==', '!=', '<=', '>=', '&&', '||'])
const SINGLE = '+-*/%=!<>'
const PUNCTUATION = ',:;.(){}[]'
const IDENTIFIER = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/y
const NUMBER = /0[xX][0-9a-fA-F]*(?:\.[0-9a-fA-F]*)?|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?/y
const IDENTIFIER_PART = /[A-Za-z0-9_\u0080-\uffff]/
// A number ends at a non-ASCII letter, which starts an identifier of its own.
const NUMBER_PART = /[A-Za-z0-9_]/

/** All tokens of a script; the last one is `eof` or, where brackets stay open, an error at the end. */
export function tokenize(text: string): Token[] {
  return new Lexer(text).run()
}

class Lexer {
  readonly #text: string
  #at = 0
  #tokens: Token[] = []
  #parens = 0
  #brackets = 0
  #braces = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): Token[] {
    while (this.#at < this.#text.length) this.#next()
    const open =
      this.#parens > 0
        ? 'unclosed left parenthesis'
        : this.#brackets !== 0
          ? 'unclosed left bracket'
          : this.#braces > 0
            ? 'unclosed left brace'
            : undefined
    const end = this.#text.length
    this.#tokens.push({ kind: open ? 'error' : 'eof', text: open ?? '', from: end, to: end })
    return this.#tokens
  }

  #push(kind: TokenKind, text: string, to: number, value?: string): void {
    const token = { kind, text, from: this.#at, to }
    this.#tokens.push(value === undefined ? token : { ...token, value })
    this.#at = to
  }

  #error(message: string, to: number): void {
    this.#push('error', message, Math.max(to, this.#at + 1))
  }

  #next(): void {
    const text = this.#text
    const c = text[this.#at]!
    if (c === ' ' || c === '\t' || c === '\r') this.#at++
    else if (c === '\n') this.#push('newline', '\n', this.#at + 1)
    else if (c === '#') this.#comment()
    else if (c === '"' || c === "'") this.#string(c)
    else if (c === '`') this.#rawIdentifier()
    else if (c >= '0' && c <= '9') this.#number()
    else if (IDENTIFIER_PART.test(c)) this.#word()
    else this.#symbol(c)
  }

  #comment(): void {
    while (this.#at < this.#text.length && !/[\n\r]/.test(this.#text[this.#at]!)) this.#at++
  }

  #word(): void {
    IDENTIFIER.lastIndex = this.#at
    const word = IDENTIFIER.exec(this.#text)![0]
    const lower = word.toLowerCase()
    const to = this.#at + word.length
    if (KEYWORDS.has(lower)) this.#push('keyword', lower === 'null' ? 'nil' : lower, to)
    else if (RESERVED.has(lower)) this.#push('reserved', lower, to)
    else if (lower === 'inf' || lower === 'nan') this.#push('number', lower, to)
    else this.#push('identifier', word, to)
  }

  #rawIdentifier(): void {
    const end = this.#text.indexOf('`', this.#at + 1)
    if (end < 0) return this.#error('unterminated raw string', this.#text.length)
    const name = this.#text.slice(this.#at + 1, end)
    if (name.includes('\ufffd')) this.#error('invalid UTF-8 rune', end + 1)
    else this.#push('identifier', name, end + 1)
  }

  #number(): void {
    NUMBER.lastIndex = this.#at
    const digits = NUMBER.exec(this.#text)![0]
    const to = this.#at + digits.length
    if (to < this.#text.length && NUMBER_PART.test(this.#text[to]!))
      this.#error(`bad duration: "${digits}"`, this.#wordEnd(to))
    else if (!isNumber(digits)) this.#error(numberError(digits), to)
    else this.#push('number', digits, to)
  }

  #wordEnd(from: number): number {
    let at = from
    while (at < this.#text.length && IDENTIFIER_PART.test(this.#text[at]!)) at++
    return at
  }

  #symbol(c: string): void {
    const pair = this.#text.slice(this.#at, this.#at + 2)
    if (DOUBLE.has(pair)) this.#push('operator', pair, this.#at + 2)
    else if (SINGLE.includes(c)) this.#push('operator', c, this.#at + 1)
    else if (PUNCTUATION.includes(c)) this.#punctuation(c)
    else if (c === '&' || c === '|') this.#error(`unexpected character \`'${c}'' after \`!'`, this.#at + 1)
    else this.#error(`unexpected character: ${quoteChar(c)}`, this.#at + 1)
  }

  #punctuation(c: string): void {
    if (c === '(') this.#parens++
    if (c === '[') this.#brackets++
    if (c === ']') this.#brackets--
    if (c === '{') this.#braces++
    if ((c === ')' && --this.#parens < 0) || (c === '}' && --this.#braces < 0)) {
      // The language reports a closing bracket too many behind it.
      this.#at++
      this.#parens = Math.max(0, this.#parens)
      this.#braces = Math.max(0, this.#braces)
      this.#tokens.push({
        kind: 'error',
        text: `unexpected right parenthesis '${c}'`,
        from: this.#at,
        to: this.#at,
      })
      return
    }
    this.#push('punctuation', c, this.#at + 1)
  }

  #string(quote: string): void {
    if (this.#text.startsWith(quote.repeat(3), this.#at)) return this.#tripleString(quote)
    const start = this.#at
    let at = start + 1
    for (; ; at++) {
      const c = this.#text[at]
      if (c === undefined || c === '\n') return this.#error('unterminated quoted string within lexString', at)
      if (c === quote) break
      if (c === '\\') at++
      if (this.#text[at] === '\n') return this.#error('unterminated quoted string within lexString', at)
    }
    const body = this.#text.slice(start + 1, at)
    const value = unescapeString(body, quote)
    if (typeof value === 'string') this.#push('string', '', at + 1, value)
    else this.#error(value.message, at + 1)
  }

  #tripleString(quote: string): void {
    const end = /"{3}|'{3}|["']{3}/g
    end.lastIndex = this.#at + 3
    const close = end.exec(this.#text)
    if (!close) return this.#error('unterminated quoted string within lexMultilineString', this.#text.length)
    const to = close.index + 3
    if (close[0] === quote.repeat(3))
      this.#push('string', '', to, this.#text.slice(this.#at + 3, close.index))
    else this.#error(`error unquoting multiline string: ${close[0]} does not close ${quote.repeat(3)}`, to)
  }
}

const quoteChar = (c: string): string => {
  const named: Record<string, string> = { '\v': '\\v', '\f': '\\f', '\\': '\\\\', "'": "\\'" }
  const code = c.charCodeAt(0)
  return `'${named[c] ?? (code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : c)}'`
}

/** True for what a number token may be: an int64 (0x hex, leading 0 octal) or a finite decimal float. */
function isNumber(digits: string): boolean {
  if (/^0[xX]/.test(digits)) return /^0[xX][0-9a-fA-F]+$/.test(digits) && BigInt(digits) < 2n ** 63n
  return !/[eE][+-]?$/.test(digits) && Number.isFinite(Number(digits))
}

function numberError(digits: string): string {
  const reason = /^0[xX]|[eE][+-]?$/.test(digits) ? 'invalid syntax' : 'value out of range'
  return `error parsing number: strconv.ParseFloat: parsing "${digits}": ${reason}`
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const DIGITS: Readonly<Record<string, { count: number; base: number; limit: number }>> = {
  x: { count: 2, base: 16, limit: 255 },
  u: { count: 4, base: 16, limit: 0x10ffff },
  U: { count: 8, base: 16, limit: 0x10ffff },
}

/** The text of a quoted string: `\x` and octal give a byte, so pieces are joined as bytes when there is one. */
function unescapeString(body: string, quote: string): string | { message: string } {
  if (!body.includes('\\')) return body
  const parts: Buffer[] = []
  let text = ''
  for (let at = 0; at < body.length; at++) {
    const c = body[at]!
    if (c !== '\\') {
      text += c
      continue
    }
    const kind = body[++at] ?? quote
    const simple = kind === quote ? quote : SIMPLE_ESCAPES[kind]
    if (simple !== undefined) {
      text += simple
      continue
    }
    const octal = kind >= '0' && kind <= '7'
    const form = octal ? { count: 3, base: 8, limit: 255 } : DIGITS[kind]
    if (!form) return { message: `unknown escape sequence U+${hex4(kind)} '${kind}'` }
    const digits = body.slice(octal ? at : at + 1, (octal ? at : at + 1) + form.count)
    const bad = [...digits.padEnd(form.count, quote)].find((d) => Number.isNaN(Number.parseInt(d, form.base)))
    if (bad !== undefined) return { message: `illegal character U+${hex4(bad)} '${bad}' in escape sequence` }
    const code = Number.parseInt(digits, form.base)
    if (code > form.limit || (code >= 0xd800 && code < 0xe000))
      return { message: 'escape sequence is an invalid Unicode code point' }
    at += octal ? form.count - 1 : form.count
    if (kind === 'u' || kind === 'U') text += String.fromCodePoint(code)
    else {
      parts.push(Buffer.from(text), Buffer.of(code))
      text = ''
    }
  }
  return parts.length === 0 ? text : bytesText(Buffer.concat([...parts, Buffer.from(text)]))
}

const hex4 = (c: string): string => c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
