import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeWire, encodeWire } from './wire-json.ts'

const roundTrip = (value: unknown): unknown => {
  const decoded = decodeWire(encodeWire(value))
  return decoded.ok ? decoded.value : expect.unreachable(decoded.problem)
}

const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.double(),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
)
const message = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('any')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('$', 'v', '__proto__')), tie('any'), {
      noNullPrototype: true,
    }),
  ),
})).any

describe('the JSON wire', () => {
  it('returns every message as it was', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(roundTrip(value)).toStrictEqual(value)
      }),
    )
  })

  it('keeps apart what JSON mixes up', () => {
    const value = [
      NaN,
      Infinity,
      -Infinity,
      -0,
      undefined,
      null,
      1n,
      1,
      new Date(0),
      new Uint8Array([0, 255]),
    ]
    expect(roundTrip(value)).toStrictEqual(value)
    expect(roundTrip({ $: 'n', v: '5' })).toStrictEqual({ $: 'n', v: '5' })
    expect(Object.hasOwn(roundTrip({ a: undefined }) as object, 'a')).toBe(true)
  })

  it('carries bytes longer than an argument list may be', () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, n) => n % 256)
    expect(roundTrip(bytes)).toStrictEqual(bytes)
  })

  it('does not let a key set a prototype', () => {
    const decoded = decodeWire('{"__proto__":{"polluted":true}}')
    expect(decoded.ok && Object.getPrototypeOf(decoded.value)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('refuses what no message may hold', () => {
    for (const value of [() => 1, Symbol('x'), new Map(), { deep: [new Set()] }])
      expect(() => encodeWire(value)).toThrow(/a message cannot hold a/)
  })

  it.each(['', '{', '{"$":"x"}', '{"$":"n","v":"1.5"}', '{"$":"b","v":"%"}', '{"$":"o","v":[]}'])(
    'says what is wrong with %j',
    (text) => {
      const decoded = decodeWire(text)
      expect(!decoded.ok && decoded.problem).toMatch(/\S/)
    },
  )
})
