// Where an address is, from MaxMind databases that the user installed (GeoLite2 City, and ASN for the provider).
import { isIP } from 'node:net'
import { Reader, type AsnResponse, type CityResponse, type Response } from 'mmdb-lib'
import { errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { GeoDatabase, GeoPlace } from '../environment.ts'

/** Regions that the product shows as provinces. */
const PROVINCES: Readonly<Record<string, string>> = { TW: 'Taiwan', HK: 'Hong Kong', MO: 'Macao' }

const UNKNOWN = 'unknown'

/**
 * Opens the contents of database files. Without a city database every place is empty, which is what scripts get when
 * the product's file is not installed; a file that is no database is an error.
 */
export function openGeoDatabase(files: {
  readonly city?: Buffer
  readonly asn?: Buffer
}): Result<GeoDatabase, string> {
  try {
    const city = files.city && new Reader<CityResponse>(files.city)
    const asn = files.asn && new Reader<AsnResponse>(files.asn)
    return ok({ lookup: (ip) => (city ? placeOf(city, asn, ip) : EMPTY) })
  } catch (error) {
    return err(`not a MaxMind database: ${errorText(error)}`)
  }
}

const EMPTY: GeoPlace = { city: '', province: '', country: '', isp: '' }

function placeOf(
  city: Reader<CityResponse>,
  asn: Reader<AsnResponse> | undefined,
  ip: string,
): GeoPlace | undefined {
  if (isIP(ip) === 0) return undefined
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
