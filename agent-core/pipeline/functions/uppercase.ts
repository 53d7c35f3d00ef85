// uppercase: the text of a key in upper case.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { upperRunes } from '../text/space.ts'
import { defineFunction } from './define-function.ts'

export const uppercase = defineFunction({
  name: 'uppercase',
  params: [{ name: 'key', kind: 'key' }],
  doc: { en: 'Writes the text of a key in upper case.', zh: '将键的文本转为大写。' },
  examples: [{ script: 'uppercase(a)', fields: { a: 'straße' }, expect: { a: 'STRAßE' } }],
  check: (call) => call.key(0),
  run(frame, key) {
    const found = key.read(frame)
    if (found !== MISSING && found !== undefined) frame.view.write(key.id, upperRunes(valueText(found)))
    return undefined
  },
})
