// Grammar of filter rules:
//
//   rules   = [rule] *(";" [rule])
//   rule    = "{" [element] *("," [element]) "}"          elements are joined by AND
//   element = a binary expression or one in parentheses
//   expr    = operand *(op operand)                       or < and < comparison < + - < * / % < ^
//   operand = literal | key | key ("in"|"notin"|"match"|"notmatch") "[" [[","] item *("," item)] "]" | re("...") | (expr)
//           | name(arguments) *("." name(arguments)) | "*"
//
// More parses than can ever match (arithmetic, calls, a.b): such a condition is false.
import { lex, type Fault, type Token } from './lexer.ts'
import { integer, type Integer } from '../../point/point.ts'

export type Literal =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: Integer }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'nil'; readonly value: null }

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

export type Node =
  | Literal
  | { readonly type: 'key'; readonly name: string }
  | { readonly type: 're'; readonly pattern: string; readonly token: Token }
  /** Parses, and never matches: a call, arithmetic, `a.b`, `*`. */
  | { readonly type: 'idle' }
  | { readonly type: 'arithmetic' }
  | { readonly type: 'paren'; readonly inner: Node }
  | { readonly type: 'logic'; readonly op: 'and' | 'or'; readonly items: readonly Node[] }
  | { readonly type: 'compare'; readonly op: Comparison; readonly left: Node; readonly right: Node }
  | {
      readonly type: 'list'
      readonly op: 'in' | 'notin' | 'match' | 'notmatch'
      readonly left: Node
      readonly items: readonly Literal[]
      readonly tokens: readonly Token[]
    }

/** One `{}` block. */
export interface Rule {
  readonly elements: readonly Node[]
}

/** The blocks of one rule text, or its first fault. */
export function parseRules(source: string): readonly Rule[] | Fault {
  const tokens = lex(source)
  if (!Array.isArray(tokens)) return tokens
  const parser = new Parser(tokens)
  const rules = parser.rules()
  return parser.fault ?? rules
}

const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(['or']),
  new Set(['and']),
  new Set(['=', '!=', '<', '<=', '>', '>=']),
  new Set(['+', '-']),
  new Set(['*', '/', '%']),
]
const COMPARISON = 2
const ARITHMETIC = 3
const LISTS: ReadonlySet<string> = new Set(['in', 'notin', 'match', 'notmatch'])
/** Parentheses, calls and powers within each other. */
const MAX_DEPTH = 200
const IDLE: Node = { type: 'idle' }

class Parser {
  fault: Fault | undefined
  private readonly tokens: readonly Token[]
  private at = 0
  private depth = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  private get token(): Token {
    return this.tokens[this.at]!
  }

  private is(kind: string): boolean {
    return this.fault === undefined && this.token.kind === kind
  }

  private take(kind: string): boolean {
    if (!this.is(kind)) return false
    this.at++
    return true
  }

  private fail(message: string, token: Token = this.token): Node {
    this.fault ??= { message, from: token.from, to: token.to }
    return IDLE
  }

  private unexpected(expected: string): Node {
    const { kind, text } = this.token
    return this.fail(`unexpected ${kind === 'end' ? 'end' : JSON.stringify(text)}, expected ${expected}`)
  }

  private expect(kind: string): void {
    if (!this.take(kind)) this.unexpected(`"${kind}"`)
  }

  rules(): readonly Rule[] {
    const rules: Rule[] = []
    do if (this.is('{')) rules.push(this.rule())
    while (this.take(';'))
    if (!this.is('end')) this.unexpected('"{" or ";"')
    return rules
  }

  private rule(): Rule {
    const elements: Node[] = []
    this.expect('{')
    while (!this.is('}') && this.fault === undefined) {
      if (!this.is(',')) elements.push(this.element())
      if (!this.take(',')) break
    }
    this.expect('}')
    return { elements }
  }

  private element(): Node {
    const node = this.expression()
    const isCondition = ['compare', 'list', 'logic', 'arithmetic', 'paren'].includes(node.type)
    return isCondition || this.fault ? node : this.unexpected('an operator')
  }

  private expression(level = 0): Node {
    if (level === LEVELS.length) return this.power()
    let left = this.expression(level + 1)
    if (level < COMPARISON) return this.logic(left, level)
    while (this.fault === undefined && LEVELS[level]!.has(this.token.kind)) {
      const op = this.token.kind
      this.at++
      const right = this.expression(level + 1)
      if ((op === '/' || op === '%') && isZero(right)) return this.fail('division or modulo by zero')
      left =
        level >= ARITHMETIC ? { type: 'arithmetic' } : { type: 'compare', op: op as Comparison, left, right }
    }
    return left
  }

  /** A chain of one operator as one node: rules of thousands of conditions are common. */
  private logic(first: Node, level: number): Node {
    const op = level === 0 ? 'or' : 'and'
    const items = [first]
    while (this.take(op)) items.push(this.expression(level + 1))
    return items.length === 1 ? first : { type: 'logic', op, items }
  }

  private power(): Node {
    const left = this.operand()
    if (!this.take('^')) return left
    this.nested(() => this.power())
    return { type: 'arithmetic' }
  }

  private nested(read: () => Node): Node {
    if (++this.depth > MAX_DEPTH) return this.fail(`nested more than ${MAX_DEPTH} deep`)
    const node = read()
    this.depth--
    return node
  }

