// Syntax tree to closures, checking on the way. Errors are collected statement by statement; the first one is what
// the language reports. No eval: a closure holds its operands' closures and variable slots.
import { arithmetic, contains, logicFault, unary, type OperatorPlace } from './arithmetic.ts'
import type {
  AssignStmt,
  BinaryExpr,
  Block,
  CallExpr,
  Expr,
  ForInStmt,
  ForStmt,
  Identifier,
  IfStmt,
  IndexExpr,
  MapLiteral,
  SliceExpr,
  Stmt,
} from './ast.ts'
import { ARITHMETIC, COMPARISON, type Operand, type Test } from './binary.ts'
import { Call } from './call.ts'
import type { Reference } from './compile.ts'
import { ScriptFault } from './fault.ts'
import { Signal, type Evaluate, type Execute, type Frame } from './frame.ts'
import { indexInto, indexStore, slice } from './indexing.ts'
import { MISSING, type Found, type KeyTable } from './point-view.ts'
import { Scope, SlotCount, withResets } from './scope.ts'
import type { Source } from './source.ts'
import { truthy, typeName, type Value } from './value.ts'
import type { Expanded, PatternLookup } from '../grok/grok.ts'
import type { FunctionDefinition, FunctionTable } from '../functions/define-function.ts'

export type Store = (frame: Frame, value: Value) => void

export interface CompilerOptions {
  readonly source: Source
  readonly keys: KeyTable
  readonly functions: FunctionTable
  /** Global grok pattern by name. */
  readonly pattern: PatternLookup
  /** Another script of the set, which is looked for when all of them are compiled. */
  readonly link: (name: string, at: number) => Reference
  readonly trace: boolean
  /** Monotonic ms, for the trace. */
  readonly now: () => number
}

export class Compiler {
  readonly source: Source
  readonly keys: KeyTable
  readonly faults: ScriptFault[] = []
  readonly #options: CompilerOptions
  readonly #slots = new SlotCount()
  #scope: Scope
  #loops = 0
  /** Functions that the script calls. */
  readonly called = new Set<FunctionDefinition>()
  /** Arguments of the calls that are being compiled. */
  readonly #arguments = new Map<Expr, Evaluate>()

  constructor(options: CompilerOptions) {
    this.#options = options
    this.source = options.source
    this.keys = options.keys
    this.#scope = new Scope(undefined, this.#slots)
  }

  get slotCount(): number {
    return this.#slots.value
  }

  script(statements: readonly Stmt[]): Execute {
    const run = this.#sequence(statements)
    return withResets(this.#scope, run)
  }

  // --- names

  /** Reads a name as functions do: variable, then point key; MISSING when there is neither. */
  lookup(name: string): (frame: Frame) => Found {
    const { slots, definite } = this.#scope.candidates(name)
    const first = slots[0]
    if (definite && slots.length === 1) return (f) => f.slots[first!]!
    const id = this.keys.id(name)
    if (first === undefined) return (f) => f.view.read(id)
    return (f) => {
      for (const slot of slots) {
        const found = f.slots[slot]
        if (found !== MISSING) return found
      }
      return f.view.read(id)
    }
  }

  /** Stores to the nearest variable of that name, else to a new one in the innermost block. */
  assign(target: string, always = true): Store {
    const name = target === '_' ? 'message' : target
    const { slots, definite } = this.#scope.candidates(name)
    if (slots.length === 0) {
      const slot = this.#scope.declare(name, always)
      return (f, value) => {
        f.slots[slot] = value
      }
    }
    const last = slots.at(-1)!
    if (definite && slots.length === 1)
      return (f, value) => {
        f.slots[last] = value
      }
    const own = definite ? last : this.#scope.declare(name, false)
    return (f, value) => {
      for (const slot of slots)
        if (f.slots[slot] !== MISSING) {
          f.slots[slot] = value
          return
        }
      f.slots[own] = value
    }
  }

  link(name: string, at: number): Reference {
    return this.#options.link(name, at)
  }

  get patterns(): { get: PatternLookup; add: (name: string, pattern: Expanded) => void } {
    const scope = this.#scope
    return {
      get: (name) => scope.pattern(name) ?? this.#options.pattern(name),
      add: (name, pattern) => void scope.patterns.set(name, pattern),
    }
  }

  // --- statements

  #guard<T>(compile: () => T, otherwise: T): T {
    const [result, fault] = this.#attempt(compile, otherwise)
    if (fault) this.faults.push(fault)
    return result
  }

