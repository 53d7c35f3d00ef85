// setopt: options of the run.
import { defineFunction } from './define-function.ts'

export const setopt = defineFunction({
  name: 'setopt',
  params: [{ name: 'status_mapping', kind: 'value', default: 'true' }],
  named: true,
  doc: {
    en: 'status_mapping=false leaves the status of this log as the script wrote it.',
    zh: 'status_mapping=false 时保留脚本写入的日志 status，不做归一化。',
  },
  examples: [{ script: 'setopt(status_mapping=false)\nadd_key(status, "w")', expect: { status: 'w' } }],
  check(call) {
    const given = call.node.arguments[0]
    if (given && given.name === undefined) call.fail('must be a named parameter', given.value)
    return { value: call.value(0), given: given !== undefined }
  },
  run(frame, { value, given }) {
    if (!given) return undefined
    const on = value(frame)
    if (typeof on === 'boolean') frame.session.statusMapping = on
    return undefined
  },
})
