// The app with recording services, for tests of routes.
import type { FastifyInstance } from 'fastify'
import { FakeClock } from '../kernel/clock.ts'
import { AgentError } from '../kernel/errors.ts'
import { silentLogger } from '../kernel/logger.ts'
import { createMetrics } from '../kernel/metrics.ts'
import { ok } from '../kernel/result.ts'
import { runTask } from '../pipeline/lanes/tasks.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import type { FeedOptions } from '../io/feed.ts'
import { createApp, type AppOptions } from './app.ts'
import type { HttpApiSettings } from './settings.ts'

export interface Fed {
  readonly category: Category
  readonly points: readonly Point[]
  readonly options: FeedOptions
}

export interface AppFixture {
  readonly app: FastifyInstance
  readonly clock: FakeClock
  readonly fed: Fed[]
  readonly errors: string[][]
  /** Time-out signals of the feeds. */
  readonly signals: AbortSignal[]
  readonly reloads: { count: number }
  /** The next feeds fail with it. */
  fail: AgentError | undefined
  /** The next feeds wait for it. */
  hold: Promise<void> | undefined
}

export const SETTINGS: HttpApiSettings = {
  publicApis: [],
  timeoutMs: 30_000,
  timeoutText: '30s',
  closeIdleConnection: false,
  rateLimit: { rate: 0, burst: 500, ttlMs: 60_000 },
  disable404Page: false,
  allowedCorsOrigins: [],
}

export async function appFixture(
  settings: Partial<HttpApiSettings> = {},
  rest: Partial<AppOptions> = {},
): Promise<AppFixture> {
  const clock = new FakeClock(1_700_000_000_000)
  let tags: Record<string, string> = { host: 'ws-1', site: 'lab' }
  const fixture = {
    clock,
    fed: [],
    errors: [],
    signals: [],
    reloads: { count: 0 },
    fail: undefined,
    hold: undefined,
  } as unknown as {
    -readonly [K in keyof AppFixture]: AppFixture[K]
  }
  fixture.app = await createApp({
    settings: { ...SETTINGS, ...settings },
    loopbackListener: true,
    version: '1.2.3',
    commit: 'abc',
    startedAt: clock.now() - 62_500,
    clock,
    log: silentLogger,
    metrics: createMetrics(),
    hostname: () => 'ws-1',
    async feed(category, points, options) {
      if (options.signal) fixture.signals.push(options.signal)
      await fixture.hold
      if (fixture.fail) throw fixture.fail
      fixture.fed.push({ category, points, options })
    },
    encodedDoor: () => undefined,
    feedEncoded: () => Promise.resolve(),
    feedBody: () => Promise.resolve(ok('left' as const)),
    dataway: () => undefined,
    reportError: (...args) => void fixture.errors.push(args),
    runScript: (args) => Promise.resolve(ok(runTask('run', args, { clock, timeZone: 'UTC' }))),
    electionEnabled: false,
    globalTags: () => ({ host: tags, election: {} }),
    changeTags(_set, add, remove) {
      tags = Object.fromEntries(Object.entries({ ...tags, ...add }).filter(([key]) => !remove.includes(key)))
      return Promise.resolve(ok(undefined))
    },
    token: () => 'tkn_right',
    reload() {
      fixture.reloads.count++
    },
    ...rest,
  })
  return fixture as AppFixture
}

export const walFull = (): AgentError => new AgentError('WAL_FULL', 'logging')
