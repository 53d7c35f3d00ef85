// Dates as logs write them, zones, and Go's layouts there and back.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatLayout, parseLayout, readLayout } from './go-layout.ts'
import { parseLogTime } from './log-time.ts'
import { strftime } from './strftime.ts'
import { findZone } from './zone.ts'

const utc = findZone('UTC')!

function iso(text: string, zone = 'UTC'): string {
  const parsed = parseLogTime(text, findZone(zone)!, () => 2024)
  return parsed.ok ? new Date(Number(parsed.value / 1_000_000n)).toISOString() : 'no time'
}

describe('log times', () => {
  it.each([
    ['2014-04-26 05:24:37 PM', '2014-04-26T17:24:37.000Z'],
    ['Mon 30 Sep 2018 09:09:09 PM UTC', '2018-09-30T21:09:09.000Z'],
    ['Fri Jul 03 2015 18:04:07 GMT+0100 (GMT Daylight Time)', '2015-07-03T17:04:07.000Z'],
    ['oct. 7, 70', '1970-10-07T00:00:00.000Z'],
    ['12 Feb 2006, 19:17', '2006-02-12T19:17:00.000Z'],
    ['Monday, 02-Jan-06 15:04:05 MST', '2006-01-02T15:04:05.000Z'],
    ['8/8/1965 12:00:00 AM', '1965-08-08T00:00:00.000Z'],
    ['2014年04月08日 12:30:00', '2014-04-08T12:30:00.000Z'],
    ['2015-02-08 03:02:00 +0300 MSK m=+0.000000001', '2015-02-08T00:02:00.000Z'],
    ['02/Jan/2006:15:04:05 -0700', '2006-01-02T22:04:05.000Z'],
    ['31/Feb/2006:15:04:05 -0700', 'no time'],
    ['02/Jan/2006:24:04:05 -0700', 'no time'],
    ['23 Jul 21:07:55.907', '2024-07-23T21:07:55.907Z'],
    ['12:30:45', 'no time'],
    ['13 Feb 03', 'no time'],
  ])('%s', (text, wanted) => {
    expect(iso(text)).toBe(wanted)
  })

  it('know the abbreviations of their zone', () => {
    expect(iso('Fri Nov 3 08:45:12 CST 2017', 'Asia/Shanghai')).toBe('2017-11-03T00:45:12.000Z')
    expect(iso('Fri Nov 3 08:45:12 CDT 2017', 'America/Chicago')).toBe('2017-11-03T13:45:12.000Z')
    expect(iso('Fri Nov 3 08:45:12 CST 2017', 'Europe/Berlin')).toBe('2017-11-03T08:45:12.000Z')
  })
})

describe('zones', () => {
  it('resolve skipped and repeated hours as Go does', () => {
    expect(iso('2024-03-10 02:30:00', 'America/New_York')).toBe('2024-03-10T06:30:00.000Z')
    expect(iso('2024-11-03 01:30:00', 'America/New_York')).toBe('2024-11-03T05:30:00.000Z')
  })

  it('are IANA names only', () => {
    for (const name of ['+08:00', 'Mars/Base', '8']) expect(findZone(name)).toBeUndefined()
  })

  it('abbreviate', () => {
    const at = (zone: string, month: number): string =>
      findZone(zone)!.abbreviation(Date.UTC(2024, month, 15) / 1000)
    expect([
      at('Europe/London', 0),
      at('Europe/London', 6),
      at('Asia/Kathmandu', 0),
      at('Asia/Singapore', 0),
    ]).toEqual(['GMT', 'BST', '+0545', '+08'])
  })
})

describe('Go layouts', () => {
  it('come back from what they print', () => {
    const layout = readLayout('Mon, 02 Jan 2006 15:04:05.000000000 -0700')
    const zone = findZone('Asia/Kolkata')!
    fc.assert(
      fc.property(fc.bigInt({ min: -2_000_000_000_000_000_000n, max: 4_000_000_000_000_000_000n }), (ns) => {
        expect(parseLayout(layout, formatLayout(layout, ns, zone), utc)).toBe(ns)
      }),
    )
  })

  it.each([
    ['2006-01-02', '2024-02-30', undefined],
    ['2006-01-02', '2024-02-29x', undefined],
    ['3:04PM', '12:05AM', -62167219200n * 1_000_000_000n + 300_000_000_000n],
    ['Jan _2 2006', 'Feb  9 2024', 1_707_436_800_000_000_000n],
    ['2006-01-02T15:04:05Z07:00', '2024-02-29T12:30:45Z', 1_709_209_845_000_000_000n],
  ])('%s reads %s', (layout, text, wanted) => {
    expect(parseLayout(readLayout(layout), text, utc)).toBe(wanted)
  })
})

describe('strftime', () => {
  it.each([
    ['%G-W%V-%u %U %W %j', '2020-W53-5 00 00 001'],
    ['%-d/%_m/%y %I%p %l', '1/ 1/21 12AM  0'],
    ['%^a %#p %q 100%%', 'FRI am %q 100%'],
  ])('%s', (format, text) => {
    expect(strftime(format, BigInt(Date.UTC(2021, 0, 1)) * 1_000_000n, utc)).toBe(text)
  })
})
