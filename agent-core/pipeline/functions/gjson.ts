// gjson: a value of a JSON text by a gjson path.
import type { Call } from '../language/call.ts'
import type { Frame } from '../language/frame.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { gjsonValue } from '../json/gjson.ts'
import { defineFunction } from './define-function.ts'

export const gjson = defineFunction({
  name: 'gjson',
  params: [
    { name: 'input', kind: 'key' },
    { name: 'json_path', kind: 'value' },
    { name: 'key_name', kind: 'value', default: 'the path' },
  ],
  named: true,
  doc: {
    en: 'Takes the value at a gjson path of a JSON text. Objects and lists come as their text, numbers as float.',
    zh: '按 gjson 路径提取 JSON 文本中的值。对象与数组为原文，数字为 float。',
  },
  examples: [
    { script: 'gjson(_, "list.#", "n")', message: '{"list":[1,2]}', expect: { n: 2 } },
    {
      script: 'gjson(_, "a.#(k==\\"x\\").v", "v")',
      message: '{"a":[{"k":"x","v":"y"}]}',
      expect: { v: 'y' },
    },
  ],
  check(call) {
    const { read } = call.key(0)
    const path = nameOf(call, 1)
    return { read, path, target: call.has(2) ? nameOf(call, 2) : path }
  },
  run(frame, { read, path, target }) {
    const expression = path(frame)
    const key = target(frame)
    const found = read(frame)
    if (found === MISSING || found === undefined) return undefined
    const value = gjsonValue(valueText(found), expression)
    if (value !== undefined) frame.view.writeName(key, value)
    return undefined
  },
})

/** A string literal, or an identifier that must hold a str. */
function nameOf(call: Call, index: number): (frame: Frame) => string {
  const node = call.args[index]!
  if (node.type !== 'StringLiteral' && node.type !== 'Identifier')
    call.fail(`expect StringLiteral or Identifier, got ${node.type}`, index)
  return call.text(index)
}
