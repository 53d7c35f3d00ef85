// value_type: the type of a value.
import { ScriptFault } from '../language/fault.ts'
import { typeName } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const valueType = defineFunction({
  name: 'value_type',
  params: [{ name: 'val', kind: 'value' }],
  named: true,
  returns: 'str',
  doc: {
    en: 'int, float, bool, str, list or map; "" for nil and for a value that fails.',
    zh: '返回 int、float、bool、str、list 或 map；nil 或求值出错时返回 ""。',
  },
  examples: [{ script: 'add_key(t, value_type(1.0))', expect: { t: 'float' } }],
  check: (call) => call.value(0),
  run(frame, value) {
    try {
      const type = typeName(value(frame))
      return type === 'nil' || type === 'void' ? '' : type
    } catch (fault) {
      if (fault instanceof ScriptFault) return ''
      throw fault
    }
  },
})
