// default_time: the text of a time as ns.
import { integer } from '../../point/point.ts'
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { parseLogTime } from '../time/log-time.ts'
import { findZone, unlessLocal, offsetRegion, type Zone } from '../time/zone.ts'
import { defineFunction } from './define-function.ts'

export const defaultTime = defineFunction({
  name: 'default_time',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'tz', kind: 'literal', default: '""' },
    { name: 'rest', kind: 'value', default: 'nil', rest: true },
  ],
  doc: {
    en: "Reads the time in a key, written in any common form, and writes it as int ns; named `time` it becomes the time of the point. What cannot be read leaves pl_msg and the point's own time.",
    zh: '解析键中以常见格式书写的时间并写为 int 纳秒；键名为 `time` 时成为数据点时间。无法解析时写入 pl_msg 并取数据点自身时间。',
  },
  examples: [
    {
      script: 'default_time(t, "Asia/Shanghai")',
      fields: { t: '2024-01-02 08:00:00' },
      expect: { t: 1704153600000000000 },
    },
  ],
  check(call) {
    const { read, id } = call.key(0)
    const name = unlessLocal(call.string(1) ?? '')
    const region = offsetRegion(name)
    let zone: Zone | undefined
    if (name !== '') zone = region === undefined ? findZone(name) : findZone(region)
    const problem =
      name === '' || zone
        ? undefined
        : /^[+-]/.test(name)
          ? `fail to parse timezone ${name}`
          : `unknown time zone ${name}`
    return {
      read,
      id,
      host: name === '' ? { zone: undefined as Zone | undefined } : undefined,
      zone,
      problem,
      message: call.keyOf('pl_msg').id,
    }
  },
  run(frame, { read, id, host, zone, problem, message }) {
    const found = read(frame)
    if (found === MISSING || found === undefined) return undefined
    const { environment } = frame.session
    let where = zone
    if (host)
      where =
        host.zone?.name === environment.timeZone ? host.zone : (host.zone = findZone(environment.timeZone))
    const text = typeof found === 'string' ? found : valueText(found)
    const parsed =
      problem === undefined
        ? parseLogTime(text, where!, () => new Date(environment.clock.now()).getUTCFullYear())
        : undefined
    if (parsed?.ok) {
      frame.view.write(id, integer(parsed.value))
      return undefined
    }
    frame.view.write(message, `time convert failed: ${problem ?? (parsed!.ok ? '' : parsed!.error)}`)
    frame.view.write(id, integer(frame.view.point.time))
    return undefined
  },
})
