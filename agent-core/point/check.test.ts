import { describe, expect, it } from 'vitest'
import type { Category } from './category.ts'
import { checkPoint, checkRules, LIMITS, type CheckOptions } from './check.ts'
import { goQuote } from './go-quote.ts'
import { Kind, keyValue, makePoint, tag, type KeyValue } from './point.ts'
import { scaleTime } from './time.ts'

const int = (key: string, value = 1): KeyValue => keyValue(key, Kind.int, value)

/** Keys that stay and the warns, in order. */
function check(category: Category, kvs: KeyValue[], options: CheckOptions = {}, name = 'm') {
  const point = makePoint(name, kvs, 1n)
  checkPoint(point, checkRules(category), options)
  return {
    point,
    keys: point.kvs.map((kv) => kv.key),
    warns: point.warns.map((w) => `${w.type}: ${w.message}`),
  }
}

describe('checks', () => {
  it('leave a clean point alone', () => {
    const kvs = [tag('a.b', 'v'), int('n')]
    const { point, warns } = check('network', kvs)
    expect([point.kvs, warns]).toEqual([[tag('a.b', 'v'), int('n')], []])
  })

  it('judge a new key against the keys as they stand', () => {
    const long = 'k'.repeat(LIMITS.keyBytes)
    expect(check('logging', [int('status'), int(long), int(`${long}x`)])).toMatchObject({
      keys: ['status', long],
      warns: [
        'exceed_max_field_key_len: exceed max field key length(256), got length 257, key truncated',
        `invalid_tag_key: field key "${long}" exist after truncate`,
      ],
    })
    expect(check('logging', [int('status'), int('a.b'), int('a.b')])).toMatchObject({
      keys: ['status', 'a_b'],
      warns: [
        "dot_in_key: invalid field key `a.b': found `.'",
        'invalid_tag_key: field key "a_b" exist after adjust',
      ],
    })
  })

  it('let a field stay before a tag in line protocol, else the first', () => {
    const kvs = () => [tag('a\\', 'x'), int('a\\\\')]
    expect(check('network', kvs(), { line: true }).point.kvs).toMatchObject([{ key: 'a', isTag: false }])
    expect(check('network', kvs()).point.kvs).toMatchObject([{ key: 'a', isTag: true }])
  })

  it('drop every copy of a repeated key, and name each', () => {
    expect(check('network', [int('a'), int('b'), tag('a', 'x')])).toMatchObject({
      keys: ['b'],
      warns: ['key_name_conflict: same key ("a")', 'key_name_conflict: same key ("a")'],
    })
  })

  it('free a cut tag value of its backslash in line protocol and JSON only', () => {
    const value = `${'v'.repeat(LIMITS.tagValueBytes - 1)}\\x`
    const once = check('network', [tag('k', value), int('n')])
    const twice = check('network', [tag('k', value), int('n')], { twice: true })
    expect([once.point.kvs[0]!.value, once.warns.length]).toEqual([value.slice(0, -1), 1])
    expect([twice.point.kvs[0]!.value, twice.warns.length]).toEqual([value.slice(0, -2), 2])
  })

  it('go over line protocol and JSON twice, first by what all categories share', () => {
    const kvs = [
      int('a\n.b'),
      keyValue('date', Kind.nil, null),
      tag('source', 'v'.repeat(LIMITS.tagValueBytes + 1)),
    ]
    expect(check('logging', kvs, { twice: true }).warns).toEqual([
      'found_new_line_or_tail_espace: invalid field key "a\\n.b": found \\n, replaced with \' \'',
      'nil_field: nil field(date)',
      'exceed_max_tag_value_len: exceed max tag value length(1024), got 1025, value truncated',
      "dot_in_key: invalid field key `a .b': found `.'",
      'tag_disabled: tag key "date" disabled',
      'tag_disabled: tag key "source" disabled',
      'add_required_kv: add required key-value "status": "info"',
    ])
    expect(check('logging', [int('a\n.b'), int('status')]).warns).toEqual([
      "dot_in_key: invalid field key `a\n.b': found `.'",
      'found_new_line_or_tail_espace: invalid field key "a\\n_b": found \\n, replaced with \' \'',
    ])
  })

  it('cut text and bytes of 32 MiB', () => {
    const limit = LIMITS.fieldValueBytes
    const kvs = [
      keyValue('s', Kind.string, 'é'.repeat(limit / 2 + 1)),
      keyValue('d', Kind.bytes, Buffer.alloc(limit + 1)),
    ]
    const { point, warns } = check('network', kvs)
    expect(point.kvs.map((kv) => Buffer.from(kv.value as string).length)).toEqual([limit, limit])
    expect(warns).toEqual([
      `exceed_max_field_value_len: field (s) exceed max field value length(${limit}), got ${limit + 2}, value truncated`,
      `exceed_max_field_value_len: field (d) exceed max field value length(${limit}), got ${limit + 1}, value truncated`,
    ])
  })

  it('add what a category requires also where nothing else is wrong, and after a full list', () => {
    const fields = Array.from({ length: LIMITS.fields + 1 }, (_, i) => int(`f${i}`))
    expect(check('object', [int('n')]).keys).toEqual(['n', 'name'])
    const { keys, warns } = check('logging', fields)
    expect([keys.length, keys.at(-1), warns.length]).toEqual([LIMITS.fields + 1, 'status', 2])
  })

  it('name points without a name', () => {
    expect(check('network', [int('n')], {}, '')).toMatchObject({
      point: { name: '__default' },
      warns: ['invalid_measurement: empty measurement, use __default'],
    })
  })
})

describe('quoting', () => {
  it.each([
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\n\t\0\x7f', '"\\n\\t\\x00\\x7f"'],
    ['é汉😀', '"é汉😀"'],
    ['\u00a0\u2028', '"\\u00a0\\u2028"'],
    ['a\udcff', '"a\\xff"'],
  ])('%j is %s', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted)
  })
})

describe('times', () => {
  it.each([
    [9_999_999_999n, '', BigInt.asIntN(64, 9_999_999_999n * 1_000_000_000n)],
    [10_000_000_000n, '', 10_000_000_000_000_000n],
    [9_999_999_999_999n, '', BigInt.asIntN(64, 9_999_999_999_999n * 1_000_000n)],
    [10_000_000_000_000n, '', 10_000_000_000_000_000n],
    [9_999_999_999_999_999n, '', BigInt.asIntN(64, 9_999_999_999_999_999n * 1000n)],
    [10_000_000_000_000_000n, '', 10_000_000_000_000_000n],
    [-5n, '', -5_000_000_000n],
    [-5n, 'n', -5n],
    [7n, 'h', 25_200_000_000_000n],
    [7n, 'fortnight', 7n],
  ])('%d in %j is %d ns', (time, precision, ns) => {
    expect(scaleTime(time, precision)).toBe(ns)
  })
})
