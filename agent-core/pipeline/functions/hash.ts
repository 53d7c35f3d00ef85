// hash: a digest of a text.
import { createHash } from 'node:crypto'
import { textBytes } from '../../point/text.ts'
import { defineFunction } from './define-function.ts'

const METHODS = new Set(['md5', 'sha1', 'sha256', 'sha512'])

export const hash = defineFunction({
  name: 'hash',
  params: [
    { name: 'text', kind: 'value' },
    { name: 'method', kind: 'value' },
  ],
  named: 'typed',
  returns: 'str',
  doc: {
    en: 'Hex digest by md5, sha1, sha256 or sha512; "" for any other method.',
    zh: 'md5、sha1、sha256 或 sha512 的十六进制摘要；其他方法返回 ""。',
  },
  examples: [{ script: 'add_key(h, hash("abc", "md5"))', expect: { h: '900150983cd24fb0d6963f7d28e17f72' } }],
  check: (call) => ({ text: call.typed(0, ['str']), method: call.typed(1, ['str']) }),
  run(frame, { text, method }) {
    const input = text(frame) as string
    const name = method(frame) as string
    return METHODS.has(name) ? createHash(name).update(textBytes(input)).digest('hex') : ''
  },
})
