// pt_name: the name of the point, read or set.
import { ScriptFault } from '../language/fault.ts'
import { defineFunction } from './define-function.ts'

export const ptName = defineFunction({
  name: 'pt_name',
  params: [{ name: 'name', kind: 'value', default: 'nil' }],
  returns: 'str',
  doc: {
    en: 'Names the point when the value is a str; returns the name it has then.',
    zh: '值为 str 时设置数据点名称；返回当前名称。',
  },
  examples: [{ script: 'pt_name("app")\nadd_key(src, pt_name())', expect: { src: 'app' } }],
  check: (call) => call.value(0),
  run(frame, value) {
    try {
      const name = value(frame)
      if (typeof name === 'string') frame.view.point.name = name
    } catch (fault) {
      // A value that fails leaves the name as it is.
      if (!(fault instanceof ScriptFault)) throw fault
    }
    return frame.view.point.name
  },
})
