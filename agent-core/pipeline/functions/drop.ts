// drop: marks the point.
import { defineFunction } from './define-function.ts'

export const drop = defineFunction({
  name: 'drop',
  params: [],
  anyArguments: true,
  doc: { en: 'Marks the point to be dropped; the script goes on.', zh: '标记丢弃该数据点；脚本继续执行。' },
  examples: [
    { script: 'if level == "debug" { drop() }\nadd_key(a, 1)', fields: { level: 'info' }, expect: { a: 1 } },
  ],
  check: (call) => call.values(0),
  run(frame) {
    frame.session.dropped = true
    return undefined
  },
})
