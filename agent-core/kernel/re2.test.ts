import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRe2 } from './re2.ts'

/** What a pattern finds in a text, or what is wrong with the pattern. */
function find(pattern: string, text: string): string | null {
  const re = compileRe2(pattern)
  if (!re.ok) return `error: ${re.error}`
  const found = re.value.exec(text)?.[0] ?? null
  expect(re.value.regexp.exec(text)?.[0] ?? null).toBe(found)
  expect(re.value.test(text)).toBe(found !== null)
  expect(text.match(re.value.all(text))?.[0] ?? null).toBe(found)
  return found
}

describe('the text that every match must hold', () => {
  it.each([
    ['(\\S+), client: (\\S+), host', 'x, client: y, host', true],
    ['(\\S+), client: (\\S+), host', 'x, server: y, host', false],
    ['abcdef?x', 'abcdex', true],
    ['abcdef*', 'abcde', true],
    ['abcdef|x', 'x', true],
    ['(abcdef|x)', 'x', true],
    ['(?:abcdef)?x', 'x', true],
    ['(?i)abcdef', 'ABCDEF', true],
    ['abcdef{0,2}g', 'abcdeg', true],
    ['ab(?:cd)+efghij', 'abcdefghij', true],
    ['^^*abcdef', 'abcdef', true],
  ])('%j in %j: %j', (pattern, text, found) => {
    const re = compileRe2(pattern)
    expect(re.ok && re.value.test(text)).toBe(found)
    expect(re.ok && re.value.regexp.test(text)).toBe(found)
  })
})

describe('a repeated group that holds one repeated character', () => {
  it.each([
    ['(a+)+$', 'aaa', ['aaa', 'aaa']],
    ['^(a+)*b', 'b', ['b', undefined]],
    ['^(a*)+b', 'aab', ['aab', 'aa']],
    ['(?:[ab]+)*c', 'abc', ['abc']],
    ['(\\+)+', '++', ['++', '+']],
    ['(a|b+)+', 'abb', ['abb', 'bb']],
  ])('%j in %j', (pattern, text, groups) => {
    const re = compileRe2(pattern)
    expect(re.ok && [...re.value.exec(text)!]).toEqual(groups)
  })
  it('fails at once instead of in exponential time', () => {
    const re = compileRe2('^(a+)+$')
    expect(re.ok && re.value.test(`${'a'.repeat(50_000)}b`)).toBe(false)
  })
})

