// len: bytes of a str, size of a list or map.
import { textByteLength } from '../../point/text.ts'
import { defineFunction } from './define-function.ts'

export const len = defineFunction({
  name: 'len',
  params: [{ name: 'value', kind: 'value' }],
  returns: 'int',
  doc: {
    en: 'Bytes of a str, entries of a list or map, 0 for anything else.',
    zh: 'str 的字节数，列表或映射的元素数，其他为 0。',
  },
  examples: [{ script: 'add_key(n, len("你"))', expect: { n: 3 } }],
  check: (call) => call.value(0),
  run(frame, value) {
    const item = value(frame)
    if (typeof item === 'string') return textByteLength(item)
    if (Array.isArray(item)) return item.length
    return item instanceof Map ? item.size : 0
  },
})
