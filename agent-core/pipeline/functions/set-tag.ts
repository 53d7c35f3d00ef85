// set_tag: a key as a tag.
import type { Call, Key } from '../language/call.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const setTag = defineFunction({
  name: 'set_tag',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'value', kind: 'key', default: 'the current value of key' },
  ],
  doc: {
    en: 'Makes a key a tag, with the given value or its current one; the value becomes text.',
    zh: '将键设为标签，取给定的值或其当前值；值会转为文本。',
  },
  examples: [
    { script: 'set_tag(level)', fields: { level: 5 }, expect: { level: '5' } },
    { script: 'set_tag(net, "lan")', expect: { net: 'lan' } },
  ],
  check(call) {
    const key = call.key(0)
    return { id: key.id, value: call.has(1) ? tagSource(call) : key }
  },
  run(frame, { id, value }) {
    const current = typeof value === 'string' ? value : value.read(frame)
    frame.view.writeTag(id, current === MISSING ? '' : valueText(current))
    return undefined
  },
})

function tagSource(call: Call): string | Key {
  const node = call.args[1]!
  if (node.type === 'Identifier') return call.keyOf(node.name)
  // As a value an attribute path is nil.
  if (node.type === 'AttrExpr') return ''
  return call.string(1)!
}
