// parse_int: an int from text in a base.
import { parseInt64 } from '../text/go-number.ts'
import { defineFunction } from './define-function.ts'

export const parseInt = defineFunction({
  name: 'parse_int',
  params: [
    { name: 'val', kind: 'value' },
    { name: 'base', kind: 'value' },
  ],
  named: true,
  returns: 'int',
  doc: {
    en: 'Reads a str in a base (2 to 36, 0 = by prefix); 0 when it is no number, the nearest int64 when out of range.',
    zh: '按进制（2 到 36，0 表示由前缀决定）解析 str；非数字为 0，超出范围取最近的 int64。',
  },
  examples: [{ script: 'add_key(n, parse_int("7fff", 16))', expect: { n: 32767 } }],
  check: (call) => ({ value: call.value(0), base: call.value(1) }),
  run(frame, { value, base }) {
    const text = value(frame)
    // A text that is none is 0 whatever the base, which is not even looked at.
    if (typeof text !== 'string') return 0
    const given = base(frame)
    const radix = typeof given === 'number' ? given : NaN
    if (!(radix === 0 || (radix >= 2 && radix <= 36))) return 0
    return parseInt64(text, radix).value
  },
})
