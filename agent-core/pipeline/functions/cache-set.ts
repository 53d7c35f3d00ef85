// cache_set: remembers a value.
import { defineFunction } from './define-function.ts'

export const cacheSet = defineFunction({
  name: 'cache_set',
  params: [
    { name: 'key', kind: 'value' },
    { name: 'value', kind: 'value' },
    { name: 'exp', kind: 'value', default: '100' },
  ],
  named: true,
  doc: {
    en: 'Remembers a value for this script, for exp seconds; it is lost when the script is replaced.',
    zh: '为本脚本缓存一个值，保留 exp 秒；脚本更新后丢失。',
  },
  examples: [{ script: 'cache_set("k", "v")\nadd_key(r, cache_get("k"))', expect: { r: 'v' } }],
  check: (call) => ({
    key: call.text(0),
    value: call.value(1),
    seconds: call.has(2) ? call.value(2) : () => 100,
    fail: () => call.fail('param data type expect int or nil', 2),
  }),
  run(frame, { key, value, seconds, fail }) {
    const name = key(frame)
    const item = value(frame)
    const given = seconds(frame)
    if (given !== null && typeof given !== 'number' && typeof given !== 'bigint') return fail()
    frame.session.state?.cache.set(name, item, given === null ? 100 : Number(given))
    return undefined
  },
})
