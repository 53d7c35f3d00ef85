// Words of filter rules. Keys are ASCII words, or anything between backquotes; keywords are case-insensitive.
import { bytesText } from '../../point/text.ts'

export interface Token {
  /** An operator, bracket or keyword as itself, else what it is. Aliases share one: && is `and`, null is `nil`. */
  readonly kind: string
  readonly from: number
  readonly to: number
  /** The key or string it stands for, the digits of a number, or the source text. */
  readonly text: string
}

/** What is wrong with a rule, and where. */
export interface Fault {
  readonly message: string
  readonly from: number
  readonly to: number
}

/** Words that stand for themselves only between backquotes. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ...'as asc auto by desc false filter identifier in int float limit link match offset order re slimit soffset true tz with'
    .split(' ')
    .map((word) => [word, word] as const),
  ['and', 'and'],
  ['or', 'or'],
  ['nil', 'nil'],
  ['null', 'nil'],
  ['notin', 'notin'],
  ['not_in', 'notin'],
  ['notmatch', 'notmatch'],
  ['inf', 'number'],
  ['nan', 'number'],
])

const SYMBOLS: readonly string[] = ['&&', '||', '!=', '<=', '>=', ...'=<>+-*/%^(){}[],;:.']
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['&&', 'and'],
  ['||', 'or'],
])

/** The tokens of a rule, the last of kind `end`; or the first fault. */
export function lex(source: string): Token[] | Fault {
  const tokens: Token[] = []
  const open: Token[] = []
  let at = 0
  for (;;) {
    at = skipBlank(source, at)
    if (at >= source.length) break
    const token = read(source, at)
    if (!('kind' in token)) return token
    const fault = nest(token, open)
    if (fault) return fault
    tokens.push(token)
    at = token.to
  }
  const unclosed = open.at(-1)
  if (unclosed) return { message: `unclosed ${NAMES[unclosed.kind]}`, from: unclosed.from, to: unclosed.to }
  tokens.push({ kind: 'end', from: at, to: at, text: '' })
  return tokens
}

const NAMES: Readonly<Record<string, string>> = {
  '(': 'left parenthesis',
  '[': 'left bracket',
  '{': 'left brace',
}
const OPENERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** Keeps track of brackets; which one closes which is the parser's affair. */
function nest(token: Token, open: Token[]): Fault | undefined {
  if (token.kind in NAMES) open.push(token)
  const opener = OPENERS[token.kind]
  if (opener === undefined) return undefined
  const index = open.findLastIndex((other) => other.kind === opener)
  if (index >= 0) open.splice(index, 1)
  return index < 0 ? { message: `unexpected ${token.text}`, from: token.from, to: token.to } : undefined
}

/** Steps over spaces and comments, which run from # to the end of the line. */
function skipBlank(source: string, at: number): number {
  const blank = /(?:[ \t\r\n]|#[^\r\n]*)*/y
  blank.lastIndex = at
  blank.test(source)
  return blank.lastIndex
}

function read(source: string, at: number): Token | Fault {
  const first = source[at]!
  if (first === '"' || first === "'") return readString(source, at)
  if (first === '`') return readRaw(source, at)
  const word = match(/[A-Za-z_][A-Za-z0-9_]*/y, source, at)
  if (word !== undefined) {
    const kind = KEYWORDS.get(word.toLowerCase()) ?? 'key'
    return { kind, from: at, to: at + word.length, text: word }
  }
  if (first >= '0' && first <= '9') return readNumber(source, at)
  const symbol = SYMBOLS.find((text) => source.startsWith(text, at))
  if (symbol !== undefined)
    return { kind: ALIASES.get(symbol) ?? symbol, from: at, to: at + symbol.length, text: symbol }
  const character = String.fromCodePoint(source.codePointAt(at)!)
  return { message: `unexpected character ${JSON.stringify(character)}`, from: at, to: at + character.length }
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0]
}

const NUMBER = /(?:0[xX][0-9a-fA-F]*(?:\.[0-9a-fA-F]*)?|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]*)?/y

function readNumber(source: string, at: number): Token | Fault {
  const text = match(NUMBER, source, at) ?? ''
  const to = at + text.length
  const tail = match(/[A-Za-z0-9_]+/y, source, to)
  if (tail !== undefined) return { message: `${text}${tail} is no number`, from: at, to: to + tail.length }
  return { kind: 'number', from: at, to, text }
}

function readRaw(source: string, at: number): Token | Fault {
  const end = source.indexOf('`', at + 1)
  if (end < 0) return { message: 'unterminated backquoted key', from: at, to: source.length }
  return { kind: 'rawKey', from: at, to: end + 1, text: source.slice(at + 1, end) }
}

const NAMED: ReadonlyMap<string, number> = new Map(
  [...'abfnrtv\\'].map((letter) => [letter, '\x07\b\f\n\r\t\v\\'.charCodeAt('abfnrtv\\'.indexOf(letter))]),
)

/** A string with the escapes of Go: \n and its like, \\, its own quote, \ooo, \xhh, \uhhhh, \Uhhhhhhhh. */
function readString(source: string, at: number): Token | Fault {
  const quote = source[at]!
  const parts: Buffer[] = []
  let plain = at + 1
  let i = at + 1
  const flush = (to: number): void => void (to > plain && parts.push(Buffer.from(source.slice(plain, to))))
  while (source[i] !== quote) {
    if (i >= source.length || source[i] === '\n')
      return { message: 'unterminated quoted string', from: at, to: i }
    if (source[i] !== '\\') {
      i++
      continue
    }
    flush(i)
    const escape = readEscape(source, i, quote)
    if ('message' in escape) return escape
    parts.push(escape.bytes)
    i += escape.length
    plain = i
  }
  flush(i)
  return { kind: 'string', from: at, to: i + 1, text: bytesText(Buffer.concat(parts)) }
}

const NUMERIC = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y

function readEscape(source: string, at: number, quote: string): { bytes: Buffer; length: number } | Fault {
  const letter = source[at + 1] ?? ''
  const named = letter === quote ? letter.charCodeAt(0) : NAMED.get(letter)
  if (named !== undefined) return { bytes: Buffer.of(named), length: 2 }
  NUMERIC.lastIndex = at
  const found = NUMERIC.exec(source)
  if (!found) return { message: `unknown escape sequence \\${letter}`, from: at, to: at + 2 }
  const [text, octal, byte, short, long] = found
  const code = octal === undefined ? Number.parseInt((byte ?? short ?? long)!, 16) : Number.parseInt(octal, 8)
  const isByte = octal !== undefined || byte !== undefined
  if (isByte ? code > 0xff : code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff))
    return { message: `escape sequence ${text} is no character`, from: at, to: at + text.length }
  return { bytes: isByte ? Buffer.of(code) : Buffer.from(String.fromCodePoint(code)), length: text.length }
}
