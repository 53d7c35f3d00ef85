// match: a regular expression search.
import { compileRe2 } from '../../kernel/re2.ts'
import { defineFunction } from './define-function.ts'

export const match = defineFunction({
  name: 'match',
  params: [
    { name: 'regex', kind: 'literal' },
    { name: 'text', kind: 'value' },
  ],
  returns: 'bool',
  doc: {
    en: 'True when the regular expression is found in the text of a string literal, variable or key. The result of a call never matches.',
    zh: '在字符串字面量、变量或键的文本中找到正则匹配时返回 true。函数调用的结果永远不匹配。',
  },
  examples: [
    { script: 'add_key(r, match("^5\\\\d\\\\d$", code))', fields: { code: '503' }, expect: { r: true } },
  ],
  check(call) {
    const compiled = compileRe2(call.string(0)!)
    if (!compiled.ok) return call.fail(compiled.error, 0)
    const node = call.args[1]!
    const source =
      node.type === 'StringLiteral'
        ? (node.value as string)
        : node.type === 'Identifier' || node.type === 'AttrExpr'
          ? call.path(1).read
          : undefined
    if (source === undefined && node.type !== 'CallExpr')
      call.fail(`expect StringLiteral, Identifier or AttrExpr, got ${node.type}`, 1)
    return { regexp: compiled.value, source }
  },
  run(frame, { regexp, source }) {
    if (source === undefined) return false
    if (typeof source === 'string') return regexp.test(source)
    const found = source(frame)
    if (typeof found === 'symbol') return false
    const text = typeof found === 'string' ? found : ''
    return regexp.test(text, frame.wide(text))
  },
})
