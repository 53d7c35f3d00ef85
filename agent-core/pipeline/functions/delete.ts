// delete: an entry off a map in a variable.
import { indexInto } from '../language/indexing.ts'
import { ScriptFault } from '../language/fault.ts'
import { MISSING } from '../language/point-view.ts'
import type { Value } from '../language/value.ts'
import type { Frame } from '../language/frame.ts'
import { defineFunction } from './define-function.ts'

export const deleteEntry = defineFunction({
  name: 'delete',
  params: [
    { name: 'src', kind: 'value' },
    { name: 'key', kind: 'literal' },
  ],
  named: true,
  doc: {
    en: 'Removes an entry of a map held in a variable, in place. Wrong types and missing names are ignored.',
    zh: '从变量中的映射就地删除一项；类型不符或不存在时忽略。',
  },
  examples: [
    {
      script: 'm = load_json(_)\ndelete(m, "a")\nadd_key(m)',
      message: '{"a":1,"b":2}',
      expect: { m: '{"b":2}' },
    },
  ],
  check(call) {
    const node = call.args[0]!
    if (node.type !== 'Identifier' && node.type !== 'IndexExpr')
      return call.fail(`param key expect IndexExpr or Identifier, got ${node.type}`, 0)
    const base = node.type === 'Identifier' ? node : node.base
    if (!base) return call.fail('param key expect IndexExpr or Identifier', 0)
    const steps =
      node.type === 'Identifier'
        ? []
        : node.index.map((e) => ({
            evaluate: call.compiler.argument(e),
            source: call.compiler.source,
            at: e.start,
          }))
    return { read: call.keyOf(base.name).read, steps, key: call.string(1)! }
  },
  run(frame, { read, steps, key }) {
    const object = read(frame)
    if (object === MISSING) return undefined
    const map = quietly(frame, object, steps)
    if (map instanceof Map) map.delete(key)
    return undefined
  },
})

function quietly(frame: Frame, object: Value, steps: Parameters<typeof indexInto>[2]): Value {
  try {
    return indexInto(frame, object, steps)
  } catch (fault) {
    if (fault instanceof ScriptFault) return undefined
    throw fault
  }
}
