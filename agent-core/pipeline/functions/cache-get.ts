// cache_get: a remembered value.
import { Opaque } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const cacheGet = defineFunction({
  name: 'cache_get',
  params: [{ name: 'key', kind: 'value' }],
  returns: 'any',
  doc: {
    en: 'A value that cache_set remembered, as str; nil when there is none.',
    zh: '读取 cache_set 缓存的值（str 类型）；不存在时返回 nil。',
  },
  examples: [{ script: 'add_key(r, cache_get("none") == nil)', expect: { r: true } }],
  check: (call) => call.text(0),
  run(frame, key) {
    const value = frame.session.state?.cache.get(key(frame))
    if (value === undefined || value === null) return null
    // Whatever it holds, scripts have always seen it as a str.
    return typeof value === 'string' ? value : new Opaque(value, 'str')
  },
})
