import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { formatGoDuration, parseGoDuration } from './duration.ts'
import { duration, int, regexp, tagsTable } from './schema-pieces.ts'

describe('parseGoDuration', () => {
  it.each([
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['10s', 10_000],
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['-1.5s', -1500],
    ['+1s', 1000],
    ['.5s', 500],
    ['1.s', 1000],
    ['1h1h', 7_200_000],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['1ns', 0.000001],
    ['1.0000000005ns', 0.000001],
    ['2562047h47m16.854775807s', 9223372036854.775],
  ])('%s', (text, ms) => {
    expect(parseGoDuration(text)).toBeCloseTo(ms, 6)
  })

  it.each([
    '',
    '5',
    '-',
    '+',
    '.',
    '.s',
    's',
    '1',
    '1 s',
    ' 1s',
    '1s ',
    '1d',
    '1S',
    '1e3s',
    '--1s',
    '1s5',
    '9223372037s',
    '３s',
  ])('refuses %j', (text) => {
    expect(parseGoDuration(text)).toBeUndefined()
  })

  it('reads back what formatGoDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseGoDuration(formatGoDuration(ms))).toBe(ms)
      }),
    )
    expect([90_000, 0, 500, 1.5, 43_200_000, -1000].map(formatGoDuration)).toEqual([
      '1m30s',
      '0s',
      '500ms',
      '1ms500us',
      '12h',
      '-1s',
    ])
  })
})

describe('schema pieces', () => {
  it('duration takes Go text or whole nanoseconds and gives ms', () => {
    const schema = v.optional(duration({ min: 1000 }), '10s')
    expect(['1m', 5_000_000_000, 5_000_000_000n, undefined].map((x) => v.parse(schema, x))).toEqual([
      60_000, 5000, 5000, 10_000,
    ])
    for (const bad of ['5', '', 1.5, true, '1ms', {}, '10']) expect(v.is(schema, bad)).toBe(false)
  })

  it('int refuses fractions and what is out of range', () => {
    expect([1, 10, 1.5, 0, 11, '1', 2 ** 53].map((x) => v.is(int({ min: 1, max: 10 }), x))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('tags are texts only', () => {
    expect([{}, { a: 'b' }, { a: 1 }, 'x'].map((x) => v.is(tagsTable(), x))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it.each([
    ['(?i)^ABC$', 'abc', true],
    ['(?is)a.b', 'A\nb', true],
    ['(?P<name>x+)', 'xx', true],
    ['(?<name>x+)', 'xx', true],
    ['\\Aab\\z', 'ab', true],
    ['\\Aab\\z', 'ab\n', false],
    ['[[:alpha:]]+$', 'ab', true],
    ['^[[:alpha:]_-]+$', 'a_-1', false],
    ['^[a[]$', '[', true],
    ['^[]a]+$', ']a', true],
    ['^\\pL+\\-$', 'é-', true],
    ['^\\p{Greek}$', 'a', false],
    ['^(tmpfs|autofs)$', 'autofs', true],
    ['a(?i:B)', 'ab', true],
  ])('regexp %s on %j', (pattern, text, matches) => {
    expect(v.parse(regexp(), pattern).test(text)).toBe(matches)
  })

  it.each(['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(a)\\1', '(?P<n>a)\\k<n>', '(', '[', '*', '[[:nope:]]'])(
    'regexp refuses %s as RE2 does',
    (pattern) => {
      expect(v.is(regexp(), pattern)).toBe(false)
    },
  )
})
