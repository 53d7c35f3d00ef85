// query_refer_table: a row of a reference table onto the point.
import { orNil, type Call } from '../language/call.ts'
import { pathText, type Expr } from '../language/ast.ts'
import type { Evaluate, Frame } from '../language/frame.ts'
import { MISSING } from '../language/point-view.ts'
import { typeName, type Value } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const queryReferTable = defineFunction({
  name: 'query_refer_table',
  params: [
    { name: 'table_name', kind: 'value' },
    { name: 'key', kind: 'value' },
    { name: 'value', kind: 'value' },
  ],
  named: true,
  doc: {
    en: 'Finds the first row whose column equals the value, type included, and writes every column of it.',
    zh: '查找某列等于给定值（含类型）的第一行，并写入该行的所有列。',
  },
  examples: [{ script: 'query_refer_table("users", "uid", "u1")\nadd_key(a, 1)', expect: { a: 1 } }],
  check(call) {
    const table = tableName(call)
    const column = call.args[1]!
    if (column.type !== 'StringLiteral' && column.type !== 'Identifier' && column.type !== 'AttrExpr')
      call.fail(`param key expects StringLiteral, Identifier or AttrExpr, got ${column.type}`, 1)
    return {
      table,
      column: call.value(1),
      columnFault: (value: Value): never =>
        call.fail(`unsupported column name value type ${typeName(value)}`, 1),
      value: operand(call, valueNode(call)),
    }
  },
  run(frame, { table, column, columnFault, value }) {
    const name = table(frame)
    const key = column(frame)
    if (typeof key !== 'string') return columnFault(key)
    const wanted = value(frame)
    if (wanted !== MISSING) writeRow(frame, name, [key], [wanted])
    return undefined
  },
})

/** The table's name: a str, else a runtime error at the argument. */
export function tableName(call: Call): (frame: Frame) => string {
  // Only names and texts may stand here.
  call.key(0)
  const evaluate: Evaluate = call.value(0)
  return (frame) => {
    const name = evaluate(frame)
    return typeof name === 'string' ? name : call.fail('param expect string', 0)
  }
}

function valueNode(call: Call): Expr {
  const node = call.args[2]!
  const types = ['StringLiteral', 'IntLiteral', 'FloatLiteral', 'BoolLiteral', 'AttrExpr', 'Identifier']
  return types.includes(node.type)
    ? node
    : call.fail(
        `param key expects StringLiteral, NumberLiteral, BoolLiteral, AttrExpr or Identifier, got ${node.type}`,
        2,
      )
}

/** A literal, or a name that may be missing. */
export function operand(call: Call, node: Expr): (frame: Frame) => Value | typeof MISSING {
  if (node.type === 'Identifier' || node.type === 'AttrExpr') return call.keyOf(pathText(node)).read
  return call.compiler.argument(node)
}

/** Writes every column of the first row that fits. */
export function writeRow(
  frame: Frame,
  table: string,
  columns: readonly string[],
  values: readonly Value[],
): void {
  const row = frame.session.environment.referTables?.find(table, columns, values.map(orNil))
  if (row) for (const [column, value] of row) frame.view.writeName(column, value)
}
