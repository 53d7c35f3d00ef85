// mquery_refer_table: a row found by several columns.
import { pathText } from '../language/ast.ts'
import type { Call } from '../language/call.ts'
import type { Frame } from '../language/frame.ts'
import { MISSING } from '../language/point-view.ts'
import type { Value } from '../language/value.ts'
import { defineFunction } from './define-function.ts'
import { operand, tableName, writeRow } from './query-refer-table.ts'

export const mqueryReferTable = defineFunction({
  name: 'mquery_refer_table',
  params: [
    { name: 'table_name', kind: 'value' },
    { name: 'keys', kind: 'value' },
    { name: 'values', kind: 'value' },
  ],
  named: true,
  doc: {
    en: 'Like query_refer_table with several columns, all of which must equal.',
    zh: '与 query_refer_table 相同，但要求多列同时相等。',
  },
  examples: [{ script: 'mquery_refer_table("t", ["a","b"], ["x", 1])\nadd_key(a, 1)', expect: { a: 1 } }],
  check(call) {
    const table = tableName(call)
    const keys = call.args[1]!
    if (keys.type !== 'ListLiteral' && keys.type !== 'Identifier' && keys.type !== 'AttrExpr')
      call.fail(`param key expects FuncArgList, Identifier or AttrExpr, got ${keys.type}`, 1)
    if (keys.type === 'ListLiteral')
      for (const key of keys.items)
        if (key.type !== 'StringLiteral' && key.type !== 'Identifier' && key.type !== 'AttrExpr')
          call.fail(`expect StringLiteral, Identifier or AttrExpr in FuncArgList, got ${key.type}`, 1)
    if (call.args[2]!.type === 'StringLiteral')
      call.fail('param key expects FuncArgList, Identifier or AttrExpr, got StringLiteral', 2)
    return { table, keys: items(call, 1), values: items(call, 2), call }
  },
  run(frame, { table, keys, values, call }) {
    const name = table(frame)
    const columns = keys(frame)
    const wanted = values(frame)
    if (columns.some((c) => typeof c !== 'string')) return call.fail('unsupported column name value type', 1)
    if (columns.length !== wanted.length || columns.length === 0) return undefined
    writeRow(frame, name, columns as string[], wanted)
    return undefined
  },
})

/** The elements of a list literal, of a list variable, or one value alone. A name that is missing is an error. */
function items(call: Call, index: number): (frame: Frame) => Value[] {
  const node = call.args[index]!
  if (node.type === 'ListLiteral') {
    const elements = node.items.map((e) => ({ read: operand(call, e) }))
    return (frame) =>
      elements.map(({ read }) => {
        const found = read(frame)
        return found === MISSING ? call.fail('key not found', index) : found
      })
  }
  if (node.type === 'Identifier' || node.type === 'AttrExpr') {
    const { read } = call.keyOf(pathText(node))
    return (frame) => {
      const found = read(frame)
      if (found === MISSING) return call.fail('key not found', index)
      return Array.isArray(found) ? found : [found]
    }
  }
  const evaluate = call.value(index)
  return (frame) => {
    const value = evaluate(frame)
    return Array.isArray(value) ? value : [value]
  }
}
