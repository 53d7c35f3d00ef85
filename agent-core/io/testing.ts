// A data path for tests: quick back-off, no clock and no rules asked for, files below one directory.
import { join } from 'node:path'
import { systemClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { createMetrics } from '../kernel/metrics.ts'
import { createDataPath, type DataPath, type DataPathOptions } from './data-path.ts'
import { createLedger } from './ledger.ts'
import type { DatawaySettings, IoSettings, WalSettings } from './settings.ts'
import { Tap } from './tap.ts'

export type DatawayGiven = Omit<Partial<DatawaySettings>, 'wal'> & { readonly wal?: Partial<WalSettings> }

export function datawaySettings(
  dir: string,
  urls: readonly string[],
  { wal, ...rest }: DatawayGiven = {},
): DatawaySettings {
  return {
    urls,
    timeoutMs: 2000,
    httpProxy: '',
    maxRawBodySize: 1024 * 1024,
    contentEncoding: 'v2',
    gzip: false,
    maxIdleConnsPerHost: 8,
    idleTimeoutMs: 10_000,
    dropExpiredMs: 0,
    tlsInsecure: false,
    maxRetryCount: 1,
    retryDelayMs: 10,
    enableSinker: false,
    globalCustomerKeys: [],
    ntp: { enable: false, intervalMs: 60_000, diffMs: 5000 },
    wal: { path: join(dir, 'wal'), maxBytes: 1e8, sync: 'interval', noDropCategories: [], ...wal },
    ...rest,
  }
}

export function testDataPath(
  dir: string,
  dataway: DatawaySettings,
  io: Partial<IoSettings> = {},
  rest: Partial<DataPathOptions> = {},
): DataPath {
  const metrics = createMetrics()
  return createDataPath({
    settings: {
      maxCacheCount: 1000,
      flushIntervalMs: 20,
      autoTimestampCorrection: true,
      filters: {},
      dataway,
      ...io,
    },
    tags: { host: { host: 'ws-1', site: 'lab' }, election: { zone: 'z' } },
    facts: { version: '0.0.0', hostname: 'ws-1', os: 'linux', arch: 'x64' },
    clock: systemClock,
    log: silentLogger,
    metrics,
    ledger: createLedger(metrics),
    tap: new Tap(systemClock),
    pullFile: join(dir, '.pull'),
    ...rest,
  })
}
