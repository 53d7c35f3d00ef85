// pt_kvs_del: a key off the point by a computed name.
import { defineFunction } from './define-function.ts'

export const ptKvsDel = defineFunction({
  name: 'pt_kvs_del',
  params: [{ name: 'name', kind: 'value' }],
  named: 'typed',
  doc: { en: 'Deletes a key of the point by name.', zh: '按名称删除数据点的键。' },
  examples: [{ script: 'pt_kvs_del("t" + "mp")', fields: { tmp: 1 }, expect: { tmp: null } }],
  check: (call) => call.typed(0, ['str']),
  run(frame, name) {
    const key = name(frame) as string
    frame.view.removeName(key === '_' ? 'message' : key)
    return undefined
  },
})
