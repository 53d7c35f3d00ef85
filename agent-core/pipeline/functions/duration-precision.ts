// duration_precision: another unit for a duration.
import { pathText, type Expr } from '../language/ast.ts'
import type { Call, Key } from '../language/call.ts'
import { MISSING } from '../language/point-view.ts'
import { wrapInt } from '../language/value.ts'
import { defineFunction } from './define-function.ts'

const POWERS: Readonly<Record<string, number>> = { s: 9, ms: 6, us: 3, ns: 0 }

export const durationPrecision = defineFunction({
  name: 'duration_precision',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'old', kind: 'literal' },
    { name: 'new', kind: 'literal' },
  ],
  // How many arguments there are is only judged when it runs.
  anyArguments: true,
  doc: {
    en: 'Converts an int duration between s, ms, us and ns, truncating; unknown units do nothing.',
    zh: '在 s、ms、us、ns 之间换算 int 时长（截断）；未知单位不做任何事。',
  },
  examples: [{ script: 'duration_precision(d, "ms", "ns")', fields: { d: 5 }, expect: { d: 5000000 } }],
  check(call) {
    const key = keyOf(call, call.args[0])
    return {
      key,
      from: unitOf(call.args[1]),
      to: unitOf(call.args[2]),
      badCount:
        call.args.length === 3 ? undefined : () => call.fail('func `duration_precision` expected 3 args'),
      fail: (message: string, index: number) => call.fail(message, index),
    }
  },
  run(frame, { key, from, to, badCount, fail }) {
    if (badCount) return badCount()
    if (!key) return fail('param key expect Identifier or AttrExpr', 0)
    const found = key.read(frame)
    if (found === MISSING) return fail('key not found', 0)
    if (typeof found !== 'number' && typeof found !== 'bigint') return fail('param value type expect int', 0)
    if (from === undefined) return fail('param unit expect StringLiteral', 1)
    if (to === undefined) return fail('param unit expect StringLiteral', 2)
    const power = (POWERS[from] ?? NaN) - (POWERS[to] ?? NaN)
    if (Number.isNaN(power)) return undefined
    const value = BigInt(found)
    frame.view.write(
      key.id,
      wrapInt(power >= 0 ? value * 10n ** BigInt(power) : value / 10n ** BigInt(-power)),
    )
    return undefined
  },
})

const unitOf = (node: Expr | undefined): string | undefined =>
  node?.type === 'StringLiteral' ? (node.value as string).toLowerCase() : undefined

function keyOf(call: Call, node: Expr | undefined): Key | undefined {
  if (node?.type === 'StringLiteral') return call.keyOf(node.value as string)
  return node?.type === 'Identifier' || node?.type === 'AttrExpr' ? call.keyOf(pathText(node)) : undefined
}
