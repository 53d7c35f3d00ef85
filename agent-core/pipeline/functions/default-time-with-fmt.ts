// default_time_with_fmt: the text of a time by a Go layout as ns.
import { MISSING } from '../language/point-view.ts'
import { valueText, wrapInt } from '../language/value.ts'
import { parseLayout, readLayout } from '../time/go-layout.ts'
import { findZone, unlessLocal } from '../time/zone.ts'
import { defineFunction } from './define-function.ts'

export const defaultTimeWithFmt = defineFunction({
  name: 'default_time_with_fmt',
  params: [
    { name: 'key', kind: 'name' },
    { name: 'fmt', kind: 'literal' },
    { name: 'tz', kind: 'literal', default: '""' },
  ],
  doc: {
    en: 'Reads the time in a key by a Go layout and writes it as int ns; what does not fit stays as it is.',
    zh: '按 Go 时间布局解析键中的时间并写为 int 纳秒；不匹配时保持不变。',
  },
  examples: [
    {
      script: 'default_time_with_fmt(t, "20060102150405", "UTC")',
      fields: { t: '20240102000000' },
      expect: { t: 1704153600000000000 },
    },
  ],
  check(call) {
    const key = call.path(0)
    const layout = readLayout(call.string(1)!)
    const name = unlessLocal(call.string(2) ?? '')
    return { key, layout, name, zone: name === '' ? undefined : findZone(name) }
  },
  run(frame, { key, layout, name, zone }) {
    const found = key.read(frame)
    const where = name === '' ? findZone(frame.session.environment.timeZone) : zone
    if (found === MISSING || found === undefined || !where) return undefined
    const ns = parseLayout(layout, valueText(found), where)
    if (ns !== undefined) frame.view.write(key.id, wrapInt(ns))
    return undefined
  },
})
