// What compiles and is probably not meant: for the editor, never an error.
import { diagnostic, type Diagnostic, type Fix } from '../../kernel/diagnostic.ts'
import { functions as allFunctions } from '../functions/registry.ts'
import { pathText, type Block, type CallExpr, type Expr, type Stmt } from './ast.ts'
import { parse } from './parser.ts'
import { Source } from './source.ts'

type Assignment = Extract<Stmt, { type: 'AssignStmt' }>

/** Hints on a script, in order of the source; none for one that does not parse. */
export function scriptHints(name: string, text: string): Diagnostic[] {
  const { statements, faults } = parse(text)
  if (faults.length > 0) return []
  return new Reader(new Source(name, text)).read(statements)
}

class Reader {
  readonly #source: Source
  readonly #hints: { readonly from: number; readonly hint: Diagnostic }[] = []
  readonly #assigned = new Map<string, Assignment>()
  readonly #read = new Set<string>()

  constructor(source: Source) {
    this.#source = source
  }

  read(statements: readonly Stmt[]): Diagnostic[] {
    this.#statements(statements)
    for (const [name, node] of this.#assigned)
      if (!this.#read.has(name)) {
        const { from, to } = node.operator === '=' ? node : node.targets[0]!
        const message = `${name} is a variable that nothing reads: it never reaches the point`
        this.#add(from, to, message, this.#written(name, node))
      }
    return this.#hints.toSorted((a, b) => a.from - b.from).map(({ hint }) => hint)
  }

  /** An assignment that writes a field instead. */
  #written(name: string, { from, to, operator, values }: Assignment): Fix | undefined {
    const [value] = values
    if (operator !== '=' || values.length !== 1 || !value) return undefined
    const call = `add_key(${quoted(name)}, ${this.#source.text.slice(value.from, value.to)})`
    return { title: `Replace with ${call}`, edits: [{ from, to, insert: call }] }
  }

  #add(from: number, to: number, message: string, fix?: Fix): void {
    const { line, column } = this.#source.place(from)
    const hint = diagnostic('PIPELINE_HINT', message, {
      severity: 'warning',
      file: this.#source.name,
      labels: [{ from, to, line, column, text: message }],
      notes: [],
      fixes: fix ? [fix] : [],
    })
    this.#hints.push({ from, hint })
  }

  #statements(statements: readonly Stmt[]): void {
    for (const statement of statements) this.#statement(statement)
  }

  #block({ statements }: Block): void {
    this.#statements(statements)
  }

  #statement(node: Stmt): void {
    switch (node.type) {
      case 'ExprStmt':
        return this.#expression(node.expression)
      case 'AssignStmt':
        return this.#assignment(node)
      case 'IfStmt':
        for (const { condition, body } of node.branches) {
          this.#expression(condition)
          this.#block(body)
        }
        if (node.otherwise) this.#block(node.otherwise)
        return
      case 'ForStmt':
        if (node.init) this.#statement(node.init)
        if (node.condition) this.#expression(node.condition)
        if (node.step) this.#statement(node.step)
        return this.#block(node.body)
      case 'ForInStmt':
        this.#expression(node.iterable)
        return this.#block(node.body)
      default:
    }
  }

  #assignment(node: Assignment): void {
    const { targets, values } = node
    for (const value of values) {
      this.#expression(value)
      if (value.type !== 'CallExpr') continue
      const called = allFunctions.get(value.name)
      if (called && called.returns === undefined)
        this.#add(value.from, value.to, `${value.name} returns nothing: the variable will be nil`)
    }
    for (const target of targets) {
      if (target.type === 'Identifier') {
        if (!this.#assigned.has(target.name)) this.#assigned.set(target.name, node)
      } else if (target.type === 'IndexExpr') this.#expression(target)
      else
        this.#add(
          target.from,
          target.to,
          'only variables and their elements can be assigned: this stores nothing',
        )
    }
  }

  #expression(node: Expr): void {
    switch (node.type) {
      case 'Identifier':
        this.#read.add(node.name)
        return
      case 'AttrExpr':
        this.#read.add(pathText(node))
        return
      case 'IndexExpr':
        if (node.base) this.#read.add(node.base.name)
        return this.#expressions(node.index)
      case 'SliceExpr':
        return this.#expressions([node.object, node.first, node.end, node.step])
      case 'ListLiteral':
        return this.#expressions(node.items)
      case 'MapLiteral':
        return this.#expressions(node.entries.flat())
      case 'ParenExpr':
        return this.#expression(node.inner)
      case 'UnaryExpr':
        return this.#expression(node.operand)
      case 'CallExpr':
        return this.#call(node)
      case 'ArithmeticExpr':
      case 'ConditionalExpr':
      case 'InExpr':
        return this.#expressions([node.left, node.right])
      default:
    }
  }

  #expressions(nodes: readonly (Expr | undefined)[]): void {
    for (const node of nodes) if (node) this.#expression(node)
  }

  #call(node: CallExpr): void {
    const text = (index: number): unknown => {
      const value = node.arguments[index]?.value
      return value?.type === 'StringLiteral' ? value.value : undefined
    }
    for (const { value } of node.arguments) {
      // A key given as text names a variable just as well.
      if (value.type === 'StringLiteral') this.#read.add(value.value as string)
      this.#expression(value)
    }
    const hint = (message: string): void => this.#add(node.from, node.to, message)
    const second = node.arguments[1]?.value
    if (node.name === 'json_all') hint('json_all does nothing: use json')
    if (node.name === 'cast' && text(1) === 'string')
      hint('cast to "string" leaves the key without a value: use "str"')
    if (node.name === 'decode' && text(1) === 'utf-8') hint('decode from "utf-8" does nothing')
    if ((node.name === 'match' || node.name === 'cidr') && second?.type === 'CallExpr')
      hint(`${node.name} never matches the result of a call: assign it to a variable first`)
    const fields = node.arguments[2]?.value
    if (
      node.name === 'create_point' &&
      !node.arguments.some(
        (one, index) => one.name === 'category' || (one.name === undefined && index === 4),
      ) &&
      fields?.type === 'MapLiteral' &&
      fields.entries.some(([, value]) => value.type === 'StringLiteral')
    )
      hint('create_point makes a metric, which keeps no text fields: name another category')
    const included = node.arguments.some((a) => a.name === 'include_keys') || node.arguments.length > 5
    if (node.name === 'kv_split' && !included) hint('kv_split writes only the keys listed in include_keys')
    if (
      node.name === 'grok' &&
      typeof text(1) === 'string' &&
      !/%\{[\w.-]+:|\(\?P?<|%\{[A-Z0-9_]*LOG/.test(text(1) as string)
    )
      hint('this pattern names no key: grok writes nothing')
  }
}

const quoted = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name))
