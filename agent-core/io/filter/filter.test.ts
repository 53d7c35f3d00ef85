import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filtersCorpus } from '../../../scripts/conformance/filters.ts'
import { readCases, runCases } from '../../../scripts/conformance/run.ts'
import { formatDiagnostic } from '../../kernel/diagnostic.ts'
import { Kind, keyValue, makePoint, tag } from '../../point/point.ts'
import { compileFilters } from './filter.ts'

const point = makePoint('nginx', [tag('host', 'web-1'), keyValue('status', Kind.int, 500)], 1n)

describe('the corpus of filters', () => {
  it('gives the recorded answers', async () => {
    const cases = readCases(join(import.meta.dirname, 'testdata/filters-public.jsonl'))
    const { passed, failed, departed } = await runCases(filtersCorpus, cases)
    expect(failed.map(({ test, differences }) => ({ id: test.id, differences }))).toEqual([])
    const departures = [...departed.values()].reduce((sum, count) => sum + count, 0)
    expect({ cases: passed + departures, departures }).toEqual({ cases: 421, departures: 4 })
  })
})

describe('rules', () => {
  it('switch off one by one: a text with a syntax error leaves the others in force', () => {
    const filters = compileFilters({ logging: ['{ status == 500 }', "{ host = 'web-1' }"] })
    expect(filters.filter('logging', point)).toEqual({ rule: 0 })
    expect(filters.count('logging')).toBe(1)
    expect(filters.diagnostics).toMatchObject([
      { code: 'FILTER_SYNTAX', severity: 'error', path: 'logging[0]', labels: [{ from: 10, to: 11 }] },
    ])
  })

  it.each([
    ['{ i = 5', '1:1: unclosed left brace'],
    ['{ i = 5\n and }', '2:6: unexpected "}", expected a key or a value'],
    ['{ i @ 5 }', '1:5: unexpected character "@"'],
    ["{ s = 'a }", '1:7: unterminated quoted string'],
    ["{ s = '\\d' }", '1:8: unknown escape sequence \\d'],
    ['{ a = 31abc }', '1:7: 31abc is no number'],
    ['{ a = 1e }', '1:7: 1e is no number'],
    ['{ limit = 1 }', '1:3: unexpected "limit", expected a key or a value'],
    ['{ i }', '1:5: unexpected "}", expected an operator'],
    ['{ s match [5] }', '1:12: a regular expression must be a quoted string'],
    ['{ i / 0 = 1 }', '1:9: division or modulo by zero'],
    ['{ i = 5 ) }', '1:9: unexpected )'],
    ['{ i in [1,] }', '1:11: unexpected "]", expected a value'],
    ['{ i in [,] }', '1:10: unexpected "]", expected a value'],
  ])('%j says %s', (rule, message) => {
    expect(compileFilters({ logging: [rule] }).diagnostics.map(formatDiagnostic)).toEqual([message])
  })

  it.each([
    "{ a(b, [1, 'x'], c = [2], d = 5, ).e(f) = 1 or host = 'web-1' }",
    "{ a + 1 * 2 ^ 3 - b.c % 4 = 5 or host = 'web-1' }",
    "{ identifier('host') = 'web-1' };",
    "{ , host in [*, x, 'web-1'], }",
    "{ host in [, 'web-1'] }",
  ])('%j parses, and what can match does', (rule) => {
    const filters = compileFilters({ logging: [rule] })
    expect([filters.diagnostics, filters.filter('logging', point)]).toEqual([[], { rule: 0 }])
  })

  it.each([
    ['nothing', Kind.nil, null, true],
    ['an empty array', Kind.array, [], true],
    [
      'a mixed array',
      Kind.array,
      [
        { kind: Kind.int, value: 1 },
        { kind: Kind.bool, value: true },
      ],
      true,
    ],
    ['an array with an unset element', Kind.array, [{ kind: Kind.nil, value: null }], true],
    ['a map', Kind.map, new Map(), true],
    ['an unknown type', Kind.any, { typeUrl: 'x', bytes: new Uint8Array() }, true],
    ['an array', Kind.array, [{ kind: Kind.int, value: 1 }], false],
    ['empty bytes', Kind.bytes, new Uint8Array(), false],
  ] as const)('a field that holds %s: missing?', (_, kind, value, isMissing) => {
    const { filter } = compileFilters({
      logging: ['{ v = nil }', "{ source = 'nginx' }", "{ category = 'logging' }"],
    })
    const holding = (key: string) => makePoint('nginx', [keyValue(key, kind, value)], 1n)
    expect(filter('logging', holding('v'))).toEqual({ rule: isMissing ? 0 : 1 })
    const named = makePoint(
      'nginx',
      ['v', 'source', 'category'].map((key) => keyValue(key, kind, value)),
      1n,
    )
    expect(filter('logging', named)).toEqual(isMissing ? { rule: 0 } : undefined)
    expect(
      filter('logging', makePoint('nginx', [tag('v', ''), keyValue('source', kind, value)], 1n)),
    ).toEqual({
      rule: isMissing ? 1 : 2,
    })
  })

  it.each([
    ["{ host or host = 'web-1' }", undefined],
    ["{ host = 'web-1' or host }", undefined],
    ["{ host or status = 1 or host = 'web-1' }", { rule: 0 }],
    ["{ host = 'web-1' or status = 1 or host }", undefined],
    ["{ (host) or host = 'web-1' }", { rule: 0 }],
  ])('a side that is no condition spoils %j', (rule, dropped) => {
    expect(compileFilters({ logging: [rule] }).filter('logging', point)).toEqual(dropped)
  })

  it('goes on without a regular expression that RE2 refuses, and says so', () => {
    const filters = compileFilters({ logging: ["{ host match ['(?=x)', '^web'] }"] })
    expect(filters.filter('logging', point)).toEqual({ rule: 0 })
    expect(filters.diagnostics.map((d) => [d.severity, formatDiagnostic(d)])).toEqual([
      [
        'warning',
        '1:15: regular expression refused: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
      ],
    ])
  })

  it('tells which categories run regular expressions of users', () => {
    const filters = compileFilters({ logging: ["{ host = re('^web') }"], metric: ["{ host = 'a' }"] })
    expect([filters.usesRegExp('logging'), filters.usesRegExp('metric'), filters.usesRegExp('rum')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('copes with long and deep rules', () => {
    const long = `{ ${Array.from({ length: 20_000 }, (_, i) => `status = ${i}`).join(' or ')} }`
    const sum = `{ ${Array.from({ length: 20_000 }, () => 'a').join(' + ')} = 1 }`
    const deep = `{ ${'('.repeat(50_000)}`
    const closed = `{ ${'('.repeat(5000)}a = 1${')'.repeat(5000)} and a = 1 }`
    const filters = compileFilters({ logging: [long, sum, deep, closed] })
    expect(filters.filter('logging', point)).toEqual({ rule: 0 })
    expect(filters.diagnostics.map((d) => [d.path, d.message])).toEqual([
      ['logging[2]', 'unclosed left parenthesis'],
      ['logging[3]', 'nested more than 200 deep'],
    ])
  })

  it('never throws', () => {
    const words =
      "{ } ( ) [ ] , ; = != < >= and or in notin match notmatch re( nil true 5 -5 0x 1e 'a' '\\ \" `k` k a.b + / ^ * # \n identifier('x')".split(
        ' ',
      )
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), fc.string(), (parts, tail) => {
        const filters = compileFilters({ logging: [parts.join(' '), `{ ${parts.join(' ')} }`, tail] })
        filters.filter('logging', point)
        expect(filters.diagnostics.length).toBeLessThanOrEqual(40)
      }),
      { numRuns: 5000 },
    )
  })
})
