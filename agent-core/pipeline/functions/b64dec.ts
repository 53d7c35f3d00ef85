// b64dec: base64 in a key undone.
import { decodeBase64 } from '../text/base64.ts'
import { defineFunction } from './define-function.ts'

export const b64dec = defineFunction({
  name: 'b64dec',
  params: [{ name: 'key', kind: 'name' }],
  doc: {
    en: 'Decodes the base64 text of a str key; bad base64 is a runtime error.',
    zh: '解码 str 键中的 base64 文本；非法输入是运行时错误。',
  },
  examples: [{ script: 'b64dec(v)', fields: { v: 'aGVsbG8=' }, expect: { v: 'hello' } }],
  check: (call) => ({ key: call.path(0, false), fail: (message: string) => call.fail(message) }),
  run(frame, { key, fail }) {
    const found = key.read(frame)
    if (typeof found !== 'string') return undefined
    const decoded = decodeBase64(found)
    if (typeof decoded === 'number') return fail(`illegal base64 data at input byte ${decoded}`)
    frame.view.write(key.id, decoded)
    return undefined
  },
})
