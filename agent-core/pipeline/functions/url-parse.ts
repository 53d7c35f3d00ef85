// url_parse: the parts of a URL.
import { MISSING } from '../language/point-view.ts'
import { valueText, type Value } from '../language/value.ts'
import { parseUrl } from '../text/url.ts'
import { defineFunction } from './define-function.ts'

export const urlParse = defineFunction({
  name: 'url_parse',
  params: [{ name: 'key', kind: 'name' }],
  returns: 'map',
  doc: {
    en: 'Takes the text of a key apart: scheme, host with port, port, path and params, of which repeated ones are joined by a comma.',
    zh: '解析键文本中的 URL：scheme、host（含端口）、port、path 和 params，重复参数以逗号连接。',
  },
  examples: [
    {
      script: 'm = url_parse(u)\nadd_key(q, m["params"]["q"])',
      fields: { u: 'http://a/b?q=1&q=2' },
      expect: { q: '1,2' },
    },
  ],
  check: (call) => ({ key: call.path(0), fail: (message: string) => call.fail(message) }),
  run(frame, { key, fail }) {
    const found = key.read(frame)
    if (found === MISSING || found === undefined) return undefined
    const text = valueText(found)
    const url = parseUrl(text)
    if (!url.ok) return fail(`failed to parse url ${text}: ${url.error}`)
    const { scheme, host, port, path, params } = url.value
    return new Map<string, Value>([
      ['scheme', scheme],
      ['host', host],
      ['port', port],
      ['path', path],
      ['params', new Map<string, Value>(params)],
    ])
  },
})
