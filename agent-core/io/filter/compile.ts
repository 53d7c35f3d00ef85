// Turns conditions into functions of a point, once, when rules are loaded. What answers when is spec
// points-io-http.md section 2.2: a value has one type, other types never compare, a missing key answers on its own.
import type { Category } from '../../point/category.ts'
import { compileRe2, type Re2 } from '../../kernel/re2.ts'
import { Kind, lookup, type Element, type Point } from '../../point/point.ts'
import { compareText } from '../../point/text.ts'
import type { Token } from './lexer.ts'
import type { Comparison, Literal, Node, Rule } from './parser.ts'

export type Test = (point: Point) => boolean

/** What compiling tells besides the function. */
export interface CompileNotes {
  /** A regular expression that RE2 refuses, and why: its condition goes on without it. */
  readonly refused: (token: Token, why: string) => void
  readonly usesRegExp: () => void
}

const never: Test = () => false

/** One `{}` block: all its elements must hold, and without elements it always does. */
export function compileRule(rule: Rule, category: Category, notes: CompileNotes): Test {
  // A bare parenthesis as an element never holds, as in the Go agent.
  if (rule.elements.some((node) => node.type === 'paren')) return never
  return every(rule.elements.map((node) => compileNode(node, category, notes)))
}

const every = (tests: readonly Test[]): Test =>
  tests.length === 1 ? tests[0]! : (point) => tests.every((test) => test(point))

function compileNode(node: Node, category: Category, notes: CompileNotes): Test {
  switch (node.type) {
    case 'paren':
      return compileNode(node.inner, category, notes)
    case 'logic':
      return compileLogic(node.op, node.items, category, notes)
    case 'compare': {
      const verdict = compareWith(node.op, node.right, notes)
      return verdict ? onOperand(node.left, verdict, category) : never
    }
    case 'list':
      return node.left.type === 'key' ? onOperand(node.left, listVerdict(node, notes), category) : never
    default:
      return never
  }
}

/** A side that is no condition makes the chain up to it false, whatever stands before; at the start, its partner too. */
function compileLogic(
  op: 'and' | 'or',
  items: readonly Node[],
  category: Category,
  notes: CompileNotes,
): Test {
  let tests: Test[] = []
  for (const [index, item] of items.entries()) {
    if (isCondition(item) && (index !== 1 || isCondition(items[0]!)))
      tests.push(compileNode(item, category, notes))
    else tests = [never]
  }
  if (op === 'and') return every(tests)
  return (point) => tests.some((test) => test(point))
}

const isCondition = (node: Node): boolean =>
  ['compare', 'list', 'logic', 'arithmetic', 'paren'].includes(node.type)

/** What a condition answers for a value, and for a key that the point does not have. */
interface Verdict {
  readonly value: (kind: Kind, value: Element['value']) => boolean
  readonly missing: boolean
}

function onOperand(left: Node, verdict: Verdict, category: Category): Test {
  if (left.type === 'key') return onKey(left.name, verdict, category)
  // Only `nil = nil` holds: its verdict is the one that no value meets and a missing key does.
  if (left.type === 'nil') return verdict.missing && verdict.value === nothing ? () => true : never
  const kind = LITERAL_KINDS[left.type]
  if (kind === undefined) return never
  const answer = verdict.value(kind, (left as Literal).value)
  return () => answer
}

const LITERAL_KINDS: Readonly<Record<string, Kind>> = {
  string: Kind.string,
  int: Kind.int,
  float: Kind.float,
  bool: Kind.bool,
}

/**
 * The point's own tag or field first, then what the category calls the point's name, then `category`. A field that has
 * no value as conditions know them is as good as missing.
 */
function onKey(name: string, verdict: Verdict, category: Category): Test {
  const isName = name === PSEUDO_KEYS[category]
  const isCategory = name === 'category'
  return (point) => {
    const kv = lookup(point, name)
    if (kv && hasValue(kv)) return verdict.value(kv.kind, kv.value)
    if (isName) return verdict.value(Kind.string, point.name)
    return isCategory ? verdict.value(Kind.string, category) : verdict.missing
  }
}

