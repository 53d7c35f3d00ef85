// One call as a function's check sees it: arguments by parameter, places for errors, evaluators for what runs.
import { pathText, type Argument, type CallExpr, type Expr } from './ast.ts'
import type { Compiler } from './compiler.ts'
import { ScriptFault } from './fault.ts'
import type { Evaluate, Frame } from './frame.ts'
import { MISSING, type Found } from './point-view.ts'
import { Float, typeName, type TypeName, type Value } from './value.ts'
import type { FunctionDefinition } from '../functions/define-function.ts'
import type { Reference } from './compile.ts'

/** A key that a call names: its name, its number in the point view, and how to read it variable first. */
export interface Key {
  readonly name: string
  readonly id: number
  readonly read: (frame: Frame) => Found
}

const ANY: readonly TypeName[] = ['nil', 'bool', 'int', 'float', 'str', 'list', 'map']

type LiteralType = 'StringLiteral' | 'IntLiteral' | 'FloatLiteral' | 'BoolLiteral'

export class Call {
  readonly compiler: Compiler
  readonly node: CallExpr
  readonly definition: FunctionDefinition
  /** By parameter; rest arguments follow the named ones. */
  readonly args: readonly (Expr | undefined)[]

  constructor(compiler: Compiler, node: CallExpr, definition: FunctionDefinition) {
    this.compiler = compiler
    this.node = node
    this.definition = definition
    this.args = this.#bind()
  }

  get name(): string {
    return this.node.name
  }

  /** How many arguments the source gives. */
  get count(): number {
    return this.node.arguments.length
  }

  // --- errors

  /** A check error at an argument, or at the call itself. */
  fail(message: string, at?: number | Expr): never {
    throw this.fault(message, at)
  }

  fault(message: string, at?: number | Expr): ScriptFault {
    const node = typeof at === 'number' ? this.args[at] : at
    return new ScriptFault(message, this.compiler.source, node?.start ?? this.node.start)
  }

  // --- arguments

  has(index: number): boolean {
    return this.args[index] !== undefined
  }

  /** Parameter `index` as a key: identifier, attribute path or string literal. */
  key(index: number): Key {
    const node = this.args[index]
    if (node?.type === 'StringLiteral') return this.keyOf(node.value as string)
    return this.#named(index, true, 'StringLiteral or Identifier or AttrExpr')
  }

  /** Identifier, or attribute path too. */
  path(index: number, attributes = true): Key {
    return this.#named(index, attributes, attributes ? 'Identifier or AttrExpr' : 'Identifier')
  }

