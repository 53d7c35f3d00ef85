// What scripts need from outside, opened for one run: a command's, or a task's in a lane.
import type { Environment } from '../environment.ts'
import { openGeoDatabase, type GeoFiles } from './geo-database.ts'
import { openReferTables, type ReferSource } from './refer-source.ts'

export interface EnvironmentSources {
  readonly referTables?: ReferSource | undefined
  readonly geo?: GeoFiles | undefined
}

/** What cannot be opened is left out, as if there were none. */
export function openEnvironment(
  base: Pick<Environment, 'clock' | 'timeZone' | 'http'>,
  { referTables, geo }: EnvironmentSources,
): { readonly environment: Environment; close(): void } {
  const tables = referTables && openReferTables(referTables)
  const places = geo && openGeoDatabase(geo)
  return {
    environment: {
      clock: base.clock,
      timeZone: base.timeZone,
      ...(base.http ? { http: base.http } : {}),
      ...(tables?.ok ? { referTables: tables.value } : {}),
      ...(places?.ok ? { geo: places.value } : {}),
    },
    close: () => void (tables?.ok && tables.value.close()),
  }
}
