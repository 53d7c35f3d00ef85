// nullif: deletes a key that has a certain value.
import { MISSING } from '../language/point-view.ts'
import { deepEqual, type Value } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const nullif = defineFunction({
  name: 'nullif',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'value', kind: 'literal' },
  ],
  doc: {
    en: 'Deletes the key of the point when its value and type equal the literal.',
    zh: '当键的值与类型等于给定字面量时，从数据点删除该键。',
  },
  examples: [{ script: 'nullif(user, "-")', fields: { user: '-' }, expect: { user: null } }],
  check(call) {
    const node = call.args[1]!
    const value: Value = /^(?:String|Int|Float|Bool)Literal$/.test(node.type)
      ? (node as { value: Value }).value
      : null
    call.value(1)
    return { key: call.key(0), value }
  },
  run(frame, { key, value }) {
    const found = key.read(frame)
    if (found !== MISSING && deepEqual(found, value)) frame.view.remove(key.id)
    return undefined
  },
})
