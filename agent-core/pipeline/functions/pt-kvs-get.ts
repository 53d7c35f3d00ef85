// pt_kvs_get: a key of the point by a computed name.
import { orNil } from '../language/call.ts'
import { defineFunction } from './define-function.ts'

export const ptKvsGet = defineFunction({
  name: 'pt_kvs_get',
  params: [
    { name: 'name', kind: 'value' },
    { name: 'raw', kind: 'value', default: 'false' },
  ],
  named: 'typed',
  returns: 'any',
  doc: {
    en: 'Reads a key of the point by name; raw gives a native list or map instead of its JSON text.',
    zh: '按名称读取数据点的键；raw 返回原生列表或映射，而不是其 JSON 文本。',
  },
  examples: [{ script: 'add_key(r, pt_kvs_get("a" + "b"))', fields: { ab: 4 }, expect: { r: 4 } }],
  check: (call) => ({ name: call.typed(0, ['str']), raw: call.typed(1, ['bool']) }),
  run(frame, { name, raw }) {
    const text = name(frame) as string
    const key = text === '_' ? 'message' : text
    return orNil(raw(frame) === true ? frame.view.readNative(key) : frame.view.readName(key))
  },
})
