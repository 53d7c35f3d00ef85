// Random lines of line protocol for property tests (fast-check): mostly plain, often odd, sometimes broken.
import * as fc from 'fast-check'

const word = fc.string({ unit: fc.constantFrom(...'ab1i.- \\"=,[]#é\n\t'), maxLength: 5 })
const plain = fc.oneof(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.constantFrom('status', 'source', 'name', 'a.b', 'host'),
)
const value = fc.oneof(
  fc.constantFrom(
    ...'1i -0i -5i 127i 128i 1.5 -0 .5 1. t False 1e3 5u [1i] "AA=="b 12345678901234567i 0.1'.split(' '),
    ...'-12.345678 999999999999999 4294967296i -4294967297i'.split(' '),
  ),
  fc.stringMatching(/^-?[0-9]{1,20}\.?[0-9]{0,4}i?$/),
  fc.string({ unit: fc.constantFrom(...'ab \\"=,[]\né汉') }).map((s) => `"${s.replace(/[\\"]/g, '\\$&')}"`),
  fc.integer({ min: 100, max: 300 }).map((n) => `"${'m'.repeat(n)}"`),
  word,
  word.map((s) => `"${s}"`),
)
const usually = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: word })
const pair = fc.tuple(usually, value).map(([key, text]) => `${key}=${text}`)
const tagPair = fc.tuple(usually, usually).map(([key, text]) => `,${key}=${text}`)
const time = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    ' 5',
    ' 0',
    ' 1690000000000000000',
    '  7 ',
    ' -3',
    ' 9223372036854775807',
    ' x',
    ' 00000000005',
  ),
  fc.bigInt({ min: 1n, max: 2n ** 63n }).map((t) => ` ${t}`),
  fc.bigInt({ min: 10n ** 16n, max: 2n ** 63n - 3n }).map((t) => ` ${t}`),
)

/** A line without its newline. */
export const anyLine: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        usually,
        fc.array(tagPair, { maxLength: 3 }),
        fc.constantFrom(' ', ' ', '  ', ' \t', ''),
        fc.array(pair, { minLength: 1, maxLength: 4 }),
        time,
      )
      .map(([name, tags, gap, fields, end]) => name + tags.join('') + gap + fields.join(',') + end),
  },
  { weight: 1, arbitrary: word },
)

const tagValue = fc.constantFrom('v', 'C:\\Users', 'a\\ b', 'x\\,y\\=z', 'a\\\\ b', '\\', 'é\\')

/** Lines that nearly always read. */
export const goodLine: fc.Arbitrary<string> = fc
  .tuple(plain, plain, plain, tagValue, value, fc.bigInt({ min: 1n, max: 2n ** 63n - 3n }))
  .map(([name, tag, field, v, text, at]) => `${name},${tag}=${v} ${field}=1i,z=${text} ${at}`)
