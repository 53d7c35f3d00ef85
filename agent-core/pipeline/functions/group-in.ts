// group_in: a label for listed values.
import { MISSING } from '../language/point-view.ts'
import { deepEqual, type Value } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

const LITERAL = /^(?:String|Int|Float|Bool)Literal$/

export const groupIn = defineFunction({
  name: 'group_in',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'list', kind: 'value' },
    { name: 'new_value', kind: 'literal' },
    { name: 'new_key', kind: 'key', default: 'key' },
  ],
  doc: {
    en: 'Writes a value when the key equals, type included, an element of a list literal or list variable.',
    zh: '当键的值（含类型）等于列表字面量或列表变量中的某个元素时写入给定值。',
  },
  examples: [
    {
      script: 'group_in(level, ["warn", "notice"], "warning")',
      fields: { level: 'warn' },
      expect: { level: 'warning' },
    },
  ],
  check(call) {
    const key = call.key(0)
    const node = call.args[1]!
    const listed = node.type === 'ListLiteral' || node.type === 'Identifier'
    const literals =
      node.type === 'ListLiteral' && node.items.every((e) => LITERAL.test(e.type))
        ? node.items.map((e) => (e as { value: Value }).value)
        : undefined
    const list = call.value(1)
    const value = call.args[2]!
    const target = call.has(3) ? call.key(3) : key
    const replacement = LITERAL.test(value.type) ? (value as { value: Value }).value : undefined
    return { read: key.read, id: target.id, list: listed ? list : undefined, literals, replacement }
  },
  run(frame, { read, id, list, literals, replacement }) {
    const found = read(frame)
    if (found === MISSING || replacement === undefined || !list) return undefined
    const items = literals ?? list(frame)
    if (!Array.isArray(items)) return undefined
    for (let i = 0; i < items.length; i++)
      if (deepEqual(items[i], found)) {
        frame.view.write(id, replacement)
        break
      }
    return undefined
  },
})
