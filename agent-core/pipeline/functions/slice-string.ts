// slice_string: a range of characters.
import { defineFunction } from './define-function.ts'

export const sliceString = defineFunction({
  name: 'slice_string',
  params: [
    { name: 'name', kind: 'value' },
    { name: 'start', kind: 'value' },
    { name: 'end', kind: 'value' },
  ],
  named: 'typed',
  returns: 'str',
  doc: {
    en: 'Characters from start up to, not including, end; an impossible range gives "".',
    zh: '取 [start, end) 范围的字符；范围无效时返回 ""。',
  },
  examples: [{ script: 'add_key(r, slice_string("15384073392", 0, 3))', expect: { r: '153' } }],
  check: (call) => ({
    text: call.typed(0, ['str']),
    start: call.typed(1, ['int']),
    end: call.typed(2, ['int']),
  }),
  run(frame, { text, start, end }) {
    const runes = [...(text(frame) as string)]
    const from = Number(start(frame))
    const to = Math.min(Number(end(frame)), runes.length)
    return from < 0 || from > to ? '' : runes.slice(from, to).join('')
  },
})
