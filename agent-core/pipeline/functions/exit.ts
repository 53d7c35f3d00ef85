// exit: ends the script.
import { Signal } from '../language/frame.ts'
import { defineFunction } from './define-function.ts'

export const exit = defineFunction({
  name: 'exit',
  params: [],
  anyArguments: true,
  doc: { en: 'Ends this script after the statement at hand.', zh: '执行完当前语句后结束本脚本。' },
  examples: [{ script: 'add_key(a, 1)\nexit()\nadd_key(b, 1)', expect: { a: 1, b: null } }],
  check: (call) => call.values(0),
  run(frame) {
    frame.signal = Signal.exit
    return undefined
  },
})