describe('RE2 patterns', () => {
  it.each([
    // flags
    ['(?i)abc', 'xABC', 'ABC'],
    ['a(?i)b|c', 'C', 'C'],
    ['a(?i)b|c', 'AB', null],
    ['(a(?i)b)c', 'aBC', null],
    ['(?i:A)b', 'aB', null],
    ['(?i)k', '\u212a', '\u212a'],
    ['(?i)^σ$', 'ς', 'ς'],
    ['(?i)\\bK', 'éK', 'K'],
    ['(?s).+', 'a\nb', 'a\nb'],
    ['(?s-i).(?-s:.)', '\n\n', null],
    ['(?m)^b$', 'a\nb\nc', 'b'],
    ['(?m)^$', '😀', null],
    ['(?m)^$', '😀\n\nb', ''],
    ['^b$', 'a\nb', null],
    ['b$', 'b\n', null],
    ['(?U)a+', 'aaa', 'a'],
    ['(?U)a+?', 'aaa', 'aaa'],
    // characters
    ['.', '\r', '\r'],
    ['^.$', '😀', '😀'],
    ['\\x{1F600}\\x41\\101\\0', '😀AA\0', '😀AA\0'],
    ['\\a\\f\\t\\v', '\x07\f\t\v', '\x07\f\t\v'],
    ['\\_\\-\\"\\/', '_-"/', '_-"/'],
    ['\\Q1.0*\\E+', '1.0**', '1.0**'],
    ['\\Qa.b', 'a.b', 'a.b'],
    ['x{,5}', 'x{,5}', 'x{,5}'],
    ['{', '{', '{'],
    ['a]', 'a]', 'a]'],
    // assertions
    ['\\Aa\\z', 'a', 'a'],
    ['(?m)\\Ab', 'a\nb', null],
    ['^*a', 'a', 'a'],
    ['\\b+a', 'a', 'a'],
    // classes
    ['\\s', '\v', null],
    ['\\s', '\u00a0', null],
    ['\\S', '\u00a0', '\u00a0'],
    ['[^\\S]+', ' \t', ' \t'],
    ['[[:^alpha:]]', 'é', 'é'],
    ['[[:punct:][:digit:]]+', 'a/1', '/1'],
    ['[]a]+', ']a', ']a'],
    ['[^]a]', ']b', 'b'],
    ['[a-c-e]+', 'b-e', 'b-e'],
    ['[\\w.-]+', 'a_.-', 'a_.-'],
    ['[^x]', '\n', '\n'],
    ['\\pL\\PL', 'é1', 'é1'],
    ['\\p{Greek}\\p{^Greek}', 'αa', 'αa'],
    ['[\\p{Lu}\\d]+', 'Z9', 'Z9'],
    ['\\p{Any}', '\n', '\n'],
    // groups and repetition
    ['(?P<a>x)(?<b>y)', 'xy', 'xy'],
    ['(|a)+b', 'ab', 'ab'],
    ['a{2,}', 'aaa', 'aaa'],
    ['a{2}?', 'aaa', 'aa'],
    ['', 'x', ''],
    ['(?P<a>x)(?P<a>y)', 'xy', 'xy'],
    ['(?:a{0,62}){16}', 'aa', 'aa'],
    ['(a{1000})(b{1000})', 'aa', null],
    ['a\\Q\\E*', 'aa', 'aa'],
    ['a*(?i)*', 'aa', 'aa'],
    ['()*a', 'a', 'a'],
    ['x{2}{', 'xx{', 'xx{'],
    ['(?)', '', ''],
    ['(?i)^ß$', 'ẞ', 'ẞ'],
    ['(?i)[^k]', '\u212a', null],
    ['(?i)[k]', '\u212a', '\u212a'],
    ['(?i)\\W', '\u212a', null],
    ['(?i)[\\W]', 'k', null],
    ['(?i)\\w', '\u212a', '\u212a'],
    ['(?i)s', '\u017f', '\u017f'],
    ['(?i)\u017f', 's', 's'],
    ['(?i)i', '\u0130', null],
    ['(?i)\\p{Lu}', 'a', 'a'],
    ['(?i)\\P{Lu}', 'a', null],
    ['[^\\x00-\\x{10FFFF}]', 'a', null],
    ['[\u00e9-\\x{1F64F}]', '😀', '😀'],
    ['abcdef?', 'xabcde', 'abcde'],
    ['abcdef*g', 'abcdeg', 'abcdeg'],
    ['abcdef{0,2}g', 'abcdeg', 'abcdeg'],
    ['abcdef+g', 'abcdeffg', 'abcdeffg'],
    ['abcdef|x', 'x', 'x'],
    ['abcde(f|g)hijkl', 'abcdeghijkl', 'abcdeghijkl'],
    ['(?:abcdef)?x', 'x', 'x'],
    ['(?i)abcdef', 'ABCDEF', 'ABCDEF'],
    ['abc\\bdef|^a', 'a', 'a'],
    ['abc(?i)def', 'abcDEF', 'abcDEF'],
    ['^(a+)+$', `${'a'.repeat(60)}!`, null],
    ['^(?:\\d*)*x', '12', null],
    ['(a+)*b', 'ab', 'ab'],
    ['(a+)*b', 'b', 'b'],
    ['(ab)+', 'abab', 'abab'],
    ['😀', 'a😀', '😀'],
    ['a.c', 'a😀c', 'a😀c'],
    ['[^a]', '😀', '😀'],
  ])('%j in %j finds %j', (pattern, text, found) => {
    expect(find(pattern, text)).toBe(found)
  })

  it.each([
    ['(?=x)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?<!x)', 'invalid named capture: `(?<!x)`'],
    ['(?<=a>b)', 'invalid named capture: `(?<=a>`'],
    ['(a)\\1', 'invalid escape sequence: `\\1`'],
    ['(?>a)', 'invalid or unsupported Perl syntax: `(?>`'],
    ['(?#c)', 'invalid or unsupported Perl syntax: `(?#`'],
    ['(?P=n)', 'invalid or unsupported Perl syntax: `(?P`'],
    ['(?i-)a', 'invalid or unsupported Perl syntax: `(?i-)`'],
    ['(?i', 'invalid or unsupported Perl syntax: `(?i`'],
    ['\\Z', 'invalid escape sequence: `\\Z`'],
    ['\\C', 'invalid escape sequence: `\\C`'],
    ['\\8', 'invalid escape sequence: `\\8`'],
    ['[\\b]', 'invalid escape sequence: `\\b`'],
    ['[a-\\d]', 'invalid escape sequence: `\\d`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a+?*', 'invalid nested repetition operator: `+?*`'],
    ['a{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
    ['a|*', 'missing argument to repetition operator: `*`'],
    ['(*)', 'missing argument to repetition operator: `*`'],
    ['(?i)*', 'missing argument to repetition operator: `*`'],
    ['\\Q\\E*', 'missing argument to repetition operator: `*`'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['a{3,2}', 'invalid repeat count: `{3,2}`'],
    ['(a{100}){11}', 'invalid repeat count: `{11}`'],
    ['((a{30}){30}){2}', 'invalid repeat count: `{2}`'],
    ['(?:a{0,62}){17}', 'invalid repeat count: `{17}`'],
    ['(a', 'missing closing ): `(a`'],
    ['a)', 'unexpected ): `a)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['[[:nope:]]', 'invalid character class range: `[:nope:]`'],
    ['\\p{Nope}', 'invalid character class range: `\\p{Nope}`'],
    ['\\pX', 'invalid character class range: `\\pX`'],
    ['(?P<a-b>x)', 'invalid named capture: `(?P<a-b>`'],
    ['(?P<n', 'invalid named capture: `(?P<n`'],
    ['\\x{110000}', 'invalid escape sequence: `\\x{110000`'],
  ])('%j is refused: %s', (pattern, message) => {
    expect(find(pattern, '')).toBe(`error: error parsing regexp: ${message}`)
  })

  it('names its groups by number', () => {
    const re = compileRe2('(?P<ip>\\d+) (x) (?P<2nd>y)(?P<ip>z)')
    expect(re.ok ? re.value.groups : re.error).toEqual([undefined, 'ip', undefined, '2nd', 'ip'])
  })

  it('never throws', () => {
    const pieces =
      '( ) [ ] { } * + ? | ^ $ . \\ a 1 - , : = < > P i s U Q E x p L d b [:alpha:] (?i) (?: é 😀'.split(' ')
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...pieces), maxLength: 12 }), (pattern) => {
        const re = compileRe2(pattern)
        const said = re.ok ? re.value.regexp.source : re.error
        expect(said).not.toContain('expression too large')
      }),
      { numRuns: 10_000 },
    )
  })
})
