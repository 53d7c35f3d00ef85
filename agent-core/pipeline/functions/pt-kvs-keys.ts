// pt_kvs_keys: the names of tags and fields.
import { defineFunction } from './define-function.ts'

export const ptKvsKeys = defineFunction({
  name: 'pt_kvs_keys',
  params: [
    { name: 'tags', kind: 'value', default: 'true' },
    { name: 'fields', kind: 'value', default: 'true' },
  ],
  named: 'typed',
  returns: 'list',
  doc: { en: 'Lists the names of the tags and fields of the point.', zh: '列出数据点的标签名和字段名。' },
  examples: [{ script: 'add_key(n, len(pt_kvs_keys(tags=false)))', fields: { a: 1 }, expect: { n: 1 } }],
  check: (call) => ({ tags: call.typed(0, ['bool']), fields: call.typed(1, ['bool']) }),
  run(frame, { tags, fields }) {
    const withTags = tags(frame) !== false
    const withFields = fields(frame) !== false
    return frame.view.point.kvs.filter((kv) => (kv.isTag ? withTags : withFields)).map((kv) => kv.key)
  },
})
