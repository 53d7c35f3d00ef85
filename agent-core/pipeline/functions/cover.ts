// cover: a range of characters as stars.
import { MISSING } from '../language/point-view.ts'
import { literalNumber } from '../language/call.ts'
import { defineFunction } from './define-function.ts'

const HAN = /\p{Script=Han}/u

export const cover = defineFunction({
  name: 'cover',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'range', kind: 'literal' },
  ],
  doc: {
    en: 'Replaces the characters of a range (from 1, both ends included, negative from the end) by `*`, Han ones by `＊`.',
    zh: '将范围内的字符（从 1 起，含两端，负数从末尾计）替换为 `*`，汉字替换为 `＊`。',
  },
  examples: [
    { script: 'cover(tel, [4, 7])', fields: { tel: '13800001111' }, expect: { tel: '138****1111' } },
  ],
  check(call) {
    const key = call.key(0)
    const node = call.args[1]!
    if (node.type !== 'ListLiteral') return call.fail(`param range expects ListInitExpr, got ${node.type}`, 1)
    const bounds = node.items.map((e) =>
      e.type === 'IntLiteral' || e.type === 'FloatLiteral'
        ? Math.trunc(literalNumber(e.value))
        : call.fail('range value is not expected', 1),
    )
    if (bounds.length !== 2) call.fail('param range value is not expected', 1)
    return { key, start: bounds[0]!, end: bounds[1]! }
  },
  run(frame, { key, start, end }) {
    const found = key.read(frame)
    if (found === MISSING || typeof found !== 'string') return undefined
    const runes = [...found]
    const from = start <= 0 ? runes.length + 1 + start : start
    const to = end < 0 ? runes.length + 1 + end : Math.min(end, runes.length)
    if (from > to) return undefined
    for (let i = Math.max(from - 1, 0); i < to; i++) runes[i] = HAN.test(runes[i]!) ? '＊' : '*'
    frame.view.write(key.id, runes.join(''))
    return undefined
  },
})
