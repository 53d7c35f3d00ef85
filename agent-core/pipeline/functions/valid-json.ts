// valid_json and its old misspelling: a strict JSON check.
import type { FunctionDefinition } from './define-function.ts'
import { defineFunction } from './define-function.ts'

const named = (name: string): FunctionDefinition =>
  defineFunction({
    name,
    params: [{ name: 'value', kind: 'value' }],
    returns: 'bool',
    doc: {
      en: 'True when the value is a str that holds valid JSON, judged strictly.',
      zh: '值为 str 且是严格合法的 JSON 时返回 true。',
    },
    examples: [{ script: `add_key(r, ${name}(_))`, message: '[1]', expect: { r: true } }],
    check: (call) => call.value(0),
    run(frame, value) {
      const text = value(frame)
      if (typeof text !== 'string') return false
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    },
  })

export const validJson = named('valid_json')
export const vaildJson = named('vaild_json')
