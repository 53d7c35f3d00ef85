// load_json: a JSON text as a value.
import { jsonToValue } from '../json/json-value.ts'
import { parseLaxJson } from '../json/lax-json.ts'
import { defineFunction } from './define-function.ts'

export const loadJson = defineFunction({
  name: 'load_json',
  params: [{ name: 'text', kind: 'value' }],
  returns: 'any',
  doc: {
    en: 'Parses a JSON text into a value; nil when it is no JSON. All numbers are float.',
    zh: '将 JSON 文本解析为值；不是 JSON 时返回 nil。所有数字均为 float。',
  },
  examples: [
    {
      script: 'm = load_json(_)\nadd_key(n, m["list"][-1]["n"])',
      message: '{"list":[{"n":1},{"n":2}]}',
      expect: { n: 2 },
    },
  ],
  check: (call) => call.text(0),
  run(frame, text) {
    const parsed = parseLaxJson(text(frame))
    return parsed === undefined ? null : jsonToValue(parsed)
  },
})
