// xml: the text of a node onto the point.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { xpathText } from '../text/xml.ts'
import { defineFunction } from './define-function.ts'

export const xml = defineFunction({
  name: 'xml',
  params: [
    { name: 'input', kind: 'key' },
    { name: 'xpath', kind: 'literal' },
    { name: 'field', kind: 'key' },
  ],
  doc: {
    en: 'Writes the inner text of the first node or attribute that an XPath 1.0 expression finds.',
    zh: '写入 XPath 1.0 表达式匹配到的首个节点或属性的文本。',
  },
  examples: [{ script: "xml(_, '/r/item/@id', id)", message: '<r><item id="7"/></r>', expect: { id: '7' } }],
  check: (call) => ({ input: call.key(0), xpath: call.string(1)!, target: call.key(2).id }),
  run(frame, { input, xpath, target }) {
    const found = input.read(frame)
    const text = found === MISSING || found === undefined ? undefined : xpathText(valueText(found), xpath)
    if (text !== undefined) frame.view.write(target, text)
    return undefined
  },
})