  private operand(): Node {
    const literal = this.literal()
    if (literal) return literal
    if (this.take('(')) {
      const inner = this.nested(() => this.expression())
      this.expect(')')
      return { type: 'paren', inner }
    }
    if (this.is('re')) return this.regularExpression()
    if (this.take('*')) return IDLE
    const key = this.key()
    if (!key) return this.unexpected('a key or a value')
    if (this.is('(')) return this.call()
    return LISTS.has(this.token.kind) ? this.list(key) : key
  }

  private literal(): Literal | undefined {
    const { kind, text } = this.token
    if (this.fault || !['string', 'true', 'false', 'nil', 'number', '+', '-'].includes(kind)) return undefined
    this.at++
    if (kind === 'string') return { type: 'string', value: text }
    if (kind === 'nil') return { type: 'nil', value: null }
    if (kind === 'true' || kind === 'false') return { type: 'bool', value: kind === 'true' }
    if (kind === 'number') return this.number(text, false)
    const digits = this.token
    if (!this.is('number')) {
      this.unexpected('a number')
      return { type: 'nil', value: null }
    }
    this.at++
    return this.number(digits.text, kind === '-')
  }

  /** An int64 as Go reads it (0x, leading 0 for octal), else a float64. */
  private number(text: string, isNegative: boolean): Literal {
    const whole = wholeNumber(text)
    if (whole !== undefined) return { type: 'int', value: integer(isNegative ? -whole : whole) }
    const float = FLOATS.get(text.toLowerCase()) ?? (DECIMAL.test(text) ? Number(text) : NaN)
    if (!FLOATS.has(text.toLowerCase()) && !Number.isFinite(float))
      this.fail(`${text} is no number`, this.tokens[this.at - 1]!)
    return { type: 'float', value: isNegative ? -float : float }
  }

  /** A key, or `a.b`, which is none. */
  private key(): Node | undefined {
    const name = this.keyName()
    if (name === undefined) return undefined
    let key: Node = { type: 'key', name }
    while (this.is('.')) {
      this.at++
      if (this.keyName() === undefined) return this.unexpected('a key')
      key = IDLE
    }
    return key
  }

  private keyName(): string | undefined {
    const { kind, text } = this.token
    if (this.is('key') || this.is('rawKey')) {
      this.at++
      return text
    }
    if (kind !== 'identifier' || !this.take('identifier')) return undefined
    this.expect('(')
    const name = this.token.text
    this.expect('string')
    this.expect(')')
    return name
  }

  private regularExpression(): Node {
    this.at++
    this.expect('(')
    const { token } = this
    if (!this.take('string') && !this.take('rawKey')) return this.unexpected('a regular expression in quotes')
    this.expect(')')
    return { type: 're', pattern: token.text, token }
  }

  private list(left: Node): Node {
    const op = this.token.kind as 'in' | 'notin' | 'match' | 'notmatch'
    this.at++
    this.expect('[')
    const { items, tokens } = this.items(op === 'match' || op === 'notmatch')
    this.expect(']')
    return { type: 'list', op, left, items, tokens }
  }

  /** Items of a list: literals; keys and `*` may stand there and count for nothing. A comma may come first, not last. */
  private items(onlyText: boolean): { items: Literal[]; tokens: Token[] } {
    const items: Literal[] = []
    const tokens: Token[] = []
    if (this.is(']')) return { items, tokens }
    this.take(',')
    do {
      const { token } = this
      const literal = this.literal()
      if (onlyText && literal?.type !== 'string')
        this.fail('a regular expression must be a quoted string', token)
      if (literal) {
        items.push(literal)
        tokens.push(token)
      } else if (!this.take('*') && !this.key()) this.unexpected('a value')
    } while (this.take(','))
    return { items, tokens }
  }

  /** Calls parse, also chained by dots, and never match. */
  private call(): Node {
    this.expect('(')
    while (!this.is(')') && this.fault === undefined) {
      if (!this.is(',')) this.argument()
      if (!this.take(',')) break
    }
    this.expect(')')
    if (!this.take('.')) return IDLE
    if (!this.key() || !this.is('(')) return this.unexpected('a call')
    return this.nested(() => this.call())
  }

  private argument(): void {
    if (this.is('[')) return this.bracketed()
    // A named argument may be a list: name = [...].
    const mark = this.at
    if (this.keyName() !== undefined && this.is('=') && this.tokens[this.at + 1]!.kind === '[') {
      this.at++
      return this.bracketed()
    }
    this.at = mark
    this.nested(() => this.expression())
  }

  private bracketed(): void {
    this.expect('[')
    this.items(false)
    this.expect(']')
  }
}

const isZero = (node: Node): boolean =>
  (node.type === 'int' && node.value === 0) || (node.type === 'float' && node.value === 0)

const FLOATS: ReadonlyMap<string, number> = new Map([
  ['inf', Infinity],
  ['nan', NaN],
])
const DECIMAL = /^[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?$/

/** A non-negative int64, undefined when the text is none. */
function wholeNumber(text: string): bigint | undefined {
  const octal = /^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text
  if (!/^(?:0[xX][0-9a-fA-F]+|0o[0-7]+|0|[1-9][0-9]*)$/.test(octal)) return undefined
  const value = BigInt(octal)
  return value < 2n ** 63n ? value : undefined
}
