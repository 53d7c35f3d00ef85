import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyPoint, anyText } from './arbitrary.ts'
import type { Category } from './category.ts'
import { checkPoint, checkRules } from './check.ts'
import { CONTENT_TYPES, decodeBody, encodingOf, type BodyFault, type Encoding } from './decode.ts'
import { encodeJson, encodePbJson } from './json-encode.ts'
import { anyLine } from './line-arbitrary.ts'
import { readLines, type Line } from './line-protocol-decode.ts'
import { encodeLine } from './line-protocol.ts'
import { Kind, keyValue, makePoint, tag, type Point } from './point.ts'
import { encodePoints } from './protobuf.ts'
import { textBytes } from './text.ts'

const NOW = 1_700_000_000_123_456_789n

function decode(encoding: Encoding, body: Uint8Array | string, more: object = {}) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return decodeBody({ encoding, category: 'network', precision: 'n', body: bytes, now: NOW, ...more })
}

function points(encoding: Encoding, body: Uint8Array | string, more: object = {}): Point[] {
  const result = decode(encoding, body, more)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

function faultOf(encoding: Encoding, body: string, more: object = {}): BodyFault | undefined {
  const result = decode(encoding, body, more)
  return result.ok ? undefined : result.error
}

describe('content types', () => {
  it.each([
    ['application/json; charset=utf-8', 'json'],
    [CONTENT_TYPES.protobuf, 'protobuf'],
    [CONTENT_TYPES.pbjson, 'pbjson'],
    ['application/protobuf', 'line-protocol'],
    ['text/plain', 'line-protocol'],
    ['', 'line-protocol'],
  ])('%s is %s', (type, encoding) => {
    expect(encodingOf(type)).toBe(encoding)
  })
})

describe('a body', () => {
  it('is refused when empty or without points', () => {
    expect(faultOf('json', '')?.code).toBe('emptyBody')
    expect(faultOf('json', '[]')?.code).toBe('noPoints')
    expect(faultOf('line-protocol', '# only a comment')?.code).toBe('noPoints')
  })

  it('is refused in strict mode for the first warn, length fixes included', () => {
    const long = `m,k=${'v'.repeat(1025)} x=1i`
    expect(faultOf('line-protocol', long)).toBeUndefined()
    expect(faultOf('line-protocol', long, { strict: true })).toMatchObject({
      code: 'pointGotWarning',
      message:
        'point m: exceed_max_tag_value_len: exceed max tag value length(1024), got 1025, value truncated',
    })
  })

  it('names each failed line with its place and reason', () => {
    const fault = faultOf('line-protocol', 'a x=1i 5\nb x=oops 5\nc\nd x=2i 5')
    expect(fault).toEqual({
      code: 'invalidLinePoint',
      message:
        "invalid lineprotocol: unable to parse 'b x=oops 5'(pos: 10): invalid boolean\n" +
        "unable to parse 'c'(pos: 21): missing fields\n" +
        'with 2 point parse ok, 2 points failed. Origin data: "a x=1i 5\\nb x=oops 5\\nc\\nd x=2i 5"',
      reasons: ['invalid boolean', 'missing fields'],
    })
  })

  it.each([
    ['m a[0]=1i 5', 'a[0]'],
    ['m a[=1i 5', 'a['],
    ['m a[=1i,b]=2i 5', 'a[ b]'],
    ['m a\\]=1i 5', 'a\\]'],
    ['m a=[1i],b[0]=1i 5', 'a b[0]'],
    ['m a="]]",b=1i 5', 'a b'],
    ['m a]=1i 5', undefined],
    ['m x=1i,a]=1i 5', undefined],
    ['m a[[=1i 5', undefined],
    ['m a[=[1i] 5', undefined],
    ['m a=[1i]],b=1i 5', undefined],
  ])('brackets of field keys pair: %j', (line, keys) => {
    const body = { encoding: 'line-protocol', category: 'network', precision: 'n', now: NOW } as const
    const read = decodeBody({ ...body, body: Buffer.from(line) })
    expect(read.ok ? read.value[0]!.kvs.map((kv) => kv.key).join(' ') : read.error.reasons).toEqual(
      keys ?? ['invalid field format'],
    )
  })

  it('refuses a value that it cannot read instead of leaving it out', () => {
    const values = ['[1i,2]', '[1i,,2i]', '"!!"b', '"AA=="bz', '[1i,25]', '[,1i]', '["a",5]', '[1i]x']
    const faults = values.map((value) => faultOf('line-protocol', `m v=${value} 5`)?.code)
    expect(faults).toEqual(values.map(() => 'invalidLinePoint'))
  })

  it('reads what Go drops: empty arrays and bytes, commas in text, NaN in front', () => {
    const body = 'm a=[],b=""b,c=["x,y","z"],d=[NaN,1],e=[+Inf],f=["a", "b"] 5'
    const kvs = points('line-protocol', body)[0]!.kvs
    expect(kvs.map((kv) => [kv.key, kv.kind])).toEqual([
      ['a', Kind.array],
      ['b', Kind.bytes],
      ['c', Kind.array],
      ['d', Kind.array],
      ['e', Kind.array],
      ['f', Kind.array],
    ])
    expect(kvs[2]!.value).toEqual([
      { kind: Kind.string, value: 'x,y' },
      { kind: Kind.string, value: 'z' },
    ])
  })

  it('keeps int64 exact in PBJSON and rounds it in the simple form', () => {
    const exact = '[{"name":"m","fields":[{"key":"v","i":9223372036854775807}],"time":"5"}]'
    const simple = '[{"measurement":"m","fields":{"v":9223372036854775807},"time":1690000000123456789}]'
    expect(points('json', exact)[0]!.kvs[0]!.value).toBe(9223372036854775807n)
    expect(points('json', simple)[0]).toMatchObject({ time: 1690000000123456789n, kvs: [{ value: 2 ** 63 }] })
  })

  it('lets tags of a line stand before tags that are added to all', () => {
    const [point] = points('line-protocol', 'v,city=Rome isp=1i,x=1i 5', { category: 'rum' })
    expect(point!.kvs.map((kv) => [kv.key, kv.value])).toEqual([
      ['city', 'Rome'],
      ['isp', 'unknown'],
      ['x', 1],
      ['ip', ''],
      ['province', 'unknown'],
      ['country', 'unknown'],
    ])
  })

  it('keeps the first tags by key when those that are added to all make too many', () => {
    const own = Array.from({ length: 256 }, (_, i) => `,t${1000 + i}=v`).join('')
    const [point] = points('line-protocol', `v${own} x=1i 5`, { category: 'rum' })
    const keys = point!.kvs.map((kv) => kv.key)
    expect([keys.length, keys[0], keys.at(-2), keys.at(-1)]).toEqual([257, 'city', 't1250', 'x'])
  })

  it('reads nan and signed inf in arrays, and no signed nan', () => {
    const value = points('line-protocol', 'm a=[1,nan,-Inf] 5')[0]!.kvs[0]!.value
    expect(value).toMatchObject([{ value: 1 }, { value: NaN }, { value: -Infinity }])
    expect(faultOf('line-protocol', 'm a=[1,-nan] 5')?.code).toBe('invalidLinePoint')
  })

  it('holds no points when it is null', () => {
    expect(faultOf('json', 'null')?.code).toBe('noPoints')
  })

  it('is refused for a number beyond float64 at any depth', () => {
    expect(faultOf('json', '[{"measurement":"m","fields":{"a":{"b":[{"c":1e400}]}}}]')?.code).toBe(
      'invalidJsonPoint',
    )
  })

  it('takes the message of a warn rather than its old name', () => {
    const warns = '[{"message":"a","msg":"b"},{"msg":"c"},{"msg":"d","message":"e"}]'
    const [point] = points('json', `[{"name":"m","fields":[{"key":"k","i":1}],"warns":${warns}}]`)
    expect(point!.warns.map((warn) => warn.message)).toEqual(['a', 'c', 'e'])
  })

  it('is answered with a result whatever it holds', () => {
    const encodings: Encoding[] = ['line-protocol', 'json', 'pbjson', 'protobuf']
    const categories: Category[] = ['metric', 'logging', 'object', 'rum']
    const lineNoise = fc
      .string({ unit: fc.constantFrom(...'ab1.ie+-,= "\\\n#t[]\0\t é') })
      .map((s) => Buffer.from(s))
    const jsonNoise = fc
      .tuple(fc.json(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }))
      .map(([text, edits]) => {
        const bytes = Buffer.from(`[${text}]`)
        for (const [at, value] of edits) bytes[at % bytes.length] = value
        return bytes
      })
    const bodies = fc.oneof(
      fc.uint8Array().map((b) => Buffer.from(b)),
      lineNoise,
      jsonNoise,
    )
    fc.assert(
      fc.property(
        bodies,
        fc.constantFrom(...encodings),
        fc.constantFrom(...categories),
        fc.constantFrom('', 'n', 's', 'h', 'x'),
        (body, encoding, category, precision) => {
          const result = decode(encoding, body, { category, precision })
          const said = result.ok ? `${encodePoints(result.value).length} bytes` : result.error.message
          expect(said).not.toBe('')
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('is not recursed into without end', () => {
    expect(faultOf('json', '['.repeat(100_000))?.code).toBe('invalidJsonPoint')
    expect(faultOf('json', '[{"fields":{"a":'.repeat(50_000))?.code).toBe('invalidJsonPoint')
  })
})

function withoutWarns(point: Point): Point {
  point.warns = []
  return point
}

function collect(text: string, byTheLetter: boolean) {
  const lines: Line[] = []
  const failed = readLines(text, (line) => lines.push(line), byTheLetter)
  for (const line of lines)
    line.kvs.sort((a, b) => Number(b.isTag) - Number(a.isTag) || (a.key < b.key ? -1 : 1))
  return { lines, failed }
}

/** The payload of a NaN is the engine's own affair. */
const sameNaN = (bytes: Buffer): string =>
  bytes.toString('hex').replaceAll('010000000000f87f', '000000000000f87f')

describe('the short way through line protocol', () => {
  it('gives what reading by the letter gives', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 3 }), (lines) => {
        const text = lines.join('\n')
        expect(collect(text, false)).toEqual(collect(text, true))
      }),
      { numRuns: 5000, examples: [[[' =" status="" 1', 'status = 1']]] },
    )
  })
})

