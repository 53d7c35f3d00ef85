// The fastify app: access, limits, time-outs, headers and metrics declared once, then the route groups.
import cors from '@fastify/cors'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { AgentError, errorText } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { createAccess } from './access.ts'
import { createRateLimit } from './rate-limit.ts'
import { refuse, unavailable } from './reply.ts'
import { registerAgent, type AgentRoutes } from './routes/agent.ts'
import { registerDataway, type DatawayRoutes } from './routes/dataway.ts'
import { registerPipelineDebug, type PipelineDebugRoutes } from './routes/pipeline-debug.ts'
import { registerStatus, type StatusRoutes } from './routes/status.ts'
import { registerWrite, type WriteRoutes } from './routes/write.ts'
import type { HttpApiSettings } from './settings.ts'

export interface AppOptions
  extends StatusRoutes, WriteRoutes, DatawayRoutes, AgentRoutes, PipelineDebugRoutes {
  readonly settings: HttpApiSettings
  readonly loopbackListener: boolean
  readonly log: Logger
}

/** Bytes of a body as it arrives. */
const MAX_BODY_BYTES = 64 * 1024 * 1024
/** Bytes of all bodies under way, and what a body of unknown length counts. */
const MAX_HELD_BYTES = 256 * 1024 * 1024
const UNKNOWN_BODY_BYTES = 64 * 1024

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { settings } = options
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    ...(settings.closeIdleConnection ? { connectionTimeout: settings.timeoutMs } : {}),
    ...(settings.tls ? { https: settings.tls } : {}),
  }) as unknown as FastifyInstance
  // Bodies are read by their routes: what a client calls them decides, not what a parser believes.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addHeaders(app, options)
  addTimeout(app, options)
  addMetrics(app, options)
  await app.register(cors, {
    origin: settings.allowedCorsOrigins.length > 0 ? [...settings.allowedCorsOrigins] : true,
    methods: ['POST', 'OPTIONS', 'GET', 'PUT'],
    credentials: true,
    maxAge: 7200,
    strictPreflight: false,
  })
  addAccess(app, options)
  addMemoryBound(app)
  app.setErrorHandler((error, _request, reply) => onError(error, reply, options.log))
  app.setNotFoundHandler((_request, reply) => notFound(reply, settings.disable404Page))
  registerStatus(app, options)
  registerWrite(app, options)
  registerDataway(app, options)
  registerAgent(app, options)
  registerPipelineDebug(app, options)
  return app
}

function addHeaders(app: FastifyInstance, options: AppOptions): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('X-DataKit', `${options.version}/${options.hostname()}`)
    reply.header('X-Content-Type-Options', 'nosniff')
    done()
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborts when the time-out has answered for the handler: what it still holds must not be kept. */
    timedOut: AbortSignal
  }
}

const NEVER = new AbortController().signal

/** Everything about a request, its body too, must be over in time; then the client hears 408. */
function addTimeout(app: FastifyInstance, { clock, settings }: AppOptions): void {
  app.decorateRequest('timedOut', null as unknown as AbortSignal)
  app.addHook('onRequest', (request, reply, done) => {
    request.timedOut = NEVER
    if (settings.timeoutMs <= 0) return done()
    const abort = new AbortController()
    request.timedOut = abort.signal
    const timer = clock.after(settings.timeoutMs, () => {
      abort.abort()
      if (!reply.sent)
        void reply
          .code(408)
          .header('connection', 'close')
          .type('text/plain')
          .send(`timeout(${settings.timeoutText})`)
    })
    reply.raw.once('close', () => timer.dispose())
    done()
  })
}

function addAccess(app: FastifyInstance, options: AppOptions): void {
  const { settings, clock } = options
  const access = createAccess({ publicApis: settings.publicApis, loopbackListener: options.loopbackListener })
  const limit = createRateLimit(settings.rateLimit, clock)
  app.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?')[0]!
    const refusal = access(path, {
      address: request.socket.remoteAddress ?? '',
      host: request.headers.host,
      proxied: request.headers['x-forwarded-for'] !== undefined || request.headers['x-real-ip'] !== undefined,
    })
    if (refusal) return void refuse(reply, 403, refusal)
    const wait = request.is404 ? 0 : limit(`${request.ip} ${path}`)
    if (wait > 0) {
      reply.header('retry-after', String(Math.ceil(wait / 1000)))
      return void refuse(reply, 429, 'reachMaxAPILimit')
    }
    done()
  })
}

/** Bodies are held whole while they are read: all together they get so much memory, then callers come again. */
function addMemoryBound(app: FastifyInstance): void {
  let held = 0
  app.addHook('onRequest', (request, reply, done) => {
    const length = Number(request.headers['content-length'] ?? 0)
    const bytes = length > 0 ? Math.min(length, MAX_BODY_BYTES) : UNKNOWN_BODY_BYTES
    if (held > 0 && held + bytes > MAX_HELD_BYTES)
      return void unavailable(reply, new AgentError('IO_QUEUE_FULL', 'too many bodies at once'))
    held += bytes
    reply.raw.once('close', () => void (held -= bytes))
    done()
  })
}

function addMetrics(app: FastifyInstance, { metrics }: AppOptions): void {
  const labels = ['api', 'method', 'status'] as const
  const total = metrics.counter('datakit_http_api_total', 'HTTP requests', labels)
  const elapsed = metrics.summary('datakit_http_api_elapsed_seconds', 'Time of HTTP requests', labels)
  const size = metrics.summary('datakit_http_api_req_size_bytes', 'Bodies of HTTP requests', labels)
  app.addHook('onResponse', (request: FastifyRequest, reply, done) => {
    const api = request.routeOptions.url ?? 'unknown'
    const label = { api, method: request.method, status: String(reply.statusCode) }
    total.inc(label)
    elapsed.observe(label, reply.elapsedTime / 1000)
    size.observe(label, Number(request.headers['content-length'] ?? 0))
    done()
  })
}

function onError(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode ?? 500
  if (status === 413)
    return refuse(reply, 413, 'bodyTooLarge', `the body is longer than ${MAX_BODY_BYTES} bytes`)
  if (status >= 400 && status < 500) return refuse(reply, status, 'decodeBodyFailed', errorText(error))
  log.error('HTTP handler failed', { error: error instanceof Error ? error.stack : errorText(error) })
  return unavailable(reply, new AgentError('KERNEL_BUG', 'see the log'))
}

function notFound(reply: FastifyReply, plain: boolean): FastifyReply {
  if (plain) return reply.code(404).type('text/plain').send('404 page not found')
  return reply.code(404).type('text/html; charset=utf-8').send(NOT_FOUND_PAGE)
}

const NOT_FOUND_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>DataKit</title></head>
<body><h1>404</h1><p>There is no such API. This is the HTTP API of DataKit: data comes in by
<code>POST /v1/write/&lt;category&gt;</code>, <a href="/v1/ping">/v1/ping</a> says whether it runs,
<a href="/metrics">/metrics</a> shows its own numbers.</p></body></html>
`
