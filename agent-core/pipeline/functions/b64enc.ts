// b64enc: the text of a key in base64.
import { textBytes } from '../../point/text.ts'
import { defineFunction } from './define-function.ts'

export const b64enc = defineFunction({
  name: 'b64enc',
  params: [{ name: 'key', kind: 'name' }],
  doc: { en: 'Writes the bytes of a str key in base64.', zh: '将 str 键的字节编码为 base64。' },
  examples: [{ script: 'b64enc(v)', fields: { v: 'hello' }, expect: { v: 'aGVsbG8=' } }],
  check: (call) => call.path(0, false),
  run(frame, key) {
    const found = key.read(frame)
    if (typeof found === 'string') frame.view.write(key.id, textBytes(found).toString('base64'))
    return undefined
  },
})
