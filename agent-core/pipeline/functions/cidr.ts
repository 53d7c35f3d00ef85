// cidr: an address in a network.
import type { Call } from '../language/call.ts'
import { parsePrefix, prefixContains, type Prefix } from '../text/address.ts'
import type { Found } from '../language/point-view.ts'
import type { Frame } from '../language/frame.ts'
import { defineFunction } from './define-function.ts'

export const cidr = defineFunction({
  name: 'cidr',
  params: [
    { name: 'ip', kind: 'value' },
    { name: 'prefix', kind: 'value' },
  ],
  returns: 'bool',
  doc: {
    en: 'True when the address lies in the network; false for anything missing or invalid.',
    zh: '地址在网段内时返回 true；缺失或非法时返回 false。',
  },
  examples: [
    { script: 'add_key(r, cidr(ip, "10.0.0.0/8"))', fields: { ip: '10.1.2.3' }, expect: { r: true } },
  ],
  check(call) {
    const ip = operand(call, 0)
    const prefix = operand(call, 1)
    const fixed = typeof prefix === 'string' ? (parsePrefix(prefix) ?? null) : undefined
    return { ip, prefix, fixed }
  },
  run(frame, { ip, prefix, fixed }) {
    const address = textOf(frame, ip)
    let network: Prefix | null | undefined = fixed
    if (network === undefined) {
      const text = textOf(frame, prefix)
      network = text === undefined ? null : (parsePrefix(text) ?? null)
    }
    return address !== undefined && network !== null && prefixContains(network, address)
  },
})

type Source = string | undefined | ((frame: Frame) => Found)

/** A literal, a name to read, or nothing for the result of a call, which never matches. */
function operand(call: Call, index: number): Source {
  const node = call.args[index]!
  if (node.type === 'StringLiteral') return node.value as string
  if (node.type === 'Identifier' || node.type === 'AttrExpr') return call.path(index).read
  if (node.type === 'CallExpr') return undefined
  return call.fail(`expect StringLiteral, Identifier or AttrExpr, got ${node.type}`, index)
}

function textOf(frame: Frame, source: Source): string | undefined {
  const found = typeof source === 'function' ? source(frame) : source
  return typeof found === 'string' ? found : undefined
}