  #named(index: number, attributes: boolean, expected: string): Key {
    const node = this.args[index]
    if (node?.type === 'Identifier' || (attributes && node?.type === 'AttrExpr'))
      return this.keyOf(pathText(node))
    return this.fail(`expect ${expected}, got ${node?.type ?? 'nothing'}`, index)
  }

  keyOf(text: string): Key {
    const name = text === '_' ? 'message' : text
    return { name, id: this.compiler.keys.id(name), read: this.compiler.lookup(name) }
  }

  /** The value of a literal argument, or undefined when the argument was left out. */
  literal(index: number, types: readonly LiteralType[], at?: 'call'): Value {
    const node = this.args[index]
    if (node === undefined) return undefined
    if ((types as readonly string[]).includes(node.type)) return (node as { value: Value }).value
    return this.fail(
      `param type expect ${types.join(' or ')}, got \`${node.type}'`,
      at === 'call' ? undefined : index,
    )
  }

  string(index: number, at?: 'call'): string | undefined {
    return this.literal(index, ['StringLiteral'], at) as string | undefined
  }

  bool(index: number): boolean | undefined {
    return this.literal(index, ['BoolLiteral']) as boolean | undefined
  }

  /** Evaluates an argument; nil when it was left out. */
  value(index: number): Evaluate {
    const node = this.args[index]
    return node === undefined ? () => null : this.compiler.argument(node)
  }

  /** All arguments from `first` on. */
  values(first: number): Evaluate[] {
    return this.args.slice(first).flatMap((node) => (node ? [this.compiler.argument(node)] : []))
  }

  /** An argument that must have one of these types: positional literals are judged at load, the rest at run time. */
  typed(index: number, types: readonly TypeName[]): Evaluate {
    const node = this.args[index]
    if (node === undefined) return () => undefined
    const given = this.node.arguments.find((a) => a.value === node)
    const byName = given?.name !== undefined
    if (!byName && node.type.endsWith('Literal') && !types.includes(literalType(node)))
      this.fail('unexpected data type', index)
    const evaluate = this.compiler.argument(node)
    const store = this.#leak(index)
    const fault = (): never => {
      const message = `parameter ${this.definition.params[index]!.name}: type not match`
      throw new ScriptFault(message, this.compiler.source, byName ? given.nameAt : node.start)
    }
    return (frame) => {
      const value = evaluate(frame)
      if (!types.includes(typeName(value))) fault()
      store?.(frame, value)
      return value
    }
  }

  /** Any value for an argument of a typed function; a call that returns nothing has none. */
  any(index: number): Evaluate {
    return this.typed(index, ANY)
  }

  /** A string evaluated from an argument; anything else is a runtime error at it. */
  text(index: number): (frame: Frame) => string {
    const evaluate = this.value(index)
    return (frame) => {
      const value = evaluate(frame)
      return typeof value === 'string' ? value : this.fail('param data type expect string', index)
    }
  }

  /** Another script of the same set, by a literal name. */
  script(index: number, at?: number): Reference {
    const name = this.string(index)
    return this.compiler.link(name ?? '', at === undefined ? this.node.start : this.args[at]!.start)
  }

  /** Newer functions leave a variable behind for each argument given by name. */
  #leak(index: number): ((frame: Frame, value: Value) => void) | undefined {
    const name = this.definition.params[index]?.name
    return name !== undefined && this.#isNamed(index) ? this.compiler.assign(name, false) : undefined
  }

  #isNamed(index: number): boolean {
    const name = this.definition.params[index]?.name
    return name !== undefined && this.node.arguments.some((a) => a.name === name)
  }

  // --- binding

  #bind(): (Expr | undefined)[] {
    const { params, named, anyArguments } = this.definition
    const given = this.node.arguments
    if (anyArguments) return given.map(asPositional)
    const rest = params.at(-1)?.rest === true
    if (!rest && given.length > params.length)
      this.fail(
        named === 'typed'
          ? 'too many parameters'
          : named
            ? 'the number of parameters does not match'
            : this.#arity(),
      )
    const bound: (Expr | undefined)[] = params.map(() => undefined)
    let byName = false
    for (const [index, argument] of given.entries()) {
      if (argument.name === undefined || !named) {
        if (byName)
          this.fail(
            'positional parameter should not follow keyword parameter',
            named === 'typed' ? argument.value : undefined,
          )
        bound[index] = asPositional(argument)
        continue
      }
      byName = true
      this.#bindNamed(bound, argument.name, argument.value, argument.nameAt)
    }
    for (const [index, parameter] of params.entries())
      if (parameter.default === undefined && !parameter.rest && bound[index] === undefined)
        this.fail(
          named === 'typed'
            ? `missing required parameter \`${parameter.name}\``
            : named
              ? `parameter ${parameter.name} is required`
              : this.#arity(),
        )
    return bound
  }

  #bindNamed(bound: (Expr | undefined)[], name: string, value: Expr, at: number): void {
    const { params, named } = this.definition
    const index = params.findIndex((p) => p.name === name)
    // Given twice, the last one counts.
    if (index >= 0) bound[index] = value
    else if (named === 'typed') throw new ScriptFault('unknown named parameter', this.compiler.source, at)
    // Where names mean nothing this is an argument like any other, of a kind that none takes.
    else
      throw new ScriptFault(
        `argument ${name} does not exist`,
        this.compiler.source,
        named ? this.node.start : at,
      )
  }

  #arity(): string {
    const { params } = this.definition
    const least = params.filter((p) => p.default === undefined && !p.rest).length
    if (params.at(-1)?.rest) return `func ${this.name} expected at least ${least} args`
    const count = least === params.length ? `${least}` : `${least} to ${params.length}`
    return `func ${this.name} expected ${count} args`
  }
}

function asPositional({ name, nameAt, value }: Argument): Expr {
  if (name === undefined) return value
  return { type: 'AssignmentExpr', name, value, from: nameAt, to: value.to, start: nameAt }
}

function literalType(node: Expr): TypeName {
  switch (node.type) {
    case 'StringLiteral':
      return 'str'
    case 'IntLiteral':
      return 'int'
    case 'FloatLiteral':
      return 'float'
    case 'BoolLiteral':
      return 'bool'
    case 'ListLiteral':
      return 'list'
    case 'MapLiteral':
      return 'map'
    default:
      return 'nil'
  }
}

/** A number literal's value as a JavaScript number. */
export const literalNumber = (value: Value): number => (value instanceof Float ? value.value : Number(value))

/** The value found, or nil. */
export const orNil = (found: Found): Value => (found === MISSING ? null : found)