describe('round trips', () => {
  const clean = anyPoint.map((point) => {
    const kvs = point.kvs.map((kv) => keyValue(kv.key, kv.kind, kv.value, kv.isTag))
    const cleaned = makePoint(point.name, kvs, point.time || 1n)
    checkPoint(cleaned, checkRules('network'))
    return withoutWarns(cleaned)
  })

  it('checks once: a checked point is left alone', () => {
    fc.assert(
      fc.property(clean, fc.constantFrom<Category>('network', 'rum'), (point, category) => {
        const before = encodePoints([point])
        checkPoint(point, checkRules(category))
        const ownWarns = (point.warns as Point['warns']).filter(
          (warn) => warn.type !== 'nil_field' && !warn.type.startsWith('found'),
        )
        expect(ownWarns).toEqual([])
        expect(encodePoints([withoutWarns(point)]).length).toBeLessThanOrEqual(before.length)
      }),
    )
  })

  it('protobuf', () => {
    fc.assert(
      fc.property(fc.array(clean, { minLength: 1, maxLength: 3 }), (input) => {
        const body = encodePoints(input)
        expect(encodePoints(points('protobuf', body).map(withoutWarns))).toEqual(body)
      }),
    )
  })

  it('PBJSON, for text that is UTF-8 and times after 1970', () => {
    fc.assert(
      fc.property(fc.array(clean, { minLength: 1, maxLength: 3 }), (input) => {
        const sendable = input.filter((p) => p.time > 0n && encodePbJson([p]).indexOf('\ufffd') < 0)
        fc.pre(sendable.length > 0)
        const back = points('pbjson', encodePbJson(sendable)).map(withoutWarns)
        expect(sameNaN(encodePoints(back))).toBe(sameNaN(encodePoints(sendable)))
      }),
    )
  })

  it('line protocol, for what it can write', () => {
    const simple = fc.record({
      tags: fc.dictionary(fc.stringMatching(/^[a-z,= ]{1,6}$/), fc.stringMatching(/^[a-z,= "é]{1,8}$/)),
      text: anyText,
      int: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      uint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      float: fc.double({ noNaN: true, noDefaultInfinity: true }),
      bytes: fc.uint8Array({ maxLength: 20 }),
      texts: fc.array(anyText, { maxLength: 4 }),
      time: fc.bigInt({ min: 1n, max: 2n ** 63n - 2n }),
    })
    fc.assert(
      fc.property(simple, ({ tags, text, int, uint, float, bytes, texts, time }) => {
        const fields = [
          keyValue('_a', Kind.bytes, Buffer.from(bytes)),
          keyValue('_f', Kind.float, float),
          keyValue('_i', Kind.int, Number.isSafeInteger(Number(int)) ? Number(int) : int),
          keyValue('_s', Kind.string, text),
          keyValue('_u', Kind.uint, Number.isSafeInteger(Number(uint)) ? Number(uint) : uint),
          ...(texts.length > 0
            ? [
                keyValue(
                  '_x',
                  Kind.array,
                  texts.map((value) => ({ kind: Kind.string, value })),
                ),
              ]
            : []),
        ]
        const kvs = Object.entries(tags).map(([key, value]) => tag(key, value))
        kvs.sort((a, b) => (a.key < b.key ? -1 : 1))
        const point = makePoint('a, b', [...kvs, ...fields], time)
        const written = encodeLine(point)
        if (!written.ok) throw written.error
        const back = points('line-protocol', textBytes(written.value))
        expect(encodePoints(back)).toEqual(encodePoints([point]))
      }),
    )
  })

  it('the simple form writes integers in full', () => {
    const point = makePoint(
      'm',
      [tag('t', 'a'), keyValue('i', Kind.int, 2n ** 62n), keyValue('f', Kind.float, NaN)],
      5n,
    )
    expect(encodeJson([point])).toBe(
      '[{"measurement":"m","tags":{"t":"a"},"fields":{"f":null,"i":4611686018427387904},"time":5}]',
    )
  })
})
