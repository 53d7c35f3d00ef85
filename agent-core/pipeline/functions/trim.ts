// trim: the ends of the text of a key.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { trimSet, trimSpace } from '../text/space.ts'
import { defineFunction } from './define-function.ts'

export const trim = defineFunction({
  name: 'trim',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'cutset', kind: 'literal', default: '""' },
  ],
  doc: {
    en: 'Removes white space, or any of the given characters, from both ends of the text of a key.',
    zh: '去除键文本两端的空白字符或指定字符。',
  },
  examples: [{ script: 'trim(id, "[]")', fields: { id: '[7]' }, expect: { id: '7' } }],
  check: (call) => ({ key: call.key(0), set: call.string(1) ?? '' }),
  run(frame, { key, set }) {
    const found = key.read(frame)
    if (found === MISSING || found === undefined) return undefined
    const text = valueText(found)
    frame.view.write(key.id, set === '' ? trimSpace(text) : trimSet(text, set))
    return undefined
  },
})
