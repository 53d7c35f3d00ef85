// From datakit.conf to what the data path needs.
import { join, isAbsolute } from 'node:path'
import type { DatakitConfig } from './config/settings.ts'
import type { IoSettings } from './io/settings.ts'
import { parseCategory } from './point/category.ts'

export function ioSettings(config: DatakitConfig): IoSettings {
  const { io, dataway } = config
  return {
    maxCacheCount: io.max_cache_count,
    flushIntervalMs: io.flush_interval,
    autoTimestampCorrection: io.auto_timestamp_correction,
    filters: io.filters,
    dataway: {
      urls: datawayUrls(dataway.urls),
      timeoutMs: dataway.timeout_v2,
      httpProxy: dataway.http_proxy,
      maxRawBodySize: dataway.max_raw_body_size,
      contentEncoding: dataway.content_encoding,
      gzip: dataway.gzip,
      maxIdleConnsPerHost: dataway.max_idle_conns_per_host,
      idleTimeoutMs: dataway.idle_timeout,
      dropExpiredMs: dataway.drop_expired_package_at,
      tlsInsecure: dataway.tls_insecure,
      maxRetryCount: Math.min(10, Math.max(1, dataway.max_retry_count)),
      retryDelayMs: dataway.retry_delay,
      enableSinker: dataway.enable_sinker,
      globalCustomerKeys: dataway.global_customer_keys,
      ntp: {
        enable: dataway.ntp.enable,
        intervalMs: dataway.ntp.interval,
        diffMs: dataway.ntp.diff,
      },
      wal: {
        path: isAbsolute(dataway.wal.path) ? dataway.wal.path : join(process.cwd(), dataway.wal.path),
        maxBytes: dataway.wal.max_capacity_gb * 2 ** 30,
        sync: dataway.wal.sync,
        noDropCategories: dataway.wal.no_drop_categories.flatMap((text) => parseCategory(text) ?? []),
      },
    },
  }
}

/** The address `dev_null` switches sending off, whatever stands beside it: the HTTP API and the local store go on. */
function datawayUrls(urls: readonly string[]): readonly string[] {
  const given = urls.map((url) => url.trim()).filter((url) => url !== '')
  return given.includes('dev_null') ? [] : given
}
