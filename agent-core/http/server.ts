// The agent's HTTP API (spec points-io-http.md section 4): listens, goes on trying while the port is taken, and says
// who holds it. Route groups are files in routes/.
import { chmod, lstat, unlink } from 'node:fs/promises'
import { connect, createServer, isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import { AgentError, errnoOf, errorText } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import { portHolder } from './port-holder.ts'

export interface HttpSettings {
  /** `host:port`, or the absolute path of a unix socket. */
  readonly listen: string
  /** File mode of a unix socket. */
  readonly socketMode?: number
}

export interface HttpState {
  readonly listen: string
  readonly state: 'listening' | 'retrying' | 'off'
  readonly error: AgentError | null
}

export interface HttpServer {
  state(): HttpState
  /** Port in use; 0 while not listening. */
  port(): number
  /** Resolves after the first attempt, successful or not; later attempts go on by themselves. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface HttpOptions {
  readonly settings: HttpSettings
  readonly clock: Clock
  readonly log: Logger
  /** Builds the app; called anew for each attempt, since a fastify instance listens once. */
  createApp(): Promise<FastifyInstance>
  onChange?(state: HttpState): void
}

const RETRY_MS = 1000

type Address = { host: string; port: number } | { path: string }

/** `localhost` means 127.0.0.1; anything else must be a literal address, or an absolute path. */
export function parseListen(listen: string): Address | AgentError {
  if (listen.startsWith('/')) return { path: listen }
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen)
  const port = Number(match?.[3])
  if (!match || port > 65535) return new AgentError('HTTP_LISTEN', `"${listen}" is not address:port`)
  const host = match[1] ?? match[2]!
  if (host === 'localhost') return { host: '127.0.0.1', port }
  if (host === '') return { host: '0.0.0.0', port }
  if (isIP(host) === 0)
    return new AgentError('HTTP_LISTEN', `"${host}" is a name`, { hint: 'Give an IP address, or localhost.' })
  return { host, port }
}

export function createHttpServer(options: HttpOptions): HttpServer {
  const { clock, log, settings } = options
  const stopping = new AbortController()
  let app: FastifyInstance | undefined
  let state: HttpState = { listen: settings.listen, state: 'off', error: null }
  let retrying: Promise<void> | undefined

  function change(next: Omit<HttpState, 'listen'>): void {
    const changed = next.state !== state.state || next.error?.message !== state.error?.message
    state = { listen: settings.listen, ...next }
    if (!changed) return
    if (next.error) log.error(next.error.message, { code: next.error.code })
    options.onChange?.(state)
  }

  /** True when it listens. */
  async function attempt(address: Address): Promise<boolean> {
    let candidate: FastifyInstance | undefined
    try {
      candidate = await options.createApp()
      await removeStaleSocket(address)
      await candidate.listen(address)
      if ('path' in address && settings.socketMode !== undefined)
        await chmod(address.path, settings.socketMode)
      app = candidate
      change({ state: 'listening', error: null })
      log.info('HTTP API listens', { listen: settings.listen, port: portOf(candidate) })
      return true
    } catch (error) {
      await candidate?.close().catch(() => {})
      change({ state: 'retrying', error: await listenError(error, settings.listen, address) })
      return false
    }
  }

  async function retry(address: Address): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(RETRY_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      await removeStaleSocket(address)
      if ((await isFree(address)) && (await attempt(address))) return
    }
  }

  return {
    state: () => state,
    port: () => (app ? portOf(app) : 0),
    async start() {
      const address = parseListen(settings.listen)
      if (address instanceof AgentError) return change({ state: 'off', error: address })
      if (!(await attempt(address))) retrying = retry(address)
    },
    async stop() {
      stopping.abort()
      await retrying
      await app?.close()
      app = undefined
      change({ state: 'off', error: null })
    },
  }
}

/** A killed agent leaves its socket's file behind: nobody answers there, and nobody could listen there again. */
async function removeStaleSocket(address: Address): Promise<void> {
  if (!('path' in address)) return
  const { path } = address
  const isSocket = await lstat(path).then(
    (found) => found.isSocket(),
    () => false,
  )
  if (isSocket && !(await isAnswered(path))) await unlink(path).catch(() => {})
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error) => resolve(errnoOf(error) !== 'ECONNREFUSED'))
  })
}

/** A bare probe: cheaper each second than building the app and looking for the holder again. */
function isFree(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(address, () => probe.close(() => resolve(true)))
  })
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  return address && typeof address === 'object' ? address.port : 0
}

async function listenError(error: unknown, listen: string, address: Address): Promise<AgentError> {
  if (error instanceof AgentError) return error
  if (/^ERR_(OSSL|SSL|TLS)/.test(String((error as { code?: unknown }).code)))
    return new AgentError('HTTP_TLS', errorText(error), { cause: error })
  if (errnoOf(error) !== 'EADDRINUSE' || !('port' in address))
    return new AgentError('HTTP_LISTEN', `${listen}: ${errorText(error)}`, { cause: error })
  const holder = await portHolder(address.port)
  const who = holder ? ` by ${holder.name} (pid ${holder.pid})` : ''
  return new AgentError('HTTP_PORT_IN_USE', `${listen} is taken${who}`, {
    data: { port: address.port, ...(holder ? { pid: holder.pid, process: holder.name } : {}) },
  })
}
