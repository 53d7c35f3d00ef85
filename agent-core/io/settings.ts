// What the data path needs of the configuration, in ms and bytes. The agent maps datakit.conf onto it.
import type { Category } from '../point/category.ts'

export interface WalSettings {
  readonly path: string
  readonly maxBytes: number
  readonly sync: 'interval' | 'always'
  /** At the cap these block instead of dropping. */
  readonly noDropCategories: readonly Category[]
}

/** `[dataway.ntp]`. */
export interface NtpSettings {
  readonly enable: boolean
  readonly intervalMs: number
  /** Smaller differences of the clocks count as none. */
  readonly diffMs: number
}

export interface DatawaySettings {
  /** Empty: local-only. */
  readonly urls: readonly string[]
  readonly timeoutMs: number
  readonly httpProxy: string
  readonly maxRawBodySize: number
  readonly contentEncoding: 'v1' | 'v2'
  readonly gzip: boolean
  readonly maxIdleConnsPerHost: number
  readonly idleTimeoutMs: number
  /** Older data is dropped at sending; 0 = never. */
  readonly dropExpiredMs: number
  readonly tlsInsecure: boolean
  /** Attempts of a call that is no write, 1 to 10: writes stay in the WAL until they are taken. */
  readonly maxRetryCount: number
  /** Base of every back-off. */
  readonly retryDelayMs: number
  readonly enableSinker: boolean
  readonly globalCustomerKeys: readonly string[]
  readonly ntp: NtpSettings
  readonly wal: WalSettings
}

export interface IoSettings {
  readonly maxCacheCount: number
  readonly flushIntervalMs: number
  readonly autoTimestampCorrection: boolean
  /** [io.filters]; empty: the DataWay is asked. */
  readonly filters: Readonly<Record<string, readonly string[]>>
  readonly dataway: DatawaySettings
}

/** object and custom_object have their own small cap (spec points-io-http.md section 2.3). */
export function walCapacity(category: Category, settings: WalSettings): number {
  const small = category === 'object' || category === 'custom_object'
  return small ? Math.min(128 * 1024 * 1024, settings.maxBytes) : settings.maxBytes
}
