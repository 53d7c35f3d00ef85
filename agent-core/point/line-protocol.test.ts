import { describe, expect, it } from 'vitest'
import { encodeLine, encodeLineProtocol, floatText } from './line-protocol.ts'
import { Kind, keyValue, makePoint, tag, type Element, type KeyValue } from './point.ts'

const strings = (...values: string[]): Element[] => values.map((value) => ({ kind: Kind.string, value }))

function line(name: string, kvs: KeyValue[], time = 1n): string {
  const result = encodeLine(makePoint(name, kvs, time))
  return result.ok ? result.value : `error: ${String(result.error.data?.['reason'])}`
}

describe('line protocol, written', () => {
  it('sorts, escapes and types', () => {
    const kvs = [
      keyValue('u', Kind.uint, 2n ** 64n - 1n),
      keyValue('f k,="', Kind.string, 'q"b\\n\n'),
      keyValue('d', Kind.bytes, Uint8Array.of(0, 255)),
      tag('t k,=', 'v v,="\\x'),
      tag('empty', ''),
      keyValue('b', Kind.bool, true),
      keyValue('a', Kind.array, strings('x', 'y"z')),
    ]
    expect(line('na me,x', kvs)).toBe(
      'na\\ me\\,x,t\\ k\\,\\==v\\ v\\,\\="\\x a=["x","y\\"z"],b=true,d="AP8="b,f\\ k\\,\\=\\"="q\\"b\\\\n\n",' +
        'u=18446744073709551615u 1',
    )
  })

  it.each([
    ['no fields', [tag('a', 'b')], 1n, 'point without fields is unsupported'],
    ['NaN', [keyValue('a', Kind.float, NaN)], 1n, 'NaN is an unsupported value for field a'],
    ['Inf', [keyValue('a', Kind.float, -Infinity)], 1n, '+/-Inf is an unsupported value for field a'],
    ['only an empty array', [keyValue('a', Kind.array, [])], 1n, 'point without fields is unsupported'],
    [
      'the last nanosecond',
      [keyValue('a', Kind.int, 1)],
      2n ** 63n - 1n,
      'time outside range -9223372036854775806 - 9223372036854775806',
    ],
    [
      'the last nanosecond before NaN',
      [keyValue('a', Kind.float, NaN)],
      2n ** 63n - 1n,
      'time outside range -9223372036854775806 - 9223372036854775806',
    ],
  ])('refuses %s', (_, kvs, time, reason) => {
    expect(line('m', kvs, time)).toBe(`error: ${reason}`)
  })

  it('refuses a name with tags that no reader takes', () => {
    const tags = (last: number) => [
      ...Array.from({ length: 63 }, (_, i) => tag(`t${100 + i}`, 'é'.repeat(512))),
      tag('t99', 'v'.repeat(last)),
      keyValue('k', Kind.int, 1),
    ]
    expect(line('m', tags(634))).toMatch(/^m,t100=é/)
    expect(line('m', tags(635))).toBe('error: max key length exceeded: 65536 > 65535')
  })

  it('leaves a refused point out of a body, once, and names it', () => {
    const good = makePoint('good', [keyValue('a', Kind.int, 1)], 5n)
    const bad = makePoint('bad', [], 5n)
    const { body, count, refused } = encodeLineProtocol([bad, good, bad, good])
    expect(body.toString()).toBe('good a=1i 5\ngood a=1i 5')
    expect([count, refused.map((r) => r.index)]).toEqual([2, [0, 2]])
  })

  it.each([
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-2.5e22, '-25000000000000000000000'],
    [0.1, '0.1'],
    [-0, '-0'],
    [Infinity, '+Inf'],
  ])('writes the float %d plainly', (value, text) => {
    expect(floatText(value)).toBe(text)
  })
})
