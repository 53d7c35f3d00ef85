// Where an address is, from MaxMind databases that the user installed (GeoLite2 City, and ASN for the provider).
import { isIP } from 'node:net'
import { Reader, type AsnResponse, type CityResponse, type Response } from 'mmdb-lib'
import { errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { GeoDatabase, GeoPlace } from '../environment.ts'

/** `pipeline.ipdb_type`: iploc has a place for what is no address too, geolite2 leaves such a point alone. */
export type GeoType = 'iploc' | 'geolite2'

/** Contents of the files, as lanes share them. */
export interface GeoFiles {
  readonly type: GeoType
  /** Differs when the contents do. */
  readonly stamp: string
  readonly city?: SharedArrayBuffer
  readonly asn?: SharedArrayBuffer
}

/** Regions that the product shows as provinces. */
const PROVINCES: Readonly<Record<string, string>> = { TW: 'Taiwan', HK: 'Hong Kong', MO: 'Macao' }

const UNKNOWN = 'unknown'
const EMPTY: GeoPlace = { city: '', province: '', country: '', isp: '' }
const NO_ADDRESS: GeoPlace = { city: UNKNOWN, province: UNKNOWN, country: UNKNOWN, isp: UNKNOWN }

/**
 * Opens the contents of database files. Without a city database every place is empty, which is what scripts get when
 * the product's file is not installed; a file that is no database is an error.
 */
export function openGeoDatabase(files: Omit<GeoFiles, 'stamp'>): Result<GeoDatabase, string> {
  try {
    const city = files.city && new Reader<CityResponse>(Buffer.from(files.city))
    const asn = files.asn && new Reader<AsnResponse>(Buffer.from(files.asn))
    const other = files.type === 'iploc' ? NO_ADDRESS : undefined
    return ok({ lookup: (ip) => (city ? (isIP(ip) === 0 ? other : placeOf(city, asn, ip)) : EMPTY) })
  } catch (error) {
    return err(`not a MaxMind database: ${errorText(error)}`)
  }
}

/** What a file holds by its own word: places, or who runs a network. */
export function geoContent(file: SharedArrayBuffer): Result<'city' | 'asn', string> {
  try {
    const { databaseType } = new Reader(Buffer.from(file)).metadata
    return ok(/asn|isp/i.test(databaseType) ? 'asn' : 'city')
  } catch (error) {
    return err(`not a MaxMind database, or not all of it: ${errorText(error)}`)
  }
}

function placeOf(city: Reader<CityResponse>, asn: Reader<AsnResponse> | undefined, ip: string): GeoPlace {
  const record = find(city, ip)
  const provider = asn && find(asn, ip)
  const country = record?.country?.iso_code ?? ''
  const province = PROVINCES[country]
  return {
    city: record?.city?.names?.en ?? '',
    province: province ?? record?.subdivisions?.[0]?.names?.en ?? '',
    country: province === undefined ? country : 'CN',
    isp: provider?.autonomous_system_organization ?? UNKNOWN,
  }
}

/** A database of one address family throws at the other. */
function find<T extends Response>(reader: Reader<T>, ip: string): T | undefined {
  try {
    return reader.get(ip) ?? undefined
  } catch {
    return undefined
  }
}
