// http_request: asks a server and waits.
import { jsonText, valueText, type Value } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const httpRequest = defineFunction({
  name: 'http_request',
  params: [
    { name: 'method', kind: 'value' },
    { name: 'url', kind: 'value' },
    { name: 'headers', kind: 'value', default: 'nil' },
    { name: 'body', kind: 'value', default: 'nil' },
  ],
  named: true,
  returns: 'map',
  doc: {
    en: 'Sends a request and waits for the answer: status_code and body; nil when it fails or is not allowed.',
    zh: '发送请求并等待响应，返回 status_code 和 body；失败或不被允许时返回 nil。',
  },
  examples: [
    { script: 'add_key(r, http_request("GET", "http://127.0.0.1:1/") == nil)', expect: { r: true } },
  ],
  check: (call) => ({
    method: call.text(0),
    url: call.text(1),
    headers: call.value(2),
    body: call.value(3),
    fail: () => call.fail('param data type expect map', 2),
  }),
  run(frame, { method, url, headers, body, fail }) {
    const verb = method(frame)
    const address = url(frame)
    const given = headers(frame)
    const content = body(frame)
    if (given !== null && !(given instanceof Map)) return fail()
    const fields = [...(given ?? [])].filter((e): e is [string, string] => typeof e[1] === 'string')
    const reply = frame.session.environment.http?.({
      method: verb,
      url: address,
      headers: new Map(fields),
      body: bodyText(content),
    })
    if (!reply) return null
    return new Map<string, Value>([
      ['status_code', reply.status],
      ['body', reply.body],
    ])
  },
})

function bodyText(value: Value): string | undefined {
  if (value === null || value === undefined) return undefined
  return Array.isArray(value) || value instanceof Map ? jsonText(value) : valueText(value)
}
