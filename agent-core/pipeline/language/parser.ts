// Tokens to syntax tree. It recovers at the next statement, so that an editor gets every error at once; the first one
// is what the language's APIs report.
//
//   script    = sep* statement (sep+ statement)* sep*            sep = newline | ";"
//   statement = if | for | break | continue | exprs [("=" | "+=" ...) exprs]
//   expr      = or levels, low to high: || && in comparison +- */% unary postfix
import type {
  Argument,
  AttrExpr,
  Block,
  CallExpr,
  Expr,
  Identifier,
  IndexExpr,
  SliceExpr,
  Stmt,
} from './ast.ts'
import { tokenize, type Token } from './lexer.ts'
import { Float, intValue, type Value } from './value.ts'

export interface SyntaxFault {
  readonly message: string
  readonly at: number
  readonly to: number
}

export interface ParseResult {
  readonly statements: readonly Stmt[]
  readonly faults: readonly SyntaxFault[]
}

export function parse(text: string): ParseResult {
  return new Parser(tokenize(text)).script()
}

class Stop {
  readonly fault: SyntaxFault
  constructor(fault: SyntaxFault) {
    this.fault = fault
  }
}

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['in'],
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/', '%'],
]
const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%='])
const SLICEABLE = new Set([
  'StringLiteral',
  'IntLiteral',
  'FloatLiteral',
  'BoolLiteral',
  'NilLiteral',
  'ListLiteral',
  'CallExpr',
  'SliceExpr',
])

