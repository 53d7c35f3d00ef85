// conv_traceid_w3c_to_dd: a trace id as Datadog counts it.
import { defineFunction } from './define-function.ts'

export const convTraceidW3cToDd = defineFunction({
  name: 'conv_traceid_w3c_to_dd',
  params: [{ name: 'key', kind: 'key' }],
  doc: {
    en: 'Writes a W3C trace id of 32 or 16 hex digits as the decimal text of its low 64 bits.',
    zh: '将 32 或 16 位十六进制的 W3C trace id 写为其低 64 位的十进制文本。',
  },
  examples: [
    {
      script: 'conv_traceid_w3c_to_dd(id)',
      fields: { id: '2ae0771ea69d6e16' },
      expect: { id: '3089600317904219670' },
    },
  ],
  check: (call) => call.key(0),
  run(frame, key) {
    const found = key.read(frame)
    if (typeof found !== 'string' || (found.length !== 32 && found.length !== 16)) return undefined
    const low = found.slice(-16)
    if (/^[0-9A-Fa-f]{16}$/.test(low)) frame.view.write(key.id, BigInt(`0x${low}`).toString())
    return undefined
  },
})
