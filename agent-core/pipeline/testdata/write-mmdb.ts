// Small MaxMind databases for tests: a search tree of 24-bit records over IPv6 (IPv4 at ::/96), then the data.
import { isIPv4 } from 'node:net'

export type MmdbData = string | number | { readonly [key: string]: MmdbData } | readonly MmdbData[]

const TEXT = 2
const UINT32 = 6
const MAP = 7
const ARRAY = 11
/** What stands between tree and data, in bytes. */
const SEPARATOR = 16

/** The file's bytes; of networks that overlap the later one counts. `type` is what the file says it is. */
export function writeMmdb(type: string, networks: Readonly<Record<string, MmdbData>>): Buffer {
  type Side = { node: number } | { data: number } | undefined
  const nodes: [Side, Side][] = [[undefined, undefined]]
  const data: Buffer[] = []
  let size = 0
  for (const [network, record] of Object.entries(networks)) {
    const bits = prefixBits(network)
    let at = 0
    for (const [depth, bit] of bits.entries()) {
      const sides = nodes[at]!
      if (depth === bits.length - 1) sides[bit] = { data: size }
      else {
        const next = sides[bit]
        if (next && 'node' in next) at = next.node
        else {
          nodes.push([next, next])
          at = nodes.length - 1
          sides[bit] = { node: at }
        }
      }
    }
    const bytes = encode(record)
    data.push(bytes)
    size += bytes.length
  }
  const tree = Buffer.alloc(nodes.length * 6)
  const pointer = (side: Side): number =>
    side === undefined ? nodes.length : 'node' in side ? side.node : nodes.length + SEPARATOR + side.data
  for (const [index, [left, right]] of nodes.entries()) {
    tree.writeUIntBE(pointer(left), index * 6, 3)
    tree.writeUIntBE(pointer(right), index * 6 + 3, 3)
  }
  const metadata = {
    node_count: nodes.length,
    record_size: 24,
    ip_version: 6,
    database_type: type,
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    languages: ['en'],
    description: { en: 'for tests' },
  }
  const marker = Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1')
  return Buffer.concat([tree, Buffer.alloc(SEPARATOR), ...data, marker, encode(metadata)])
}

/** Databases of that content as scripts share them. */
export function sharedMmdb(bytes: Buffer): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  return shared
}

/** The bits of a network's address in the tree. */
function prefixBits(network: string): (0 | 1)[] {
  const [address = '', length = ''] = network.split('/')
  const v4 = isIPv4(address)
  const words = v4
    ? [0, 0, 0, 0, 0, 0, ...v4Words(address)]
    : expand(address)
        .split(':')
        .map((word) => Number.parseInt(word, 16))
  const count = Number(length) + (v4 ? 96 : 0)
  return Array.from({ length: count }, (_, bit) => ((words[bit >> 4]! >> (15 - (bit & 15))) & 1) as 0 | 1)
}

const v4Words = (address: string): number[] => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}

function expand(address: string): string {
  const [head = '', tail] = address.split('::')
  if (tail === undefined) return address
  const parts = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const zeros = Array.from({ length: 8 - parts(head).length - parts(tail).length }, () => '0')
  return [...parts(head), ...zeros, ...parts(tail)].join(':')
}

/** A value in MaxMind's data format: type and size in one byte, extended types in a second one. */
function encode(value: MmdbData): Buffer {
  const control = (type: number, size: number): Buffer =>
    type > 7 ? Buffer.of(size, type - 7) : Buffer.of((type << 5) | size)
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    if (text.length >= 29) return Buffer.concat([Buffer.of((TEXT << 5) | 29, text.length - 29), text])
    return Buffer.concat([control(TEXT, text.length), text])
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(UINT32, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(ARRAY, value.length), ...value.map(encode)])
  const entries = Object.entries(value as Record<string, MmdbData>)
  return Buffer.concat([control(MAP, entries.length), ...entries.flatMap(([k, v]) => [encode(k), encode(v)])])
}
