// group_between: a label for a range of numbers.
import { literalNumber } from '../language/call.ts'
import { MISSING } from '../language/point-view.ts'
import { Float, type Value } from '../language/value.ts'
import { parseFloat64 } from '../text/go-number.ts'
import { defineFunction } from './define-function.ts'

const LITERAL = /^(?:String|Int|Float|Bool)Literal$/

export const groupBetween = defineFunction({
  name: 'group_between',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'range', kind: 'literal' },
    { name: 'new_value', kind: 'literal' },
    { name: 'new_key', kind: 'key', default: 'key' },
  ],
  doc: {
    en: 'Writes a value when the number in a key lies in a range, both ends included. Text that is no number counts as 0.',
    zh: '当键的数值落在闭区间内时写入给定值。非数字文本按 0 计。',
  },
  examples: [
    {
      script: 'group_between(code, [200, 299], "OK", status)',
      fields: { code: 204 },
      expect: { status: 'OK' },
    },
  ],
  check(call) {
    const key = call.key(0)
    const node = call.args[1]!
    const last = call.args.length > 3 && call.has(3) ? 3 : 2
    if (node.type !== 'ListLiteral') return call.fail(`param range expects ListInitExpr, got ${node.type}`, 1)
    const bounds = node.items.map((e) =>
      e.type === 'IntLiteral' || e.type === 'FloatLiteral'
        ? literalNumber(e.value)
        : call.fail('range value is not expected', e),
    )
    if (bounds.length !== 2) call.fail('param between range value is not expected', 1)
    const [low, high] = bounds as [number, number]
    if (low > high) call.fail(`range value start ${low} must le end ${high}`)
    const value = call.args[2]!
    const target = last === 3 ? call.key(3) : key
    const replacement = LITERAL.test(value.type) ? (value as { value: Value }).value : undefined
    return {
      read: key.read,
      id: target.id,
      low,
      high,
      replacement,
      fail: () => call.fail('unsupported group type'),
    }
  },
  run(frame, { read, id, low, high, replacement, fail }) {
    const found = read(frame)
    if (found === MISSING) return undefined
    const number = typeof found === 'number' ? found : groupNumber(found)
    if (!(number >= low && number <= high)) return undefined
    if (replacement === undefined) return fail()
    frame.view.write(id, replacement)
    return undefined
  },
})

function groupNumber(value: Value): number {
  if (value instanceof Float) return value.value
  if (typeof value === 'string') return parseFloat64(value) ?? 0
  return typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : 0
}
