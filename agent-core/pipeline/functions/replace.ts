// replace: a regular expression in the text of a key.
import { compileRe2 } from '../../kernel/re2.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { goTemplate } from '../text/template.ts'
import { defineFunction } from './define-function.ts'

export const replace = defineFunction({
  name: 'replace',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'regex', kind: 'literal' },
    { name: 'replacement', kind: 'literal' },
  ],
  doc: {
    en: 'Replaces every match in the text of a key. `$1`, `${1}` and `${name}` stand for groups, `$$` for a dollar.',
    zh: '替换键文本中的所有匹配。`$1`、`${1}`、`${name}` 表示分组，`$$` 表示美元符号。',
  },
  examples: [
    {
      script: 'replace(phone, "(\\\\d{3})\\\\d{4}", "${1}****")',
      fields: { phone: '13800001111' },
      expect: { phone: '138****1111' },
    },
  ],
  check(call) {
    const key = call.key(0)
    const compiled = compileRe2(call.string(1)!)
    if (!compiled.ok) return call.fail(`regular expression parse err: ${compiled.error}`, 1)
    const template = goTemplate(call.string(2)!, compiled.value.groups)
    // Only an expression that can match nothing needs Go's rule for empty matches.
    const mayBeEmpty = compiled.value.test('') || /\\[bBAz]|[\^$]/.test(compiled.value.pattern)
    return { key, regexp: compiled.value, template, mayBeEmpty }
  },
  run(frame, { key, regexp, template, mayBeEmpty }) {
    const found = key.read(frame)
    if (found === MISSING || found === undefined) return undefined
    const text = valueText(found)
    const all = regexp.all(text)
    frame.view.write(key.id, mayBeEmpty ? replaceApart(text, all, template) : substitute(text, all, template))
    return undefined
  },
})

type Template = ReturnType<typeof goTemplate>

const substitute = (text: string, all: RegExp, template: Template): string =>
  typeof template === 'string' ? text.replace(all, template) : text.replace(all, template)

/** An empty match right behind another match does not count. */
function replaceApart(text: string, all: RegExp, template: Template): string {
  let end = -1
  return text.replace(all, (...match: unknown[]) => {
    const found = match[0] as string
    const at = match.find((m) => typeof m === 'number')!
    if (found === '' && at === end) return ''
    end = at + found.length
    return typeof template === 'string' ? template : template(...match)
  })
}
