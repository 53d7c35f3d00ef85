import { describe, expect, it } from 'vitest'
import en from '../../resources/locale/en.json'
import zh from '../../resources/locale/zh.json'
import { byteScale, createQuantities, quantityText, type Quantities } from './quantity.ts'
import { createTimes } from './times.ts'

const english = createQuantities('en', (key) => en.unit[key])
const chinese = createQuantities('zh', (key) => zh.unit[key])
const KIB = 1024
const HOUR = 3_600_000

const cases: [Exclude<keyof Quantities, 'tick'>, number, string, string][] = [
  ['count', 0, '0', '0'],
  ['count', 1_142_330_118, '1,142,330,118', '1,142,330,118'],
  ['rate', 0, '0 /s', '0 /秒'],
  ['rate', 3.25, '3.3 /s', '3.3 /秒'],
  ['rate', 4812.4, '4,812 /s', '4,812 /秒'],
  ['percent', 0.94, '0.9 %', '0.9 %'],
  ['percent', 99.96, '100 %', '100 %'],
  ['percent', -0, '0 %', '0 %'],
  ['bytes', 0, '0 B', '0 B'],
  ['bytes', 1023, '1,023 B', '1,023 B'],
  ['bytes', KIB, '1.0 KiB', '1.0 KiB'],
  ['bytes', 6.1 * KIB ** 2, '6.1 MiB', '6.1 MiB'],
  ['bytes', 148 * KIB ** 2, '148 MiB', '148 MiB'],
  ['bytes', 31.8 * KIB ** 3, '31.8 GiB', '31.8 GiB'],
  ['bytes', 5000 * KIB ** 5, '5,000 PiB', '5,000 PiB'],
  ['byteRate', 2 * KIB, '2.0 KiB/s', '2.0 KiB/s'],
  ['ratio', 3.136, '3.14', '3.14'],
  ['cost', 0.213, '0.21 ms', '0.21 ms'],
  ['cost', 31.44, '31.4 ms', '31.4 ms'],
  ['cost', 9.999, '10.0 ms', '10.0 ms'],
  ['cost', 1013.2, '1,013 ms', '1,013 ms'],
  ['duration', -500, '0 s', '0 秒'],
  ['duration', 0, '0 s', '0 秒'],
  ['duration', 120, '0.1 s', '0.1 秒'],
  ['duration', 980, '1 s', '1 秒'],
  ['duration', 59_900, '59 s', '59 秒'],
  ['duration', 604_000, '10 min 4 s', '10 分 4 秒'],
  ['duration', 120_000, '2 min', '2 分'],
  ['duration', 5 * HOUR + 17 * 60_000, '5 h 17 min', '5 小时 17 分'],
  ['duration', 76 * HOUR, '3 d 4 h', '3 天 4 小时'],
]

describe('figures', () => {
  it.each(cases)('%s(%d) is %s', (kind, n, inEnglish, inChinese) => {
    expect(quantityText(english[kind](n))).toBe(inEnglish)
    expect(quantityText(chinese[kind](n))).toBe(inChinese)
  })

  it.each([
    [100, 'percent', '100 %'],
    [3.2, 'ratio', '3.2'],
    [32 * KIB ** 2, 'byteRate', '32 MiB/s'],
    [31.82 * KIB ** 3, 'bytes', '31.8 GiB'],
  ] as const)('a scale that ends at %d (%s) says %s', (n, unit, text) => {
    expect(quantityText(english.tick(n, unit))).toBe(text)
  })

  it('never shows four digits and a decimal, or a byte unit too small', () => {
    for (let n = 1; n < 1e15; n *= 1.7) {
      const { divisor } = byteScale(n)
      expect(n / divisor).toBeLessThan(1024)
      expect(quantityText(english.bytes(n))).toMatch(/^(\d{1,2}\.\d|\d{1,3}|1,0\d\d) ([KMGTP]i)?B$/)
    }
  })
})

describe('times', () => {
  const at = Date.UTC(2026, 10, 20, 6, 32, 7)
  const shanghai = createTimes('en', 'Asia/Shanghai')

  it('are local, in 24 hours', () => {
    expect(shanghai.clock(at)).toBe('14:32:07')
    expect(shanghai.minute(Date.UTC(2026, 10, 20, 16, 0))).toBe('00:00')
    expect(createTimes('en', 'America/New_York').clock(at)).toBe('01:32:07')
  })

  it('name the day only when it is not today', () => {
    expect(shanghai.recent(at, at + HOUR)).toBe('14:32:07')
    expect(shanghai.recent(at, at + 24 * HOUR)).toBe('Nov 20 14:32:07')
    expect(createTimes('zh', 'Asia/Shanghai').recent(at, at + 24 * HOUR)).toBe('11月20日 14:32:07')
  })

  it('tell the zone', () => {
    expect(shanghai.zone(at)).toBe('UTC+08:00 Asia/Shanghai')
    expect(createTimes('en', 'UTC').zone(at)).toBe('UTC+00:00')
  })
})
