import { describe, expect, it } from 'vitest'
import { sharedMmdb, writeMmdb, type MmdbData } from '../testdata/write-mmdb.ts'
import { geoContent, openGeoDatabase } from './geo-database.ts'

const place = (country: string): MmdbData => ({
  city: { names: { en: 'Lyon' } },
  subdivisions: [{ names: { en: 'Auvergne' } }],
  country: { iso_code: country },
})
const city = sharedMmdb(
  writeMmdb('GeoLite2-City', {
    '81.0.0.0/8': place('FR'),
    '90.1.2.0/24': place('HK'),
    '2a01::/16': place('TW'),
  }),
)
const asn = sharedMmdb(
  writeMmdb('GeoLite2-ASN', { '81.2.0.0/16': { autonomous_system_organization: 'Net' } }),
)

function lookup(files: Omit<Parameters<typeof openGeoDatabase>[0], 'type'>, ip: string): unknown {
  const opened = openGeoDatabase({ type: 'geolite2', ...files })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value.lookup(ip)
}

describe('geo database', () => {
  it('gives city, province, country and provider', () => {
    expect(lookup({ city, asn }, '81.2.3.4')).toEqual({
      city: 'Lyon',
      province: 'Auvergne',
      country: 'FR',
      isp: 'Net',
    })
    expect(lookup({ city, asn }, '81.3.3.4')).toMatchObject({ country: 'FR', isp: 'unknown' })
    expect(lookup({ city, asn }, '82.2.3.4')).toEqual({ city: '', province: '', country: '', isp: 'unknown' })
  })

  it('shows three regions as provinces', () => {
    expect(lookup({ city }, '90.1.2.3')).toMatchObject({ province: 'Hong Kong', country: 'CN' })
    expect(lookup({ city }, '2a01:4f8::1')).toMatchObject({ province: 'Taiwan', country: 'CN' })
  })

  it('has nothing to say about what is no address, or that it is unknown where iploc is configured', () => {
    expect(lookup({ city }, 'nonsense')).toBeUndefined()
    const iploc = openGeoDatabase({ type: 'iploc', city })
    const unknown = { city: 'unknown', province: 'unknown', country: 'unknown', isp: 'unknown' }
    expect(iploc.ok && iploc.value.lookup('nonsense')).toEqual(unknown)
  })

  it('is empty without a file, and an error with a bad one', () => {
    expect(lookup({}, '81.2.3.4')).toEqual({ city: '', province: '', country: '', isp: '' })
    expect(openGeoDatabase({ type: 'iploc', city: sharedMmdb(Buffer.from('no database')) }).ok).toBe(false)
  })

  it('knows what a file holds', () => {
    expect([city, asn].map((file) => geoContent(file))).toMatchObject([{ value: 'city' }, { value: 'asn' }])
    expect(geoContent(city.slice(0, city.byteLength - 100))).toMatchObject({
      ok: false,
      error: expect.stringContaining('not all of it'),
    })
  })
})