class Parser {
  readonly #tokens: readonly Token[]
  #index = 0
  readonly #faults: SyntaxFault[] = []

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get #token(): Token {
    return this.#tokens[this.#index]!
  }

  script(): ParseResult {
    if (this.#atEnd()) this.#report(this.#unexpected())
    const statements: Stmt[] = []
    for (;;) {
      this.#statements(statements)
      if (this.#atEnd()) break
      // A closing brace or a lexical error that no statement took.
      if (this.#faults.length === 0 || !this.#is('}')) this.#report(this.#unexpected())
      if (this.#index === this.#tokens.length - 1) break
      this.#index++
    }
    return { statements, faults: this.#faults }
  }

  // --- statements

  /** Statements up to the end or a closing brace. */
  #statements(into: Stmt[]): void {
    for (;;) {
      while (this.#isSeparator()) this.#index++
      if (this.#atEnd() || this.#is('}')) return
      try {
        into.push(this.#statement())
        if (!this.#isSeparator() && !this.#is('}') && !this.#atEnd()) this.#fail()
      } catch (stop) {
        if (!(stop instanceof Stop)) throw stop
        this.#report(stop)
        this.#recover()
        if (this.#index === this.#tokens.length - 1) return
      }
    }
  }

  #report(stop: Stop): void {
    this.#faults.push(stop.fault)
  }

  /** Skips to the end of the statement: the next separator or closing brace outside brackets. */
  #recover(): void {
    let depth = 0
    for (; this.#index < this.#tokens.length - 1; this.#index++) {
      const { kind, text } = this.#token
      if (depth <= 0 && (kind === 'newline' || text === ';' || (kind === 'punctuation' && text === '}')))
        return
      if (kind !== 'punctuation') continue
      if (text === '(' || text === '[' || text === '{') depth++
      if (text === ')' || text === ']' || text === '}') depth--
    }
  }

  #statement(): Stmt {
    const token = this.#token
    if (token.kind === 'keyword') {
      if (token.text === 'if') return this.#if()
      if (token.text === 'for') return this.#for()
      if (token.text === 'break' || token.text === 'continue') {
        this.#index++
        const type = token.text === 'break' ? 'BreakStmt' : 'ContinueStmt'
        return { type, from: token.from, to: token.to, start: token.from }
      }
    }
    return this.#simpleStatement()
  }

  #simpleStatement(): Stmt {
    const from = this.#token.from
    const targets = this.#expressions()
    const operator = this.#token
    const assigns = operator.kind === 'operator' && ASSIGN.has(operator.text)
    if (targets.length > 1 && !(assigns && operator.text === '=')) this.#fail()
    if (!assigns) {
      const expression = targets[0]!
      return { type: 'ExprStmt', expression, from, to: expression.to, start: expression.start }
    }
    this.#index++
    this.#newlines()
    // Only a plain assignment takes lists.
    const values = operator.text === '=' ? this.#expressions() : [this.#expression()]
    return {
      type: 'AssignStmt',
      operator: operator.text,
      operatorAt: operator.from,
      targets,
      values,
      from,
      to: values.at(-1)!.to,
      start: from,
    }
  }

  #expressions(): Expr[] {
    const list = [this.#expression()]
    while (this.#is(',')) {
      this.#index++
      this.#newlines()
      list.push(this.#expression())
    }
    return list
  }

  #if(): Stmt {
    const from = this.#token.from
    const branches: { condition: Expr; body: Block }[] = []
    let otherwise: Block | undefined
    do {
      this.#index++
      branches.push({ condition: this.#expression(), body: this.#block() })
    } while (this.#isKeyword('elif'))
    if (this.#isKeyword('else')) {
      this.#index++
      otherwise = this.#block()
    }
    const to = (otherwise ?? branches.at(-1)!.body).to
    return { type: 'IfStmt', branches, otherwise, from, to, start: from }
  }

  #for(): Stmt {
    const from = this.#token.from
    this.#index++
    const init = this.#is(';') ? undefined : this.#simpleStatement()
    if (init?.type === 'ExprStmt' && init.expression.type === 'InExpr' && this.#is('{')) {
      const body = this.#block()
      const { left, right } = init.expression
      const closing = this.#tokens[this.#index - 1]!
      // The reference parser judges the header when it has read the whole loop, so the place is its brace.
      if (left.type !== 'Identifier') this.#failAt(`${left.type} object is not identifier`, closing)
      if (/^(?:Int|Float|Bool|Nil)Literal$/.test(right.type))
        this.#failAt(`${right.type} object is not iterable`, closing)
      return { type: 'ForInStmt', variable: left, iterable: right, body, from, to: body.to, start: from }
    }
    this.#expect(';')
    const condition = this.#is(';') ? undefined : this.#expression()
    this.#expect(';')
    const step = this.#is('{') ? undefined : this.#simpleStatement()
    const body = this.#block()
    return { type: 'ForStmt', init, condition, step, body, from, to: body.to, start: from }
  }

  #block(): Block {
    const from = this.#token.from
    this.#expect('{')
    const statements: Stmt[] = []
    this.#statements(statements)
    this.#expect('}')
    return { from, to: this.#tokens[this.#index - 1]!.to, statements }
  }

  // --- expressions

  #expression(level = 0): Expr {
    const operators = LEVELS[level]
    if (!operators) return this.#unary()
    let left = this.#expression(level + 1)
    for (;;) {
      const { text, from, kind } = this.#token
      if ((kind !== 'operator' && kind !== 'keyword') || !operators.includes(text)) return left
      this.#index++
      this.#newlines()
      const right = this.#expression(level + 1)
      if ((text === '/' || text === '%') && isZero(right))
        this.#failAt('division or modulo by zero', this.#token)
      left = {
        type: level === 2 ? 'InExpr' : level < 4 ? 'ConditionalExpr' : 'ArithmeticExpr',
        operator: text,
        operatorAt: from,
        left,
        right,
        from: left.from,
        to: right.to,
        start: left.start,
      }
    }
  }

  #unary(): Expr {
    const { kind, text, from } = this.#token
    if (kind !== 'operator' || (text !== '-' && text !== '+' && text !== '!')) return this.#postfix()
    this.#index++
    const operand = this.#unary()
    const place = { from, to: operand.to, start: from }
    if (text !== '!' && (operand.type === 'IntLiteral' || operand.type === 'FloatLiteral'))
      return { ...operand, ...place, value: text === '-' ? negated(operand.value) : operand.value }
    return { type: 'UnaryExpr', operator: text, operand, ...place }
  }

  #postfix(): Expr {
    let expr = this.#primary()
    while (this.#is('[') && SLICEABLE.has(expr.type)) {
      const at = this.#openBracket()
      expr = this.#slice(expr, at, this.#is(':') ? undefined : this.#expression())
    }
    return expr
  }

  #primary(): Expr {
    const token = this.#token
    const place = { from: token.from, to: token.to, start: token.from }
    switch (token.kind) {
      case 'number':
        this.#index++
        return numberLiteral(token, place)
      case 'string':
        this.#index++
        return { type: 'StringLiteral', value: token.value!, ...place }
      case 'identifier':
        this.#index++
        return this.#is('(')
          ? this.#call(token)
          : this.#named({ type: 'Identifier', name: token.text, ...place })
      case 'keyword':
        return this.#keywordLiteral(token)
      case 'punctuation':
        if (token.text === '[') return this.#list()
        if (token.text === '{') return this.#map()
        if (token.text === '(') return this.#paren()
        if (token.text === '.') return this.#attributes(this.#rootIndexes())
    }
    return this.#fail()
  }

  #keywordLiteral(token: Token): Expr {
    const place = { from: token.from, to: token.to, start: token.from }
    if (token.text === 'nil') {
      this.#index++
      return { type: 'NilLiteral', value: null, ...place }
    }
    if (token.text !== 'true' && token.text !== 'false') return this.#fail()
    this.#index++
    return { type: 'BoolLiteral', value: token.text === 'true', ...place }
  }

  /** An identifier with what may follow it: indexes, one slice, attributes. */
  #named(name: Identifier): Expr {
    if (this.#is('.')) return this.#attributes(name)
    if (!this.#is('[')) return name
    const at = this.#openBracket()
    const first = this.#is(':') ? undefined : this.#expression()
    if (this.#is(':')) return this.#slice(name, at, first)
    this.#newlines()
    const to = this.#expect(']').to
    const index = {
      type: 'IndexExpr',
      base: name,
      index: [first!],
      from: name.from,
      to,
      start: name.start,
    } as const
    return this.#attributes(this.#is('[') ? this.#indexes(name, name.from, first) : index)
  }

  /** `[e][e]…` behind a base; `first` was read already. */
  #indexes(base: Identifier | undefined, from: number, first?: Expr): IndexExpr {
    const index: Expr[] = first ? [first] : []
    let to = from
    while (this.#is('[')) {
      this.#openBracket()
      index.push(this.#expression())
      this.#newlines()
      to = this.#expect(']').to
    }
    return { type: 'IndexExpr', base, index, from, to, start: from }
  }

  /** `.[e][e]…`: a path from the root. */
  #rootIndexes(): IndexExpr {
    const { from } = this.#token
    this.#index++
    if (!this.#is('[')) this.#fail()
    return this.#indexes(undefined, from)
  }

  #attributes(first: Identifier | IndexExpr): Expr {
    if (!this.#is('.')) return first
    const parts: (Identifier | IndexExpr)[] = [first]
    while (this.#is('.')) {
      this.#index++
      const token = this.#token
      if (this.#is('.')) {
        parts.push(this.#rootIndexes())
        continue
      }
      if (token.kind !== 'identifier') this.#fail()
      this.#index++
      const name: Identifier = {
        type: 'Identifier',
        name: token.text,
        from: token.from,
        to: token.to,
        start: token.from,
      }
      parts.push(this.#is('[') ? this.#indexes(name, name.from) : name)
    }
    const attr: AttrExpr = {
      type: 'AttrExpr',
      parts,
      from: first.from,
      to: parts.at(-1)!.to,
      start: this.#token.from,
    }
    return attr
  }

  #openBracket(): number {
    const { from } = this.#token
    this.#index++
    this.#newlines()
    return from
  }

  /** `:end:step]` behind a start; errors name the opening bracket. */
  #slice(object: Expr, at: number, first: Expr | undefined): SliceExpr {
    this.#expect(':')
    this.#newlines()
    const end = this.#is(':') || this.#is(']') ? undefined : this.#expression()
    let step: Expr | undefined
    if (this.#is(':')) {
      this.#index++
      this.#newlines()
      step = this.#is(']') ? undefined : this.#expression()
    }
    const closing = this.#expect(']')
    for (const [bound, name] of [
      [first, 'start'],
      [end, 'end'],
      [step, 'step'],
    ] as const)
      if (bound && /^(?:Float|String|List)Literal$/.test(bound.type))
        this.#failAt(`invalid slice ${name} type ${bound.type}`, closing)
    return {
      type: 'SliceExpr',
      object,
      first,
      end,
      step,
      from: object.from,
      to: closing.to,
      start: at,
    }
  }

  #list(): Expr {
    const from = this.#openBracket()
    const items: Expr[] = []
    while (!this.#is(']')) {
      items.push(this.#expression())
      this.#newlines()
      if (!this.#is(',')) break
      this.#index++
      this.#newlines()
    }
    const to = this.#expect(']').to
    return { type: 'ListLiteral', items, from, to, start: from }
  }

  #map(): Expr {
    const from = this.#openBracket()
    const entries: [Expr, Expr][] = []
    while (!this.#is('}')) {
      const key = this.#expression()
      this.#expect(':')
      this.#newlines()
      entries.push([key, this.#expression()])
      if (!this.#is(',')) {
        this.#newlines()
        break
      }
      this.#index++
      this.#newlines()
    }
    const to = this.#expect('}').to
    return { type: 'MapLiteral', entries, from, to, start: from }
  }

  #paren(): Expr {
    const from = this.#openBracket()
    const inner = this.#expression()
    this.#newlines()
    const to = this.#expect(')').to
    return { type: 'ParenExpr', inner, from, to, start: from }
  }

  #call(name: Token): CallExpr {
    this.#openBracket()
    const args: Argument[] = []
    while (!this.#is(')')) {
      args.push(this.#argument())
      if (!this.#is(',')) {
        this.#newlines()
        break
      }
      this.#index++
      this.#newlines()
    }
    const to = this.#expect(')').to
    return { type: 'CallExpr', name: name.text, arguments: args, from: name.from, to, start: name.from }
  }

  #argument(): Argument {
    const token = this.#token
    const next = this.#tokens[this.#index + 1]
    if (token.kind === 'identifier' && next?.kind === 'operator' && next.text === '=') {
      this.#index += 2
      this.#newlines()
      return { name: token.text, nameAt: token.from, value: this.#expression() }
    }
    return { name: undefined, nameAt: token.from, value: this.#expression() }
  }

  // --- tokens

  #is(text: string): boolean {
    const token = this.#token
    return token.kind === 'punctuation' && token.text === text
  }

  #isKeyword(text: string): boolean {
    return this.#token.kind === 'keyword' && this.#token.text === text
  }

  #atEnd(): boolean {
    return this.#token.kind === 'eof'
  }

  #isSeparator(): boolean {
    return this.#token.kind === 'newline' || this.#is(';')
  }

  #newlines(): void {
    while (this.#token.kind === 'newline') this.#index++
  }

  #expect(text: string): Token {
    if (!this.#is(text)) this.#fail()
    return this.#tokens[this.#index++]!
  }

  #fail(): never {
    throw this.#unexpected()
  }

  #failAt(message: string, token: Token): never {
    throw new Stop({ message, at: token.from, to: Math.max(token.to, token.from + 1) })
  }

  #unexpected(): Stop {
    const token = this.#token
    const message = token.kind === 'error' ? token.text : `unexpected: ${describe(token)}`
    return new Stop({ message, at: token.from, to: Math.max(token.to, token.from + 1) })
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'eof':
      return 'end of input'
    case 'newline':
      return 'end of line "\\n"'
    case 'identifier':
      return `id "${token.text}"`
    case 'number':
      return `number "${token.text}"`
    case 'string':
      return `string ${JSON.stringify(token.value)}`
    case 'keyword':
      return `<${token.text}>`
    case 'operator':
      return `<op:'${token.text}'>`
    default:
      return JSON.stringify(token.text)
  }
}

const isZero = (expr: Expr): boolean =>
  (expr.type === 'IntLiteral' && expr.value === 0) ||
  (expr.type === 'FloatLiteral' && expr.value instanceof Float && expr.value.value === 0)

function negated(value: Value): Value {
  if (value instanceof Float) return new Float(-value.value)
  return typeof value === 'number' ? -value + 0 : intValue(-(value as bigint))
}

/** An int64 where the text is one (base prefixes count, a leading 0 is octal), else a float64. */
function numberLiteral(token: Token, place: { from: number; to: number; start: number }): Expr {
  const { text } = token
  const float = (value: number): Expr => ({ type: 'FloatLiteral', value: new Float(value), ...place })
  if (text === 'inf') return float(Infinity)
  if (text === 'nan') return float(NaN)
  const int = integerText(text)
  if (int === undefined || int >= 2n ** 63n) return float(Number(text))
  return { type: 'IntLiteral', value: intValue(int), ...place }
}

function integerText(text: string): bigint | undefined {
  if (/^0[xX]/.test(text)) return BigInt(text)
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`)
  return /^(?:0|[1-9][0-9]*)$/.test(text) ? BigInt(text) : undefined
}
