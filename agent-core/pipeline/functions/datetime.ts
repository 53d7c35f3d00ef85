// datetime: a timestamp as text.
import { MISSING } from '../language/point-view.ts'
import { Float, floatToInt, wrapInt, type Value } from '../language/value.ts'
import { castInt } from '../text/go-number.ts'
import { formatLayout, readLayout } from '../time/go-layout.ts'
import { strftime } from '../time/strftime.ts'
import { findZone, unlessLocal } from '../time/zone.ts'
import { defineFunction } from './define-function.ts'

const LAYOUTS: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
  Kitchen: '3:04PM',
  Stamp: 'Jan _2 15:04:05',
  StampMilli: 'Jan _2 15:04:05.000',
  StampMicro: 'Jan _2 15:04:05.000000',
  StampNano: 'Jan _2 15:04:05.000000000',
}
const UNITS: Readonly<Record<string, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n }

export const datetime = defineFunction({
  name: 'datetime',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'precision', kind: 'literal' },
    { name: 'fmt', kind: 'literal' },
    { name: 'tz', kind: 'literal', default: '""' },
  ],
  named: true,
  doc: {
    en: 'Writes the timestamp in a key (s, ms, us, else ns) as text, by the name of a Go layout or by strftime directives.',
    zh: '将键中的时间戳（s、ms、us，其他为 ns）按 Go 布局名或 strftime 指令写为文本。',
  },
  examples: [
    {
      script: 'datetime(ts, "ms", "RFC3339", "UTC")',
      fields: { ts: 1704153600000 },
      expect: { ts: '2024-01-02T00:00:00Z' },
    },
  ],
  check(call) {
    const key = call.key(0)
    const unit = UNITS[call.string(1)!] ?? 1n
    const format = call.string(2)!
    const layout = Object.hasOwn(LAYOUTS, format) ? readLayout(LAYOUTS[format]!) : undefined
    const name = unlessLocal(call.string(3) ?? '')
    const zone = name === '' ? undefined : findZone(name)
    return { key, unit, format, layout, name, zone, fail: () => call.fail(`unknown time zone ${name}`, 2) }
  },
  run(frame, { key, unit, format, layout, name, zone, fail }) {
    const found = key.read(frame)
    if (found === MISSING) return undefined
    const where = name === '' ? findZone(frame.session.environment.timeZone) : zone
    if (!where) return fail()
    // Beyond int64 nanoseconds the time runs over, as it always has.
    const ns = BigInt(wrapInt(timestamp(found) * unit))
    frame.view.write(key.id, layout ? formatLayout(layout, ns, where) : strftime(format, ns, where))
    return undefined
  },
})

function timestamp(value: Value): bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value)
  if (value instanceof Float) return BigInt(floatToInt(value.value))
  if (typeof value === 'boolean') return value ? 1n : 0n
  return typeof value === 'string' ? BigInt(castInt(value)) : 0n
}
