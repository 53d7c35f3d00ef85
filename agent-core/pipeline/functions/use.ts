// use: another script on the same point.
import { ScriptFault } from '../language/fault.ts'
import { enter } from '../language/run.ts'
import { defineFunction } from './define-function.ts'

export const use = defineFunction({
  name: 'use',
  params: [{ name: 'script', kind: 'literal' }],
  doc: {
    en: 'Runs another script of the same category and namespace on this point, with variables of its own.',
    zh: '在同一数据点上运行同类别、同命名空间的另一个脚本，变量相互独立。',
  },
  examples: [],
  check: (call) => ({ target: call.script(0), source: call.compiler.source, at: call.node.start }),
  run(frame, { target, source, at }) {
    try {
      enter(target.script!, frame.view, frame.session, frame.trace)
    } catch (fault) {
      throw fault instanceof ScriptFault ? fault.from(source, at) : fault
    }
    return undefined
  },
})
