// What the HTTP API needs of datakit.conf `[http_api]`, durations in ms.
import type { RateLimitSettings } from './rate-limit.ts'

export interface HttpApiSettings {
  readonly publicApis: readonly string[]
  /** 0 = none. */
  readonly timeoutMs: number
  /** The time-out as people write it, for the 408 text. */
  readonly timeoutText: string
  readonly closeIdleConnection: boolean
  readonly rateLimit: RateLimitSettings
  readonly disable404Page: boolean
  readonly allowedCorsOrigins: readonly string[]
  /** PEM texts; undefined = plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
}
