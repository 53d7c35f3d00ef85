// GET /v1/ping and /metrics.
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../kernel/clock.ts'
import type { Metrics } from '../../kernel/metrics.ts'

export interface StatusRoutes {
  readonly version: string
  readonly commit: string
  readonly startedAt: number
  readonly clock: Clock
  readonly metrics: Metrics
  hostname(): string
}

export function registerStatus(app: FastifyInstance, parts: StatusRoutes): void {
  app.get('/v1/ping', () => ({
    content: {
      version: parts.version,
      uptime: formatUptime(parts.clock.now() - parts.startedAt),
      host: parts.hostname(),
      commit: parts.commit,
    },
  }))
  app.get('/metrics', async (_request, reply) => {
    const text = await parts.metrics.text()
    return reply.type(parts.metrics.registry.contentType).send(text)
  })
}

/** As Go prints a duration: `1h2m3.5s`. */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  const h = Math.floor(seconds / 3600)
  const m = Math.floor((seconds % 3600) / 60)
  const s = Number((seconds % 60).toFixed(3))
  return `${h > 0 ? `${h}h` : ''}${h > 0 || m > 0 ? `${m}m` : ''}${s}s`
}
