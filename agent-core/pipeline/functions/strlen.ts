// strlen: characters of a str.
import { defineFunction } from './define-function.ts'

const ASCII = /^[\0-\x7f]*$/

export const strlen = defineFunction({
  name: 'strlen',
  params: [{ name: 'text', kind: 'value' }],
  returns: 'int',
  doc: {
    en: 'Characters of a str; any other type is a runtime error.',
    zh: 'str 的字符数；其他类型是运行时错误。',
  },
  examples: [{ script: 'add_key(n, strlen("你a"))', expect: { n: 2 } }],
  check: (call) => call.text(0),
  run(frame, value) {
    const text = value(frame)
    return ASCII.test(text) ? text.length : [...text].length
  },
})
