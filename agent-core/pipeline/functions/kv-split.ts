// kv_split: the pairs of a text onto the point.
import { compileRe2 } from '../../kernel/re2.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText, type Value } from '../language/value.ts'
import type { Call } from '../language/call.ts'
import type { Evaluate } from '../language/frame.ts'
import { trimSet } from '../text/space.ts'
import { defineFunction } from './define-function.ts'

export const kvSplit = defineFunction({
  name: 'kv_split',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'field_split_pattern', kind: 'literal', default: '" "' },
    { name: 'value_split_pattern', kind: 'literal', default: '"="' },
    { name: 'trim_key', kind: 'literal', default: '""' },
    { name: 'trim_value', kind: 'literal', default: '""' },
    { name: 'include_keys', kind: 'value', default: 'nil' },
    { name: 'prefix', kind: 'literal', default: '""' },
  ],
  named: true,
  returns: 'bool',
  doc: {
    en: 'Splits a text into key and value pairs and writes those listed in include_keys; without that list it writes none.',
    zh: '将文本拆分为键值对并写入 include_keys 中列出的键；不给出该列表则什么也不写。',
  },
  examples: [
    {
      script: 'kv_split(_, include_keys=["a","b"])',
      message: 'a=1 b=two c=3',
      expect: { a: '1', b: 'two', c: null },
    },
  ],
  check(call) {
    const { read } = call.key(0)
    const split = (index: number, otherwise: string): ReturnType<typeof regexp> =>
      regexp(call, call.string(index, 'call') ?? otherwise, index)
    const node = call.args[5]
    if (node && node.type !== 'ListLiteral' && node.type !== 'Identifier')
      call.fail(`param include_keys expect ListInitExpr or Identifier, got ${node.type}`)
    return {
      read,
      fields: split(1, ' '),
      values: split(2, '='),
      trimKey: call.string(3, 'call') ?? '',
      trimValue: call.string(4, 'call') ?? '',
      include: call.value(5),
      prefix: call.string(6, 'call') ?? '',
    }
  },
  run(frame, p) {
    const found = p.read(frame)
    const keys = includedKeys(p.include, frame)
    if (found === MISSING || found === undefined || keys.size === 0) return false
    const text = valueText(found)
    let any = false
    for (const pair of text.split(p.fields.all(text))) {
      const cut = cutOf(pair, p.values.all(pair))
      if (!cut) continue
      const key = trimSet(pair.slice(0, cut.index), p.trimKey)
      if (key === '' || !keys.has(key)) continue
      frame.view.writeName(p.prefix + key, trimSet(pair.slice(cut.index + cut[0].length), p.trimValue))
      any = true
    }
    return any
  },
})

/** The first separator; an empty one in front of everything is none, nor is one behind everything. */
function cutOf(pair: string, separator: RegExp): RegExpExecArray | undefined {
  for (const match of pair.matchAll(separator)) {
    if (match.index + match[0].length === 0) continue
    return match.index < pair.length ? match : undefined
  }
  return undefined
}

function regexp(call: Call, pattern: string, index: number) {
  const compiled = compileRe2(pattern)
  return compiled.ok ? compiled.value : call.fail(compiled.error, index)
}

function includedKeys(include: Evaluate, frame: Parameters<Evaluate>[0]): Set<Value> {
  const list = include(frame)
  return new Set(Array.isArray(list) ? list.filter((key) => typeof key === 'string') : [])
}
