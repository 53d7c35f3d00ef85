// strfmt: values by a Go format.
import { ScriptFault } from '../language/fault.ts'
import type { Value } from '../language/value.ts'
import { goSprintf } from '../text/go-fmt.ts'
import { defineFunction } from './define-function.ts'

/** Formats of plain `%s` need no parser. */
const ONLY_STRINGS = /^(?:[^%]|%s)*$/

export const strfmt = defineFunction({
  name: 'strfmt',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'fmt', kind: 'literal' },
    { name: 'values', kind: 'value', rest: true },
  ],
  doc: {
    en: 'Writes values by a Go format such as "%s-%03d"; a wrong verb shows inside the text.',
    zh: '按 Go 格式（如 "%s-%03d"）写入各值；错误的动词会显示在文本中。',
  },
  examples: [{ script: 'strfmt(id, "%s-%03d", "node", 7)', expect: { id: 'node-007' } }],
  check(call) {
    const { id } = call.key(0)
    const format = call.string(1)!
    return {
      id,
      format,
      pieces: ONLY_STRINGS.test(format) ? format.split('%s') : undefined,
      values: call.values(2),
    }
  },
  run(frame, { id, format, pieces, values }) {
    const args: Value[] = []
    let strings = pieces !== undefined && values.length === pieces.length - 1
    for (let i = 0; i < values.length; i++) {
      let value: Value = null
      try {
        value = values[i]!(frame)
      } catch (fault) {
        // An argument that fails is nil.
        if (!(fault instanceof ScriptFault)) throw fault
      }
      if (typeof value !== 'string') strings = false
      args.push(value)
    }
    if (!strings) {
      frame.view.write(id, goSprintf(format, args))
      return undefined
    }
    let text = pieces![0]!
    for (let i = 0; i < args.length; i++) text += (args[i] as string) + pieces![i + 1]!
    frame.view.write(id, text)
    return undefined
  },
})
