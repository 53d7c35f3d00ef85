// lowercase: the text of a key in lower case.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { lowerRunes } from '../text/space.ts'
import { defineFunction } from './define-function.ts'

export const lowercase = defineFunction({
  name: 'lowercase',
  params: [{ name: 'key', kind: 'key' }],
  doc: { en: 'Writes the text of a key in lower case.', zh: '将键的文本转为小写。' },
  examples: [{ script: 'lowercase(method)', fields: { method: 'GET' }, expect: { method: 'get' } }],
  check: (call) => call.key(0),
  run(frame, key) {
    const found = key.read(frame)
    if (found !== MISSING && found !== undefined) frame.view.write(key.id, lowerRunes(valueText(found)))
    return undefined
  },
})
