// format_int: an int as text in a base.
import { Opaque } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const formatInt = defineFunction({
  name: 'format_int',
  params: [
    { name: 'val', kind: 'value' },
    { name: 'base', kind: 'value' },
  ],
  named: true,
  returns: 'str',
  doc: {
    en: 'Writes an int in a base from 2 to 36; "" for any other type.',
    zh: '以 2 到 36 进制输出 int；其他类型返回 ""。',
  },
  examples: [{ script: 'add_key(r, format_int(255, 16))', expect: { r: 'ff' } }],
  check: (call) => ({
    value: call.value(0),
    base: call.value(1),
    fail: () => call.fail('base must be between 2 and 36', 1),
  }),
  run(frame, { value, base, fail }) {
    const number = value(frame)
    // What is no int gives an empty text that goes by the type int.
    if (typeof number !== 'number' && typeof number !== 'bigint') return new Opaque('', 'int')
    const radix = base(frame)
    if (typeof radix !== 'number') return new Opaque('', 'int')
    return radix < 2 || radix > 36 ? fail() : number.toString(radix)
  },
})
