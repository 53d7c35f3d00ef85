// parse_duration: the text of a duration as ns.
import { integer } from '../../point/point.ts'
import { parseGoDuration } from '../text/go-number.ts'
import { defineFunction } from './define-function.ts'

export const parseDuration = defineFunction({
  name: 'parse_duration',
  params: [{ name: 'key', kind: 'key' }],
  doc: {
    en: 'Writes a duration such as 1.5h, -2m3s or 100us as int ns; anything else stays as it is.',
    zh: '将 1.5h、-2m3s、100us 等时长文本写为 int 纳秒；其他内容保持不变。',
  },
  examples: [
    { script: 'parse_duration(cost)', fields: { cost: '1h2m3.5s' }, expect: { cost: 3723500000000 } },
  ],
  check: (call) => call.key(0),
  run(frame, key) {
    const found = key.read(frame)
    const ns = typeof found === 'string' ? parseGoDuration(found) : undefined
    if (ns !== undefined) frame.view.write(key.id, integer(ns))
    return undefined
  },
})
