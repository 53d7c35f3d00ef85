// The text libraries against what the Go libraries print.
import { describe, expect, it } from 'vitest'
import { Float, type Value } from '../language/value.ts'
import { decodeBase64 } from './base64.ts'
import { goSprintf } from './go-fmt.ts'
import { parseFloat64, parseGoDuration, parseInt64 } from './go-number.ts'
import { coverSql } from './sql-cover.ts'
import { lowerRunes, trimSpace, upperRunes } from './space.ts'
import { parseUrl } from './url.ts'
import { parseUserAgent } from './user-agent.ts'
import { xpathText } from './xml.ts'

const f = (value: number): Float => new Float(value)

describe('Sprintf', () => {
  it.each<[string, Value[], string]>([
    ['%.0f|%.0f|%.2f|%.1f', [f(0.5), f(2.5), f(0.125), f(0.25)], '0|2|0.12|0.2'],
    ['%e|%.2e|%.0e', [f(123456.789), f(0.00012345), f(2.5)], '1.234568e+05|1.23e-04|2e+00'],
    ['%g|%g|%g|%g', [f(123456789), f(100000), f(1e21), f(0.0001)], '1.23456789e+08|100000|1e+21|0.0001'],
    ['%.3g|%.10g|%.3g', [f(100), f(5), f(99999)], '100|5|1e+05'],
    ['%+v|%+d|%+.1f', [5, 5, f(1)], '5|+5|+1.0'],
    ['%.2f|%5.1f|%-8.3f|', [f(99.999), f(9.95), f(1.5)], '100.00|  9.9|1.500   |'],
    ['%08d|%+08d|%-8d|% 5d', [-42, 42, 42, 42], '-0000042|+0000042|42      |   42'],
    ['%#v|%T', [[1, 'a', null], f(1)], '[]interface {}{1, "a", interface {}(nil)}|float64'],
    [
      '%s|%d',
      [
        [1, 'a'],
        [1, 2],
      ],
      '[%!s(int64=1) a]|[1 2]',
    ],
    ['%q|%U|%c', ['a"b\n', 0x1f600, 65], '"a\\"b\\n"|U+1F600|A'],
    ['%d', [1, 'x', null], '1%!(EXTRA string=x, <nil>)'],
    ['%x|%X', [9223372036854775807n, -255], '7fffffffffffffff|-FF'],
    ['%f', [f(1e22)], '10000000000000000000000.000000'],
  ])('%s', (format, args, text) => {
    expect(goSprintf(format, args)).toBe(text)
  })
})

describe('strconv and time', () => {
  it.each([
    ['1_000', 0, 1000],
    ['0x_1f', 0, 31],
    ['1__0', 0, 0],
    ['010', 0, 8],
    ['08', 0, 0],
    ['0x1f', 16, 0],
    ['-9223372036854775808', 10, -9223372036854775808n],
    ['9223372036854775808', 10, 9223372036854775807n],
    [' 5', 10, 0],
    ['', 10, 0],
  ])('ParseInt %j base %i', (text, base, value) => {
    expect(parseInt64(text, base).value).toBe(value)
  })

  it.each([
    ['1e3', 1000],
    ['.5', 0.5],
    ['0x1p4', 16],
    ['-Inf', -Infinity],
    ['1e400', undefined],
    ['1.', 1],
    ['e5', undefined],
    ['5%', undefined],
  ])('ParseFloat %j', (text, value) => {
    expect(parseFloat64(text)).toBe(value)
  })

  it.each([
    ['1h2m3.5s', 3_723_500_000_000n],
    ['-2m3s', -123_000_000_000n],
    ['0', 0n],
    ['.s', undefined],
    ['2562047h47m16.854775808s', undefined],
  ])('ParseDuration %j', (text, value) => {
    expect(parseGoDuration(text)).toBe(value)
  })
})

describe('runes', () => {
  it('map one by one', () => {
    expect(upperRunes('straße ŉ é')).toBe('STRAßE ŉ É')
    expect(lowerRunes('ΟΔΟΣ İ')).toBe('οδοσ i')
  })

  it('trim Unicode white space', () => {
    expect(trimSpace('\u0085\u3000 a \u00a0')).toBe('a')
    expect(trimSpace('\ufeffa')).toBe('\ufeffa')
  })
})

describe('SQL', () => {
  it.each([
    ["UPDATE t SET a = 1, b = 'x' WHERE id = -5", 'UPDATE t SET a = ? b = ? WHERE id = ?'],
    ['insert into t values (1,2),(3,4), (5,6)', 'insert into t values ( ? )'],
    ['SELECT articles.* FROM articles LIMIT 10, 20', 'SELECT articles.* FROM articles LIMIT ?'],
    ['select /* c */ a -- x\n from t where b = "z"', 'select a from t where b = ?'],
    ["select 'abc", undefined],
  ])('%s', (text, covered) => {
    expect(coverSql(text)).toBe(covered)
  })
})

describe('URL', () => {
  it.each([
    ['http://[::1]:80/a?b=1&b=2;c', { host: '[::1]:80', port: '80', path: '/a' }],
    ['//h/p', { scheme: '', host: 'h', path: '/p' }],
    ['mailto:x@y', { scheme: 'mailto', host: '', path: '' }],
    ['/a%20b?q=%zz&r=+', { path: '/a b', params: new Map([['r', ' ']]) }],
  ])('%s', (text, wanted) => {
    const parsed = parseUrl(text)
    expect(parsed.ok && parsed.value).toMatchObject(wanted)
  })

  it.each([
    'http://h:x/',
    'http://h/%zz',
    'http://a b/',
    ':x',
    'http://h/\u0001',
    'http://h/#%zz',
    '1a:80/x',
  ])('refuses %j', (text) => {
    expect(parseUrl(text).ok).toBe(false)
  })
})

describe('base64', () => {
  it.each([
    ['aGVs\nbG8=', 'hello'],
    ['aGVsbG8', 4],
    ['aGVsb-8=', 5],
    ['====', 0],
  ])('%j', (text, wanted) => {
    expect(decodeBase64(text)).toBe(wanted)
  })
})

describe('XPath', () => {
  const text =
    '<soap:Envelope xmlns:soap="u"><soap:Body a="1"><r xmlns="v"><k>5 : x</k></r></soap:Body></soap:Envelope>'
  it.each([
    ['//k', '5 : x'],
    ['/soap:Envelope/soap:Body/@a', '1'],
    ["//*[local-name()='Body']/r/k", '5 : x'],
    ['//Body', undefined],
    ['count(//k)', undefined],
  ])('%s', (expression, wanted) => {
    expect(xpathText(text, expression)).toBe(wanted)
  })

  it('takes prefixes that nobody declared', () => {
    expect(xpathText('<x:a><x:b>t</x:b></x:a>', '//x:b')).toBe('t')
  })
})

describe('user agent', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
      'Internet Explorer',
      '11.0',
      'Windows 10',
    ],
    [
      'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/4.0)',
      'Internet Explorer',
      '8.0',
      'Windows 7',
    ],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bingbot', '2.0', ''],
    ['', '', '', ''],
  ])('%s', (text, browser, browserVersion, os) => {
    expect(parseUserAgent(text)).toMatchObject({ browser, browserVersion, os })
  })
})
