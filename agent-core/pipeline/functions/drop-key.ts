// drop_key: a key off the point.
import { defineFunction } from './define-function.ts'

export const dropKey = defineFunction({
  name: 'drop_key',
  params: [{ name: 'key', kind: 'key' }],
  doc: { en: 'Deletes a tag or field of the point.', zh: '从数据点删除标签或字段。' },
  examples: [{ script: 'drop_key(tmp)', fields: { tmp: 1 }, expect: { tmp: null } }],
  check: (call) => call.key(0).id,
  run(frame, id) {
    frame.view.remove(id)
    return undefined
  },
})