  /** For what runs before its neighbour but is judged after it: the fault waits for its turn. */
  #attempt<T>(compile: () => T, otherwise: T): [T, ScriptFault | undefined] {
    try {
      return [compile(), undefined]
    } catch (fault) {
      if (!(fault instanceof ScriptFault)) throw fault
      return [otherwise, fault]
    }
  }

  #sequence(statements: readonly Stmt[]): Execute {
    const list = statements.map((s) =>
      this.#guard(
        () => this.#statement(s),
        () => {},
      ),
    )
    const [a, b] = list
    if (!a) return () => {}
    if (list.length === 1) return a
    if (list.length === 2)
      return (f) => {
        a(f)
        if (f.signal === Signal.none) b!(f)
      }
    return (f) => {
      for (let i = 0; i < list.length; i++) {
        list[i]!(f)
        if (f.signal !== Signal.none) return
      }
    }
  }

  #block(block: Block): Execute {
    const outer = this.#scope
    const scope = (this.#scope = outer.child())
    const run = this.#sequence(block.statements)
    this.#scope = outer
    return withResets(scope, run)
  }

  #statement(node: Stmt): Execute {
    switch (node.type) {
      case 'ExprStmt': {
        const evaluate = this.expression(node.expression)
        if (this.#options.trace) return this.#traced(node, evaluate, undefined)
        return evaluate as Execute
      }
      case 'AssignStmt':
        return this.#assignment(node)
      case 'IfStmt':
        return this.#if(node)
      case 'ForStmt':
        return this.#for(node)
      case 'ForInStmt':
        return this.#forIn(node)
      default:
        return this.#jump(node)
    }
  }

  #jump(node: { type: 'BreakStmt' | 'ContinueStmt'; start: number }): Execute {
    const stop = node.type === 'BreakStmt'
    if (this.#loops === 0) this.#fail(stop ? 'break not in loop' : 'continue not in loop', node.start)
    const signal = stop ? Signal.break : Signal.continue
    return (f) => {
      f.signal = signal
    }
  }

  #traced(node: Stmt, evaluate: Evaluate, variable: string | undefined): Execute {
    const { now } = this.#options
    const { line } = this.source.place(node.from)
    const file = this.source.name
    return (f) => {
      const start = now()
      const value = evaluate(f)
      f.trace?.({ file, from: node.from, to: node.to, line, value, variable, elapsedMs: now() - start })
    }
  }

  /** A condition is a step of its own, before those of its block. */
  #tracedTest(test: Test, from: number, to: number): Test {
    const { trace, now } = this.#options
    if (!trace) return test
    const { line } = this.source.place(from)
    const file = this.source.name
    return (f) => {
      const start = now()
      const value = test(f)
      f.trace?.({ file, from, to, line, value, variable: undefined, elapsedMs: now() - start })
      return value
    }
  }

  /** Each round begins with a step that gives the variable its element. */
  #tracedRound({ variable }: ForInStmt, store: Store): Store {
    if (!this.#options.trace) return store
    const { name, from, to } = variable
    const { line } = this.source.place(from)
    const file = this.source.name
    return (f, value) => {
      store(f, value)
      f.trace?.({ file, from, to, line, value, variable: name, elapsedMs: 0 })
    }
  }

  #wordBefore(word: string, at: number): number {
    const from = this.source.text.slice(0, at).toLowerCase().lastIndexOf(word)
    return from < 0 ? at : from
  }

  #assignment(node: AssignStmt): Execute {
    if (node.targets.length > 1 || node.values.length > 1) {
      for (const side of [...node.targets, ...node.values]) this.expression(side)
      return () =>
        this.#fail(
          'it does not support assigning values to multiple variables at the same time',
          node.operatorAt,
        )
    }
    const target = node.targets[0]!
    const [value, fault] = this.#attempt(() => this.expression(node.values[0]!), VOID)
    const run = this.#assignTo(node, target, value)
    if (fault) throw fault
    if (!this.#options.trace) return run as Execute
    return this.#traced(node, run, target.type === 'Identifier' ? target.name : undefined)
  }

  /** Runs the assignment and gives the value it stored. */
  #assignTo(node: AssignStmt, target: Expr, value: Evaluate): Evaluate {
    const compound =
      node.operator === '='
        ? undefined
        : { ...this.#place(node.operator.slice(0, -1), node.operatorAt), shown: node.operator }
    if (target.type === 'Identifier') {
      if (compound) return this.#compound(compound, target, value)
      const name = target.name === '_' ? 'message' : target.name
      const { slots, definite } = this.#scope.candidates(name)
      if (slots.length === 0 || (definite && slots.length === 1)) {
        const slot = slots[0] ?? this.#scope.declare(name, true)
        return (f) => (f.slots[slot] = value(f)) as Value
      }
      const store = this.assign(name)
      return (f) => {
        const result = value(f)
        store(f, result)
        return result
      }
    }
    if (target.type === 'IndexExpr' && target.base)
      return this.#indexAssignment(target, target.base, value, compound)
    // Any other left side is checked but stores nothing; the right side still runs.
    this.expression(target)
    return value
  }

  #compound(place: OperatorPlace, target: Identifier, value: Evaluate): Evaluate {
    const name = target.name === '_' ? 'message' : target.name
    const read = this.lookup(name)
    const operand = this.#operand(target)
    // Without a value there is nothing to store, so the variable may not come to be.
    const store = this.assign(name, false)
    const { slots, definite } = this.#scope.candidates(name)
    const build = ARITHMETIC[place.operator]!
    if (definite && slots.length === 1 && operand.slot === slots[0]) {
      const slot = slots[0]!
      const combine = build(place, operand, { evaluate: value })
      return (f) => (f.slots[slot] = combine(f)) as Value
    }
    return (f) => {
      const right = value(f)
      const left = read(f)
      if (left === MISSING) return null
      const result = arithmetic(place, left, right)
      store(f, result)
      return result
    }
  }

  #indexAssignment(
    target: IndexExpr,
    base: Identifier,
    value: Evaluate,
    compound: OperatorPlace | undefined,
  ): Evaluate {
    const read = this.lookup(base.name === '_' ? 'message' : base.name)
    const steps = target.index.map((e) => this.#indexStep(e))
    return (f) => {
      const right = value(f)
      const object = read(f)
      if (object === MISSING) return this.#fail('key not found', base.start)
      const result = compound ? arithmetic(compound, indexInto(f, object, steps), right) : right
      indexStore(f, object, steps, result)
      return result
    }
  }

  #if(node: IfStmt): Execute {
    // Variables that a condition leaves behind live as long as the statement.
    const outer = this.#scope
    const header = (this.#scope = outer.child())
    const run = this.#branches(node)
    this.#scope = outer
    return withResets(header, run)
  }

  #branches(node: IfStmt): Execute {
    const branches = node.branches.map(({ condition, body }, n) => ({
      test: this.#tracedTest(
        this.#guard<Test>(
          () => this.test(condition),
          () => false,
        ),
        n === 0 ? node.from : this.#wordBefore('elif', condition.from),
        condition.to,
      ),
      run: this.#block(body),
    }))
    const otherwise = node.otherwise ? this.#block(node.otherwise) : undefined
    const [first, ...more] = branches
    const { test, run } = first!
    if (more.length === 0 && !otherwise)
      return (f) => {
        if (test(f)) run(f)
      }
    if (more.length === 0)
      return (f) => {
        if (test(f)) run(f)
        else otherwise!(f)
      }
    return (f) => {
      for (const branch of branches) if (branch.test(f)) return branch.run(f)
      otherwise?.(f)
    }
  }

  #for(node: ForStmt): Execute {
    const outer = this.#scope
    const header = (this.#scope = outer.child())
    const init = node.init
      ? this.#guard(
          () => this.#statement(node.init!),
          () => {},
        )
      : undefined
    // The step runs before the condition from the second round on, so its variables must be known to it.
    const assigned = node.step?.type === 'AssignStmt' ? node.step.targets[0] : undefined
    if (assigned?.type === 'Identifier' && header.candidates(assigned.name).slots.length === 0)
      header.declare(assigned.name, false)
    const test = node.condition
      ? this.#tracedTest(
          this.#guard<Test>(
            () => this.test(node.condition!),
            () => false,
          ),
          node.condition.from,
          node.condition.to,
        )
      : (): boolean => true
    const [step, fault] = this.#attempt<Execute>(
      () => (node.step ? this.#statement(node.step) : () => {}),
      () => {},
    )
    this.#loops++
    const body = this.#block(node.body)
    this.#loops--
    if (fault) this.faults.push(fault)
    this.#scope = outer
    return withResets(header, (f) => {
      init?.(f)
      while (f.signal === Signal.none && test(f)) {
        body(f)
        if (f.signal !== Signal.none && !goesOn(f)) break
        step(f)
      }
      if (f.signal === Signal.break) f.signal = Signal.none
    })
  }

  #forIn(node: ForInStmt): Execute {
    const outer = this.#scope
    const header = (this.#scope = outer.child())
    const iterable = this.#guard<Evaluate>(
      () => this.expression(node.iterable),
      () => null,
    )
    const store = this.#tracedRound(node, this.assign(node.variable.name))
    this.#loops++
    const body = this.#block(node.body)
    this.#loops--
    this.#scope = outer
    return withResets(header, (f) => {
      const object = iterable(f)
      // Elements appended while the loop runs are not visited; replaced ones are seen.
      const items: ArrayLike<Value> =
        typeof object === 'string'
          ? runes(object)
          : Array.isArray(object)
            ? object
            : object instanceof Map
              ? [...object.keys()]
              : this.#fail(`unsupported type: ${typeName(object)}, not iter value`, node.iterable.start)
      const count = items.length
      for (let i = 0; i < count; i++) {
        store(f, items[i])
        body(f)
        if (f.signal !== Signal.none && !goesOn(f)) break
      }
      if (f.signal === Signal.break) f.signal = Signal.none
    })
  }

  // --- expressions

  expression(node: Expr): Evaluate {
    switch (node.type) {
      case 'StringLiteral':
      case 'IntLiteral':
      case 'FloatLiteral':
      case 'BoolLiteral':
      case 'NilLiteral': {
        const { value } = node
        return () => value
      }
      case 'Identifier':
        return this.#identifier(node)
      case 'AttrExpr':
        for (const part of node.parts)
          if (part.type === 'IndexExpr') for (const index of part.index) this.expression(index)
        return VOID
      case 'ParenExpr':
        return this.expression(node.inner)
      case 'ListLiteral':
        return this.#list(node.items, node.start)
      case 'MapLiteral':
        return this.#map(node)
      case 'IndexExpr':
        return this.#index(node)
      case 'SliceExpr':
        return this.#slice(node)
      case 'UnaryExpr': {
        const operand = this.expression(node.operand)
        if (node.operator === '!') return (f) => !truthy(operand(f))
        const place = this.#place(node.operator, node.start)
        return (f) => unary(place, operand(f))
      }
      case 'CallExpr':
        return this.#call(node)
      case 'AssignmentExpr': {
        const value = this.argument(node.value)
        const store = this.assign(node.name, false)
        return (f) => {
          const result = value(f)
          store(f, result)
          return result
        }
      }
      default:
        return this.#binary(node)
    }
  }

  /** An expression as a condition. */
  test(node: Expr): Test {
    if (node.type === 'ParenExpr') return this.test(node.inner)
    if (node.type === 'UnaryExpr' && node.operator === '!') {
      const operand = this.test(node.operand)
      return (f) => !operand(f)
    }
    const evaluate = this.expression(node)
    if (node.type === 'InExpr' || node.type === 'ConditionalExpr') return evaluate as Test
    return (f) => truthy(evaluate(f))
  }

  #identifier(node: Identifier): Evaluate {
    const name = node.name === '_' ? 'message' : node.name
    const { slots, definite } = this.#scope.candidates(name)
    if (definite && slots.length === 1) {
      const slot = slots[0]!
      return (f) => f.slots[slot] as Value
    }
    const read = this.lookup(name)
    return (f) => {
      const found = read(f)
      return found === MISSING ? null : found
    }
  }

  #operand(node: Expr): Operand {
    if (node.type === 'ParenExpr') return this.#operand(node.inner)
    const evaluate = this.expression(node)
    if (node.type === 'IntLiteral' && typeof node.value === 'number')
      return { evaluate, constant: node.value }
    if (node.type !== 'Identifier') return { evaluate }
    const { slots, definite } = this.#scope.candidates(node.name === '_' ? 'message' : node.name)
    return { evaluate, slot: definite && slots.length === 1 ? slots[0] : undefined }
  }

  #binary(node: BinaryExpr): Evaluate {
    const place = this.#place(node.operator, node.operatorAt)
    if (node.operator === '&&' || node.operator === '||') return this.#logic(node, place)
    const [left, fault] = this.#attempt<Operand>(() => this.#operand(node.left), { evaluate: VOID })
    if (fault && node.type !== 'InExpr') throw fault
    const right = this.#operand(node.right)
    if (fault) throw fault
    if (node.type === 'InExpr') return (f) => contains(place, left.evaluate(f), right.evaluate(f))
    return (ARITHMETIC[node.operator] ?? COMPARISON[node.operator]!)(place, left, right)
  }

  #logic(node: BinaryExpr, place: OperatorPlace): Evaluate {
    const left = this.expression(node.left)
    const right = this.expression(node.right)
    const decides = node.operator === '||'
    return (f) => {
      const a = left(f)
      if (a === decides) return a
      const b = right(f)
      return typeof a === 'boolean' && typeof b === 'boolean' ? b : logicFault(place, a, b)
    }
  }

  #list(nodes: readonly Expr[], at: number): Evaluate {
    let items: Evaluate[]
    try {
      items = nodes.map((e) => this.expression(e))
    } catch (fault) {
      if (fault instanceof ScriptFault) fault.from(this.source, at)
      throw fault
    }
    return (f) => {
      const list: Value[] = []
      for (let i = 0; i < items.length; i++) {
        const value = items[i]!(f)
        list.push(value === undefined ? null : value)
      }
      return list
    }
  }

  #map(node: MapLiteral): Evaluate {
    const entries = node.entries.map(([key, value]) => {
      if (/^(?:Int|Float|Bool|Nil|List|Map)Literal$/.test(key.type))
        this.#fail('map key expect string', key.start)
      return {
        key: this.expression(key),
        value: this.expression(value),
        keyAt: key.start,
        valueAt: value.start,
      }
    })
    return (f) => {
      const map = new Map<string, Value>()
      for (const { key, value, keyAt, valueAt } of entries) {
        const name = key(f)
        if (typeof name !== 'string') return this.#fail(`unsupported key data type: ${typeName(name)}`, keyAt)
        const item = value(f)
        if (item === undefined) return this.#fail('unsupported value data type: void', valueAt)
        map.set(name, item)
      }
      return map
    }
  }

  #index(node: IndexExpr): Evaluate {
    const { base } = node
    const steps = node.index.map((e) => this.#indexStep(e))
    if (!base) return () => this.#fail('a path that starts with `.` is no value', node.start)
    const read = this.lookup(base.name === '_' ? 'message' : base.name)
    return (f) => {
      const object = read(f)
      if (object === MISSING) return this.#fail('key not found', base.start)
      if (!Array.isArray(object) && !(object instanceof Map))
        return this.#fail(`unindexable type: ${typeName(object)}`, base.start)
      return indexInto(f, object, steps)
    }
  }

  #indexStep(node: Expr): { evaluate: Evaluate; source: Source; at: number } {
    return { evaluate: this.expression(node), source: this.source, at: node.start }
  }

  #slice(node: SliceExpr): Evaluate {
    const object = this.expression(node.object)
    const first = node.first ? this.expression(node.first) : VOID
    const end = node.end ? this.expression(node.end) : VOID
    // A step without an end is not checked: one that does not compile counts as absent.
    const [step, fault] = this.#attempt(() => (node.step ? this.expression(node.step) : VOID), VOID)
    if (fault && node.end) throw fault
    const bound = (value: Value, e: Expr | undefined, name: string): number | undefined => {
      if (value === null || value === undefined) return undefined
      if (typeof value === 'number') return value
      if (typeof value === 'bigint') return Number(value)
      return this.#fail(`${name} type must be integer`, e!.start)
    }
    return (f) => {
      const target = object(f)
      const from = first(f)
      const to = end(f)
      const by = step(f)
      if (typeof target !== 'string' && !Array.isArray(target))
        return this.#fail('invalid obj type', node.object.start)
      const stride = bound(by, node.step, 'step')
      if (stride === 0) return this.#fail('step must be non-zero', node.step!.start)
      const start = bound(from, node.first, 'start')
      return slice(target, { start, end: bound(to, node.end, 'end'), step: stride })
    }
  }

  #call(node: CallExpr): Evaluate {
    const definition = this.#options.functions.get(node.name)
    if (!definition) return this.#fail(`unsupported func: \`${node.name}\``, node.start)
    // Where a name leaves a variable behind, arguments that follow see it.
    if (definition.named !== true)
      for (const { name } of node.arguments) if (name !== undefined) this.assign(name, false)
    // Every argument is judged before the call, those that are only names too.
    for (const { value } of node.arguments) this.#arguments.set(value, this.#checkedArgument(value, node))
    const prepared = definition.check(new Call(this, node, definition))
    for (const { value } of node.arguments) this.#arguments.delete(value)
    this.called.add(definition)
    const { run } = definition
    return (f) => run(f, prepared)
  }

  /** An argument's value. */
  argument(node: Expr): Evaluate {
    return this.#arguments.get(node) ?? this.expression(node)
  }

  /** A fault in an argument carries the call as its chain. */
  #checkedArgument(node: Expr, call: CallExpr): Evaluate {
    try {
      return this.expression(node)
    } catch (fault) {
      if (fault instanceof ScriptFault) fault.from(this.source, call.start)
      throw fault
    }
  }

  #place(operator: string, at: number): OperatorPlace {
    return { operator, source: this.source, at }
  }

  #fail(message: string, at: number): never {
    throw new ScriptFault(message, this.source, at)
  }
}

const VOID: Evaluate = () => undefined

/** True when a loop's next round follows; a `continue` is taken back. */
function goesOn(f: Frame): boolean {
  if (f.signal !== Signal.continue) return false
  f.signal = Signal.none
  return true
}

/** One-rune strings; a byte that is no UTF-8 comes as U+FFFD. */
function runes(text: string): string[] {
  const list = [...text]
  return text.isWellFormed() ? list : list.map((c) => c.toWellFormed())
}
