// What a reader would stumble over although it compiles: an assignment that never reaches the point. Assignments make
// variables; whoever comes from another tool expects fields.
import { diagnostic, type Diagnostic } from '../../kernel/diagnostic.ts'
import type { AssignStmt, Block, Expr, Stmt } from '../../pipeline/language/ast.ts'
import { parse } from '../../pipeline/language/parser.ts'
import { Source } from '../../pipeline/language/source.ts'

/** Variables that are written and never read, each at its last assignment. */
export function scriptHints(name: string, text: string): Diagnostic[] {
  const { statements, faults } = parse(text)
  if (faults.length > 0) return []
  const writes = new Map<string, AssignStmt>()
  const reads = new Set<string>()
  walk(statements, writes, reads)
  const source = new Source(name, text)
  return [...writes]
    .filter(([variable]) => !reads.has(variable))
    .map(([variable, at]) => hint(source, variable, at))
}

function hint(source: Source, variable: string, { from, to, values, operator }: AssignStmt): Diagnostic {
  const { line, column } = source.place(from)
  const value = values[0]
  const simple = operator === '=' && value !== undefined && values.length === 1
  const call = simple ? `add_key(${variable}, ${source.text.slice(value.from, value.to)})` : ''
  return diagnostic('PIPELINE_HINT', `${variable} never reaches the point`, {
    severity: 'warning',
    file: source.name,
    labels: [{ from, to, line, column, text: 'an assignment makes a variable' }],
    notes: [`${variable} is a variable that nothing reads; add_key writes a field.`],
    fixes: simple ? [{ title: `Replace with ${call}`, edits: [{ from, to, insert: call }] }] : [],
  })
}

function walk(statements: readonly Stmt[], writes: Map<string, AssignStmt>, reads: Set<string>): void {
  const read = (node: Expr | undefined): void => node && collect(node, reads)
  const block = ({ statements: inner }: Block): void => walk(inner, writes, reads)
  for (const one of statements) {
    if (one.type === 'AssignStmt') {
      for (const target of one.targets)
        if (target.type === 'Identifier') {
          if (one.operator === '=') writes.set(target.name, one)
          else reads.add(target.name)
        } else read(target)
      one.values.forEach(read)
    } else if (one.type === 'IfStmt') {
      for (const { condition, body } of one.branches) {
        read(condition)
        block(body)
      }
      if (one.otherwise) block(one.otherwise)
    } else if (one.type === 'ForStmt') {
      walk(
        [one.init, one.step].filter((part) => part !== undefined),
        writes,
        reads,
      )
      read(one.condition)
      block(one.body)
    } else if (one.type === 'ForInStmt') {
      read(one.iterable)
      block(one.body)
    } else if (one.type === 'ExprStmt') read(one.expression)
  }
}

/** Every identifier below a node: also names given to functions, which read a variable first. */
function collect(node: unknown, into: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  const { type, name } = node as { type?: unknown; name?: unknown }
  if (type === 'Identifier' && typeof name === 'string') into.add(name)
  for (const part of Object.values(node)) collect(part, into)
}
