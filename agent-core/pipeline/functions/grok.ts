// grok: named captures of a pattern onto the point.
import { compileGrok, captureValue } from '../grok/grok.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { trimSpace } from '../text/space.ts'
import { defineFunction } from './define-function.ts'

export const grok = defineFunction({
  name: 'grok',
  params: [
    { name: 'input', kind: 'key' },
    { name: 'pattern', kind: 'literal' },
    { name: 'trim', kind: 'literal', default: 'true' },
  ],
  returns: 'bool',
  doc: {
    en: 'Searches the text of a key for a grok pattern and writes every named capture; false when nothing matches.',
    zh: '在键的文本中搜索 grok 模式并写入所有命名捕获；未匹配时返回 false。',
  },
  examples: [
    {
      script: 'grok(_, "%{IP:ip} %{INT:code:int}")',
      message: '10.0.0.1 404',
      expect: { ip: '10.0.0.1', code: 404 },
    },
  ],
  check(call) {
    const trim = call.bool(2) ?? true
    const { read } = call.key(0)
    const pattern = call.string(1)!
    const compiled = compileGrok(pattern, call.compiler.patterns.get)
    if (!compiled.ok) return call.fail(compiled.error)
    const { regexp, captures } = compiled.value
    const groups = captures.map(({ key, group, type }) => ({ id: call.keyOf(key).id, group, type }))
    return { read, regexp, groups, trim }
  },
  run(frame, { read, regexp, groups, trim }) {
    const found = read(frame)
    if (found === MISSING || found === undefined) return false
    const text = typeof found === 'string' ? found : valueText(found)
    const match = regexp.exec(text, frame.wide(text))
    if (match === null) return false
    const { view } = frame
    for (let i = 0; i < groups.length; i++) {
      const { id, group, type } = groups[i]!
      const captured = match[group] ?? ''
      const value = trim ? trimSpace(captured) : captured
      view.write(id, type === 'str' ? value : captureValue(type, value))
    }
    return true
  },
})
