// IP addresses and networks as Go's net/netip reads them: no leading zeros, no ports; an IPv4 network holds no IPv6.
import { BlockList, isIPv4, isIPv6 } from 'node:net'

export interface Prefix {
  readonly family: 'ipv4' | 'ipv6'
  readonly list: BlockList
}

function family(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIPv4(address)) return 'ipv4'
  return isIPv6(address) ? 'ipv6' : undefined
}

export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const kind = match && family(match[1]!)
  if (!kind || Number(match[2]) > (kind === 'ipv4' ? 32 : 128)) return undefined
  const list = new BlockList()
  list.addSubnet(match[1]!, Number(match[2]), kind)
  return { family: kind, list }
}

export function prefixContains(prefix: Prefix, address: string): boolean {
  // An address with a zone is in no network.
  return (
    !address.includes('%') && family(address) === prefix.family && prefix.list.check(address, prefix.family)
  )
}
