// What scripts need from outside, as ports, and what a script keeps between points.
import type { Clock } from '../kernel/clock.ts'
import type { Value } from './language/value.ts'
import type { AggregationBuckets } from './state/aggregation.ts'
import type { ScriptCache } from './state/cache.ts'
import type { ContextWindows } from './state/window.ts'

/** Reference tables by name. */
export interface ReferTables {
  /** First row whose named columns equal the values (types count too): column name to value. Undefined = none. */
  find(
    table: string,
    columns: readonly string[],
    values: readonly Value[],
  ): ReadonlyMap<string, Value> | undefined
}

/** The address database. Undefined = the address cannot be looked up (no database object, invalid address). */
export interface GeoDatabase {
  lookup(ip: string): GeoPlace | undefined
}

export interface GeoPlace {
  readonly city: string
  readonly province: string
  /** ISO code. */
  readonly country: string
  readonly isp: string
}

export interface HttpReply {
  readonly status: number
  readonly body: string
}

/** A request that blocks until it is answered; undefined for anything that fails or is not allowed. */
export type HttpRequest = (request: {
  readonly method: string
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string | undefined
}) => HttpReply | undefined

export interface Environment {
  readonly clock: Pick<Clock, 'now' | 'nowNs'>
  /** IANA name of the host's zone. */
  readonly timeZone: string
  readonly referTables?: ReferTables
  readonly geo?: GeoDatabase
  readonly http?: HttpRequest
}

/** Lives as long as a script is loaded; lost when it is replaced. */
export interface ScriptState {
  readonly cache: ScriptCache
  readonly windows: ContextWindows
  readonly aggregation: AggregationBuckets
}
