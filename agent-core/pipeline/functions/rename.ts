// rename: another name for a key.
import { defineFunction } from './define-function.ts'

export const rename = defineFunction({
  name: 'rename',
  params: [
    { name: 'new', kind: 'key' },
    { name: 'old', kind: 'name' },
  ],
  doc: {
    en: 'Gives a key of the point another name; a key of that name is replaced. Nothing happens when it is missing.',
    zh: '重命名数据点的键；同名的键会被替换。键不存在时不做任何事。',
  },
  examples: [
    { script: 'rename(level, severity)', fields: { severity: 'w' }, expect: { level: 'w', severity: null } },
  ],
  check: (call) => ({ to: call.key(0).id, from: call.path(1).id }),
  run(frame, { to, from }) {
    frame.view.rename(from, to)
    return undefined
  },
})
