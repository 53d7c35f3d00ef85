import { describe, expect, it } from 'vitest'
import { openGeoDatabase } from './geo-database.ts'

type Data = string | number | { readonly [key: string]: Data } | readonly Data[]

const MAP = 7
const ARRAY = 11
const UINT32 = 6
const TEXT = 2

/** A value in MaxMind's data format: type and size in one byte, extended types in a second one. */
function encode(value: Data): Buffer {
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
  const entries = Object.entries(value as Record<string, Data>)
  return Buffer.concat([control(MAP, entries.length), ...entries.flatMap(([k, v]) => [encode(k), encode(v)])])
}

/** An IPv4 database whose one network has a first byte of its own. */
function database(firstByte: number, record: Data): Buffer {
  const nodes = 8
  const tree = Buffer.alloc(nodes * 6)
  for (let bit = 0; bit < nodes; bit++) {
    const side = (firstByte >> (7 - bit)) & 1
    const found = bit === nodes - 1 ? nodes + 16 : bit + 1
    tree.writeUIntBE(side === 0 ? found : nodes, bit * 6, 3)
    tree.writeUIntBE(side === 1 ? found : nodes, bit * 6 + 3, 3)
  }
  const metadata = {
    node_count: nodes,
    record_size: 24,
    ip_version: 4,
    database_type: 'test',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    languages: ['en'],
    description: { en: 'x' },
  }
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    encode(record),
    Buffer.from('\u00ab\u00cd\u00efMaxMind.com', 'latin1'),
    encode(metadata),
  ])
}

const place = (country: string): Data => ({
  city: { names: { en: 'Lyon' } },
  subdivisions: [{ names: { en: 'Auvergne' } }],
  country: { iso_code: country },
})

function lookup(files: Parameters<typeof openGeoDatabase>[0], ip: string): unknown {
  const opened = openGeoDatabase(files)
  if (!opened.ok) throw new Error(opened.error)
  return opened.value.lookup(ip)
}

describe('geo database', () => {
  it('gives city, province, country and provider', () => {
    const files = {
      city: database(81, place('FR')),
      asn: database(81, { autonomous_system_organization: 'Net' }),
    }
    expect(lookup(files, '81.2.3.4')).toEqual({
      city: 'Lyon',
      province: 'Auvergne',
      country: 'FR',
      isp: 'Net',
    })
    expect(lookup(files, '82.2.3.4')).toEqual({ city: '', province: '', country: '', isp: 'unknown' })
  })

  it('shows three regions as provinces', () => {
    expect(lookup({ city: database(81, place('HK')) }, '81.2.3.4')).toMatchObject({
      province: 'Hong Kong',
      country: 'CN',
    })
  })

  it('has nothing to say about what is no address', () => {
    expect(lookup({ city: database(81, place('FR')) }, 'nonsense')).toBeUndefined()
  })

  it('is empty without a file, and an error with a bad one', () => {
    expect(lookup({}, '81.2.3.4')).toEqual({ city: '', province: '', country: '', isp: '' })
    expect(openGeoDatabase({ city: Buffer.from('no database') }).ok).toBe(false)
  })
})
