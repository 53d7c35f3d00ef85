// get_key: a key of the point, variables aside.
import { orNil } from '../language/call.ts'
import { defineFunction } from './define-function.ts'

export const getKey = defineFunction({
  name: 'get_key',
  params: [{ name: 'key', kind: 'key' }],
  returns: 'any',
  doc: {
    en: 'Reads a key of the point, ignoring variables; nil when there is none.',
    zh: '只从数据点读取键（忽略变量）；不存在时返回 nil。',
  },
  examples: [{ script: 'x = 1\nadd_key(y, get_key(x))', fields: { x: 7 }, expect: { y: 7 } }],
  check: (call) => call.key(0).id,
  run: (frame, id) => orNil(frame.view.read(id)),
})