/** False for no value at all, maps, what came as an unknown type, and arrays that are empty or mixed. */
function hasValue({ kind, value }: Element): boolean {
  if (kind !== Kind.array) return kind !== Kind.nil && kind !== Kind.map && kind !== Kind.any
  const elements = value as readonly Element[]
  const first = elements[0]?.kind ?? Kind.nil
  return first !== Kind.nil && elements.every((element) => element.kind === first)
}

/** The key that holds a point's name. */
const PSEUDO_KEYS: Readonly<Partial<Record<Category, string>>> = {
  metric: 'measurement',
  network: 'source',
  keyevent: 'source',
  object: 'class',
  object_change: 'source',
  custom_object: 'class',
  logging: 'source',
  rum: 'source',
  dialtesting: 'source',
}

/** Any value at all: how `!= nil` answers. */
const anything = (): boolean => true
const nothing = (): boolean => false

function compareWith(op: Comparison, right: Node, notes: CompileNotes): Verdict | undefined {
  if (right.type === 're') return matchOne(op, right.pattern, right.token, notes)
  if (right.type === 'nil') {
    if (op === '=') return { value: nothing, missing: true }
    return { value: op === '!=' ? anything : nothing, missing: false }
  }
  const kind = LITERAL_KINDS[right.type]
  if (kind === undefined) return undefined
  const literal = right as Literal
  if (op === '=') return { value: equals(literal), missing: false }
  if (op === '!=') return { value: (k, v) => k === kind && v !== literal.value, missing: true }
  const holds = ORDERS[op]
  return kind === Kind.bool
    ? { value: nothing, missing: false }
    : { value: (k, v) => k === kind && holds(order(v, literal.value)), missing: false }
}

const TOLERANCE = 1e-9

function equals(literal: Literal): Verdict['value'] {
  const kind = LITERAL_KINDS[literal.type]
  if (literal.type === 'float')
    return (k, v) => k === Kind.float && Math.abs((v as number) - literal.value) <= TOLERANCE
  return (k, v) => k === kind && v === literal.value
}

/** Below, at or above 0; NaN when there is no order. */
function order(a: Element['value'], b: Element['value']): number {
  if (typeof a === 'string') return compareText(a, b as string)
  const [x, y] = [a as number, b as number]
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN
}

const ORDERS: Readonly<Record<Exclude<Comparison, '=' | '!='>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** `= re()` matches text; `!= re()` holds for any text, even a missing key, as it does in the Go agent. */
function matchOne(op: Comparison, pattern: string, token: Token, notes: CompileNotes): Verdict {
  const regexp = compileRegExp(pattern, token, notes)
  if (op === '!=') return { value: (kind) => kind === Kind.string, missing: true }
  if (op !== '=' || !regexp) return { value: nothing, missing: false }
  return { value: (kind, value) => kind === Kind.string && regexp.test(value as string), missing: false }
}

function compileRegExp(pattern: string, token: Token, notes: CompileNotes): Re2 | undefined {
  const re = compileRe2(pattern)
  if (!re.ok) {
    notes.refused(token, re.error)
    return undefined
  }
  notes.usesRegExp()
  return re.value
}

function listVerdict(node: Node & { type: 'list' }, notes: CompileNotes): Verdict {
  const { op, items, tokens } = node
  if (op === 'in' || op === 'notin') {
    const tests = items.filter((item) => item.type !== 'nil').map(equals)
    const isIn: Verdict['value'] = (kind, value) => tests.some((test) => test(kind, value))
    if (op === 'in') return { value: isIn, missing: items[0]?.type === 'nil' }
    return { value: (k, v) => !isIn(k, v), missing: !items.some((item) => item.type === 'nil') }
  }
  const regexps = items
    .map((item, i) => compileRegExp(item.value as string, tokens[i]!, notes))
    .filter((regexp) => regexp !== undefined)
  const wanted = op === 'match'
  return {
    value: (kind, value) =>
      kind === Kind.string && regexps.some((regexp) => regexp.test(value as string) === wanted),
    missing: false,
  }
}
