// Which addresses are this machine's or its network's own, however they are written.
import { BlockList, isIP } from 'node:net'

const INTERNAL = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  '::/128',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
])

export function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) continue
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

export const inList = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Also the IPv4 address that an IPv6 one only wraps or leads to: mapped, compatible, NAT64, 6to4. */
export function isInternal(address: string): boolean {
  const inner = innerV4(address)
  return inList(INTERNAL, bare(address)) || (inner !== undefined && inList(INTERNAL, inner))
}

const bare = (address: string): string => address.replace(/%.*$/, '')

/** An IPv4-mapped address as the IPv4 address it is. */
export const plainAddress = (address: string): string =>
  (/^::ffff:/i.test(address) ? innerV4(address) : undefined) ?? bare(address)

function innerV4(address: string): string | undefined {
  if (isIP(bare(address)) !== 6) return undefined
  const words = ipv6Words(bare(address))
  const at = (index: number): string =>
    [words[index]! >> 8, words[index]! & 255, words[index + 1]! >> 8, words[index + 1]! & 255].join('.')
  if (words[0] === 0x2002) return at(1)
  const head = words.slice(0, 6).join()
  return ['0,0,0,0,0,0', '0,0,0,0,0,65535', '100,65435,0,0,0,0'].includes(head) ? at(6) : undefined
}

/** The eight numbers of an address; the URL parser turns its IPv4 tail, if any, into two of them. */
function ipv6Words(address: string): number[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = text.split('::')
  const words = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16))
  if (tail === undefined) return words(head)
  const left = words(head)
  const right = words(tail)
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}
