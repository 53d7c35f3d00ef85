// timestamp: the time now.
import { integer } from '../../point/point.ts'
import { defineFunction } from './define-function.ts'

const UNITS: Readonly<Record<string, bigint>> = { us: 1000n, ms: 1_000_000n, s: 1_000_000_000n }

export const timestamp = defineFunction({
  name: 'timestamp',
  params: [{ name: 'precision', kind: 'value', default: '"ns"' }],
  named: true,
  returns: 'int',
  doc: { en: 'Unix time now in ns, us, ms or s.', zh: '当前 Unix 时间，单位 ns、us、ms 或 s。' },
  examples: [{ script: 'add_key(r, timestamp("s") > 1000000000)', expect: { r: true } }],
  check: (call) => call.value(0),
  run(frame, precision) {
    const unit = precision(frame)
    const divisor = typeof unit === 'string' && Object.hasOwn(UNITS, unit) ? UNITS[unit]! : 1n
    return integer(frame.session.environment.clock.nowNs() / divisor)
  },
})
