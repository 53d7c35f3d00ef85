// A token bucket for each client address and path: request_rate_limit tokens a second up to request_rate_limit_burst;
// a client that was silent for request_rate_limit_ttl is forgotten.
import type { Clock } from '../kernel/clock.ts'

export interface RateLimitSettings {
  /** Requests a second; 0 = off. */
  readonly rate: number
  readonly burst: number
  readonly ttlMs: number
}

interface Bucket {
  tokens: number
  at: number
}

/** Bounds memory against a flood of made-up addresses. */
const MAX_BUCKETS = 10_000

/** Returns 0 when the call may pass, else ms until it may. */
export function createRateLimit(settings: RateLimitSettings, clock: Clock): (key: string) => number {
  const buckets = new Map<string, Bucket>()
  const burst = Math.max(1, settings.burst)
  if (settings.rate <= 0) return () => 0

  function forget(now: number): void {
    // Least recently used first: a Map keeps the order of insertion, and take() re-inserts.
    for (const [key, bucket] of buckets) {
      if (buckets.size <= MAX_BUCKETS && now - bucket.at < settings.ttlMs) return
      buckets.delete(key)
    }
  }

  return (key) => {
    const now = clock.monotonic()
    forget(now)
    const bucket = buckets.get(key) ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * settings.rate)
    bucket.at = now
    buckets.delete(key)
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / settings.rate) * 1000)
    bucket.tokens--
    return 0
  }
}
