// append: a list with one more element.
import { defineFunction } from './define-function.ts'

export const append = defineFunction({
  name: 'append',
  params: [
    { name: 'list', kind: 'name' },
    { name: 'value', kind: 'value' },
  ],
  returns: 'list',
  doc: {
    en: 'A copy of the list with the value at its end; assign it to keep it. Nothing for anything that is no list.',
    zh: '返回末尾追加了该值的列表副本，需要重新赋值才会保留。不是列表时无返回值。',
  },
  examples: [{ script: 'a = [1]\na = append(a, 2)\nadd_key(a)', expect: { a: '[1,2]' } }],
  check: (call) => ({ list: call.path(0, false), value: call.value(1) }),
  run(frame, { list, value }) {
    const items = list.read(frame)
    if (!Array.isArray(items)) return undefined
    const item = value(frame)
    return [...items, item === undefined ? null : item]
  },
})
