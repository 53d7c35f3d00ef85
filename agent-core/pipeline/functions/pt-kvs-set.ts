// pt_kvs_set: a key of the point by a computed name.
import { valueText } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const ptKvsSet = defineFunction({
  name: 'pt_kvs_set',
  params: [
    { name: 'name', kind: 'value' },
    { name: 'value', kind: 'value' },
    { name: 'as_tag', kind: 'value', default: 'false' },
    { name: 'raw', kind: 'value', default: 'false' },
  ],
  named: 'typed',
  returns: 'bool',
  doc: {
    en: 'Writes a key of the point by name, as a tag when asked; raw keeps a list or map as it is.',
    zh: '按名称写入数据点的键，可设为标签；raw 保留原生列表或映射。',
  },
  examples: [{ script: 'pt_kvs_set("k_" + "1", 1)', expect: { k_1: 1 } }],
  check: (call) => ({
    name: call.typed(0, ['str']),
    value: call.any(1),
    tag: call.typed(2, ['bool']),
    raw: call.typed(3, ['bool']),
  }),
  run(frame, { name, value, tag, raw }) {
    const key = name(frame) as string
    const item = value(frame)
    const asTag = tag(frame) === true
    const native = raw(frame) === true
    if (asTag) frame.view.writeTagName(key, valueText(item))
    else if (native) frame.view.writeNative(key, item)
    else frame.view.writeName(key, item)
    return true
  },
})
