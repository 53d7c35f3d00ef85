import { describe, expect, it } from 'vitest'
import { FakeClock } from '../kernel/clock.ts'
import { createRateLimit } from './rate-limit.ts'

const passes = (limit: (key: string) => number, n: number, key = 'a /x'): boolean[] =>
  Array.from({ length: n }, () => limit(key) === 0)

describe('rate limit', () => {
  it('lets request_rate_limit_burst through at once, then request_rate_limit a second, for each key', async () => {
    const clock = new FakeClock()
    const limit = createRateLimit({ rate: 2, burst: 3, ttlMs: 60_000 }, clock)
    expect(passes(limit, 4)).toEqual([true, true, true, false])
    expect(passes(limit, 1, 'b /x')).toEqual([true])
    expect(limit('a /x')).toBe(500)
    await clock.advance(500)
    expect(passes(limit, 2)).toEqual([true, false])
  })

  it('forgets a client that was silent for request_rate_limit_ttl, and no other', async () => {
    const clock = new FakeClock()
    const limit = createRateLimit({ rate: 0.001, burst: 2, ttlMs: 60_000 }, clock)
    expect(passes(limit, 3)).toEqual([true, true, false])
    expect(passes(limit, 3, 'b /x')).toEqual([true, true, false])
    await clock.advance(30_000)
    expect(limit('b /x')).toBeGreaterThan(0)
    await clock.advance(30_000)
    expect(passes(limit, 3)).toEqual([true, true, false])
    expect(limit('b /x')).toBeGreaterThan(0)
  })

  it('is off at 0', () => {
    const limit = createRateLimit({ rate: 0, burst: 0, ttlMs: 1 }, new FakeClock())
    expect(passes(limit, 500)).not.toContain(false)
  })
})
