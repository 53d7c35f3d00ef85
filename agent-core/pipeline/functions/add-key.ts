// add_key: a variable or a value onto the point.
import { ScriptFault } from '../language/fault.ts'
import { MISSING } from '../language/point-view.ts'
import { defineFunction } from './define-function.ts'

export const addKey = defineFunction({
  name: 'add_key',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'value', kind: 'value', default: 'the current value of key' },
  ],
  doc: {
    en: 'Writes a key of the point: the given value, or the current value of the variable or key of that name.',
    zh: '写入数据点的键：给定的值，或同名变量/键的当前值。',
  },
  examples: [
    { script: 'n = 3\nadd_key(n)', expect: { n: 3 } },
    { script: 'add_key("a b", [1, {}])', expect: { 'a b': '[1,{}]' } },
  ],
  check(call) {
    const { id, read } = call.key(0)
    const { source } = call.compiler
    return { id, read, value: call.has(1) ? call.value(1) : undefined, source, at: call.node.start }
  },
  run(frame, { id, read, value, source, at }) {
    if (value) {
      try {
        frame.view.write(id, value(frame))
      } catch (fault) {
        throw fault instanceof ScriptFault ? fault.from(source, at) : fault
      }
      return undefined
    }
    const current = read(frame)
    if (current !== MISSING) frame.view.write(id, current)
    return undefined
  },
})
