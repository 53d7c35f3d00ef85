// sample: true for a share of the time.
import { Float } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

export const sample = defineFunction({
  name: 'sample',
  params: [{ name: 'p', kind: 'literal' }],
  returns: 'bool',
  doc: {
    en: 'True for the share p of the time, judged by the clock; p is a float between 0 and 1.',
    zh: '按时钟以比例 p 返回 true；p 为 0 到 1 之间的 float。',
  },
  examples: [{ script: 'add_key(r, sample(1.0))', expect: { r: true } }],
  check(call) {
    const { type } = call.args[0]!
    if (type !== 'IntLiteral' && type !== 'FloatLiteral' && type !== 'ArithmeticExpr')
      call.fail(`expect NumberLiteral or ArithmeticExpr, got ${type}`, 0)
    const literal = type === 'IntLiteral'
    const fault = (): never => call.fail('failed to convert expression evaluation result to float', 0)
    return { value: call.value(0), literal, fault }
  },
  run(frame, { value, literal, fault }) {
    const given = value(frame)
    if (!(given instanceof Float) && !literal) return fault()
    const share = given instanceof Float ? given.value : Number(given)
    if (!(share >= 0 && share <= 1)) return undefined
    const hundredth = Number((frame.session.environment.clock.nowNs() / 1000n) % 100n)
    return hundredth <= Math.trunc(share * 100)
  },
})
