// adjust_timezone: whole hours off a time.
import { integer } from '../../point/point.ts'
import { MISSING } from '../language/point-view.ts'
import { defineFunction } from './define-function.ts'

const HOUR = 3_600_000_000_000n
const MARGIN = 120_000_000_000n

export const adjustTimezone = defineFunction({
  name: 'adjust_timezone',
  params: [{ name: 'key', kind: 'key' }],
  doc: {
    en: 'Shifts a time in ns by whole hours so that it lies between 58 minutes before and 2 minutes after now.',
    zh: '将纳秒时间平移整数小时，使其落在当前时间前 58 分钟到后 2 分钟之间。',
  },
  examples: [{ script: 'adjust_timezone(none)\nadd_key(a, 1)', expect: { a: 1 } }],
  check: (call) => ({ key: call.key(0), fail: () => call.fail('param value expect int', 0) }),
  run(frame, { key, fail }) {
    const found = key.read(frame)
    if (found === MISSING) return undefined
    if (typeof found !== 'number' && typeof found !== 'bigint') return fail()
    const ns = BigInt(found)
    const excess = ns - frame.session.environment.clock.nowNs() - MARGIN
    // The quotient rounded up.
    const hours = excess > 0n ? (excess + HOUR - 1n) / HOUR : excess / HOUR
    frame.view.write(key.id, integer(ns - hours * HOUR))
    return undefined
  },
})
