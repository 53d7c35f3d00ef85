// geoip: the place of an address.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

const FIELDS = ['city', 'province', 'country', 'isp'] as const

export const geoip = defineFunction({
  name: 'geoip',
  params: [{ name: 'ip', kind: 'key' }],
  doc: {
    en: 'Writes city, province, country and isp of the address in a key; nothing without an address database.',
    zh: '写入键中 IP 地址的 city、province、country 和 isp；未安装地址库时不做任何事。',
  },
  examples: [{ script: 'geoip(ip)', fields: { ip: '10.0.0.1' }, expect: { city: null } }],
  check: (call) => ({ key: call.key(0), targets: FIELDS.map((name) => ({ name, id: call.keyOf(name).id })) }),
  run(frame, { key, targets }) {
    const found = key.read(frame)
    const place = found === MISSING ? undefined : frame.session.environment.geo?.lookup(valueText(found))
    if (place) for (const { name, id } of targets) frame.view.write(id, place[name])
    return undefined
  },
})
