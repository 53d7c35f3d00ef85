// From datakit.conf and the agent's rooms to the HTTP API's settings and services.
import { readFileSync } from 'node:fs'
import type { Agent } from './agent.ts'
import { formatGoDuration } from './config/duration.ts'
import type { DatakitConfig } from './config/settings.ts'
import { createApp, type AppOptions } from './http/app.ts'
import { isLoopback } from './http/access.ts'
import { createHttpServer, parseListen, type HttpServer } from './http/server.ts'
import type { HttpApiSettings } from './http/settings.ts'
import { AgentError, errorText } from './kernel/errors.ts'

/** The API on http_api.listen and, where given, on the unix socket http_api.listen_socket; state() is the first one's. */
export function httpServers(agent: Agent): HttpServer {
  const { listen, listen_socket: socket } = agent.config.http_api
  const first = serve(agent, listen)
  if (socket === '' || process.platform === 'win32') return first
  const second = serve(agent, socket, 0o722)
  return {
    ...first,
    // What is wrong with either must show.
    state: () =>
      first.state().error ? first.state() : second.state().error ? second.state() : first.state(),
    start: async () => void (await Promise.all([first.start(), second.start()])),
    stop: async () => void (await Promise.all([first.stop(), second.stop()])),
  }
}

function serve(agent: Agent, listen: string, socketMode?: number): HttpServer {
  const address = parseListen(listen)
  const loopbackListener =
    !(address instanceof AgentError) && (!('host' in address) || isLoopback(address.host))
  return createHttpServer({
    settings: { listen, ...(socketMode === undefined ? {} : { socketMode }) },
    clock: agent.clock,
    log: agent.log.child({ room: 'http' }),
    createApp: () => createApp(appOptions(agent, loopbackListener)),
    onChange: ({ error }) => {
      if (error) agent.events.add('http_failed', { listen, message: error.message }, 'error')
    },
  })
}

function appOptions(agent: Agent, loopbackListener: boolean): AppOptions {
  const { facts, clock, metrics } = agent
  const errors = metrics.counter('datakit_error_total', 'Errors by source', ['source', 'category'])
  return {
    settings: httpSettings(agent.config),
    loopbackListener,
    log: agent.log.child({ room: 'http' }),
    version: facts.version,
    commit: facts.commit,
    startedAt: facts.startedAt,
    clock,
    metrics,
    hostname: () => facts.host,
    feed: agent.feed,
    ...agent.byteDoors,
    dataway: () => agent.dataPath.clients[0],
    reportError(input, source, message) {
      errors.inc({ source: input, category: 'unknown' })
      agent.log.warn('reported from outside', { input, source, message })
      agent.events.add('error_reported', { input, message: message.slice(0, 300) }, 'error')
    },
    runScript: (args, budgetMs) => agent.pipeline.pool.task('run', args, budgetMs),
    electionEnabled: agent.config.election.enable,
    globalTags: () => agent.tags,
    changeTags: (...change) => agent.changeTags(...change),
    token: () => agent.dataPath.clients[0]?.endpoint.token,
    reload: () =>
      void agent
        .reload()
        .catch((error: unknown) => agent.log.error('reload failed', { error: errorText(error) })),
  }
}

function httpSettings(config: DatakitConfig): HttpApiSettings {
  const http = config.http_api
  const tls = readTls(http.tls)
  return {
    publicApis: http.public_apis,
    timeoutMs: http.timeout,
    timeoutText: formatGoDuration(http.timeout),
    closeIdleConnection: http.close_idle_connection,
    rateLimit: {
      rate: http.request_rate_limit,
      burst: http.request_rate_limit_burst,
      ttlMs: http.request_rate_limit_ttl,
    },
    disable404Page: http.disable_404page,
    allowedCorsOrigins: http.allowed_cors_origins,
    ...(tls ? { tls } : {}),
  }
}

/** TLS that was asked for and cannot be loaded throws: the server then stays closed rather than speak plain HTTP. */
function readTls(tls: DatakitConfig['http_api']['tls']): { cert: Buffer; key: Buffer } | undefined {
  if (tls.cert === '' && tls.privkey === '') return undefined
  if (tls.cert === '' || tls.privkey === '')
    throw new AgentError('HTTP_TLS', `http_api.tls.${tls.cert === '' ? 'cert' : 'privkey'} is missing`)
  try {
    return { cert: readFileSync(tls.cert), key: readFileSync(tls.privkey) }
  } catch (error) {
    throw new AgentError('HTTP_TLS', errorText(error), { cause: error })
  }
}
