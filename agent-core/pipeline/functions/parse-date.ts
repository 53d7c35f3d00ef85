// parse_date: a time put together from its parts.
import { wrapInt } from '../language/value.ts'
import type { Call } from '../language/call.ts'
import type { Frame } from '../language/frame.ts'
import { parseInt64 } from '../text/go-number.ts'
import { civilOf, monthByName, toNs, wallSeconds } from '../time/civil.ts'
import { findZone, offsetRegion, type Zone } from '../time/zone.ts'
import { defineFunction } from './define-function.ts'

const PARTS = ['yy', 'MM', 'dd', 'hh', 'mm', 'ss', 'ms', 'us', 'ns', 'zone'] as const

export const parseDate = defineFunction({
  name: 'parse_date',
  params: [
    { name: 'key', kind: 'key', default: 'none' },
    ...PARTS.map((name) => ({ name, kind: 'value', default: '""' }) as const),
  ],
  named: true,
  doc: {
    en: "Puts a time together from parts given as str and writes it as int ns. Absent date and hour parts are now's, smaller ones 0, the zone UTC.",
    zh: '由 str 形式的各部分组成时间并写为 int 纳秒。缺省的日期与时分取当前值，更小单位为 0，时区为 UTC。',
  },
  examples: [
    {
      script: 'parse_date(t, "2021", "May", "12", "10", "10", "34", zone="+8")',
      expect: { t: 1620785434000000000 },
    },
  ],
  check(call) {
    const id = keyOf(call)
    const parts = PARTS.map((_, i) => call.value(i + 1))
    const fail = (message: string, part: number): never => call.fail(message, part + 1)
    return {
      id,
      parts,
      fail,
      noKey: () => (call.has(0) ? call.key(0) : call.fail('parameter key is required')),
    }
  },
  run(frame, { id, parts, fail, noKey }) {
    const texts = parts.map((part) => {
      const value = part(frame)
      return typeof value === 'string' ? value : ''
    })
    if (id === undefined) return void noKey()
    const clock = nowIn(frame)
    const number = (part: number): number | undefined => {
      const parsed = parseInt64(texts[part]!, 10)
      return parsed.ok ? Number(parsed.value) : undefined
    }
    const ranged = (part: number, low: number, high: number, what: string, absent: number): number => {
      const value = number(part)
      if (value === undefined) return absent
      return value >= low && value <= high
        ? value
        : fail(`${what} should between [${low},${high}], got ${value}`, part)
    }
    const given = number(0)
    if (given !== undefined && given < 0) fail('year should larger than 0', 0)
    const year =
      given === undefined ? clock.year : given < 100 ? Math.floor(clock.year / 100) * 100 + given : given
    const seconds = wallSeconds({
      year,
      month: monthOf(texts[1]!, clock.month, (message) => fail(message, 1)),
      day: ranged(2, 1, 31, 'month day', clock.day),
      hour: ranged(3, 0, 23, 'hour', clock.hour),
      minute: ranged(4, 0, 59, 'minute', clock.minute),
      second: ranged(5, 0, 59, 'second', 0),
    })
    const part = (index: number): bigint => BigInt(number(index) ?? 0)
    const fraction = part(6) * 1_000_000n + part(7) * 1000n + part(8)
    const zone = zoneOf(texts[9]!) ?? fail(`unknown time zone ${texts[9]}`, 9)
    frame.view.write(id, wrapInt(toNs(zone.instant(seconds), 0) + fraction))
    return undefined
  },
})

/** A key of another kind than a name shows only when the call runs, as does one that is not there. */
function keyOf(call: Call): number | undefined {
  const type = call.args[0]?.type
  return type === 'StringLiteral' || type === 'Identifier' || type === 'AttrExpr' ? call.key(0).id : undefined
}

function nowIn(frame: Frame): ReturnType<typeof civilOf> {
  const { clock, timeZone } = frame.session.environment
  return civilOf(clock.nowNs(), findZone(timeZone)!)
}

function zoneOf(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return findZone('UTC')
  return findZone(name === 'CST' ? 'Asia/Shanghai' : (offsetRegion(name) ?? name))
}

function monthOf(text: string, absent: number, fail: (message: string) => never): number {
  if (text === '') return absent
  const parsed = parseInt64(text, 10)
  if (!parsed.ok) return monthByName(text) || fail(`unknown month ${text}`)
  const month = Number(parsed.value)
  return month >= 1 && month <= 12 ? month : fail(`month should between [1,12], got ${text}`)
}
