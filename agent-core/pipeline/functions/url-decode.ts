// url_decode: percent escapes undone.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { queryUnescape } from '../text/url.ts'
import { defineFunction } from './define-function.ts'

export const urlDecode = defineFunction({
  name: 'url_decode',
  params: [{ name: 'key', kind: 'key' }],
  doc: {
    en: 'Undoes the escapes of a query in the text of a key; `+` is a blank. A bad escape is a runtime error.',
    zh: '对键的文本做查询串反转义，`+` 为空格。非法转义是运行时错误。',
  },
  examples: [{ script: 'url_decode(q)', fields: { q: 'a%20b+c' }, expect: { q: 'a b c' } }],
  check: (call) => ({ key: call.key(0), fail: (message: string) => call.fail(message) }),
  run(frame, { key, fail }) {
    const found = key.read(frame)
    if (found === MISSING || found === undefined) return undefined
    const decoded = queryUnescape(valueText(found))
    if (!decoded.ok) return fail(`invalid URL escape ${JSON.stringify(decoded.error)}`)
    frame.view.write(key.id, decoded.value)
    return undefined
  },
})
