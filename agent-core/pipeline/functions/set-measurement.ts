// set_measurement: the name of the point.
import { defineFunction } from './define-function.ts'

export const setMeasurement = defineFunction({
  name: 'set_measurement',
  params: [
    { name: 'name', kind: 'value' },
    { name: 'delete', kind: 'literal', default: 'false' },
  ],
  doc: {
    en: 'Names the point; with true the key that held the name is deleted. A value that is no str is ignored.',
    zh: '设置数据点名称；第二个参数为 true 时删除保存该名称的键。非 str 值会被忽略。',
  },
  examples: [
    { script: 'set_measurement(svc, true)', fields: { svc: 'cart' }, expect: { svc: null } },
    { script: 'set_measurement("nginx")\nadd_key(n, pt_name())', expect: { n: 'nginx' } },
  ],
  check(call) {
    const node = call.args[0]!
    const key = call.key(0)
    const named = node.type === 'Identifier' || node.type === 'AttrExpr'
    const remove = call.bool(1) === true && named ? key.id : undefined
    return { value: call.value(0), remove }
  },
  run(frame, { value, remove }) {
    const name = value(frame)
    if (typeof name === 'string') frame.view.point.name = name
    if (remove !== undefined) frame.view.remove(remove)
    return undefined
  },
})
