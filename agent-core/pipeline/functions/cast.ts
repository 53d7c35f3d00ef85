// cast: the type of a key.
import { MISSING } from '../language/point-view.ts'
import { Float, floatToInt, valueText, type Value } from '../language/value.ts'
import { parseBool, parseFloat64 } from '../text/go-number.ts'
import { defineFunction } from './define-function.ts'

const SMALL_INT = /^-?[0-9]{1,15}$/
const TYPES = new Set(['bool', 'int', 'float', 'str', 'string'])

export const cast = defineFunction({
  name: 'cast',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'type', kind: 'literal' },
  ],
  doc: {
    en: 'Writes a key as bool, int, float or str. What cannot be read becomes false, 0 or 0.0; ints pass through float64.',
    zh: '将键转换为 bool、int、float 或 str。无法解析时为 false、0 或 0.0；int 经由 float64 转换。',
  },
  examples: [
    { script: 'cast(code, "int")', fields: { code: '1.9' }, expect: { code: 1 } },
    { script: 'cast(ok, "bool")', fields: { ok: 'T' }, expect: { ok: true } },
  ],
  check(call) {
    const type = call.string(1)!
    if (!TYPES.has(type)) call.fail(`unsupported data type: ${type}`, 1)
    return { key: call.key(0), type }
  },
  run(frame, { key, type }) {
    const found = key.read(frame)
    if (found !== MISSING) frame.view.write(key.id, castValue(found, type))
    return undefined
  },
})

function castValue(value: Value, type: string): Value {
  const composite = Array.isArray(value) || value instanceof Map
  switch (type) {
    case 'bool':
      if (typeof value === 'string') return parseBool(value) ?? false
      return value !== false && !composite && number(value) !== 0
    case 'int':
      if (typeof value === 'string' && SMALL_INT.test(value)) return Number(value) + 0
      return composite ? 0 : floatToInt(number(value))
    case 'float':
      return new Float(composite ? 0 : number(value))
    case 'str':
      return composite ? '' : valueText(value)
    default:
      // The check lets "string" pass, and the key has always ended up without a value.
      return null
  }
}

function number(value: Value): number {
  if (value instanceof Float) return value.value
  if (typeof value === 'string') return parseFloat64(value) ?? 0
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? Number(value)
    : 0
}
