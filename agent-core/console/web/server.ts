// The console for a browser: pages and WebSocket over a loopback listener of its own, never http_api's.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import { Scope, type Disposable } from '../../kernel/disposable.ts'
import { ERROR_CODES } from '../../kernel/error-codes.ts'
import { AgentError, errnoOf, errorText } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { ConsoleHost } from '../host.ts'
import { Access } from './access.ts'
import { textAnswer, type PageAnswer, type Pages } from './pages.ts'
import { attachSocket } from './socket.ts'

/** Where the page opens its WebSocket. */
export const SOCKET_PATH = '/rpc'

const LOOPBACK = '127.0.0.1'
const MAX_PAYLOAD = 4 * 1024 * 1024
const MAX_SOCKETS = 32

export interface WebConsoleOptions {
  readonly host: ConsoleHost
  readonly pages: Pages
  readonly clock: Clock
  readonly log: Logger
  /** 0 (default) picks a free port. */
  readonly port?: number
}

export interface WebConsole extends Disposable {
  readonly port: number
  /** An address that opens the console once: each call issues a new token. */
  address(): string
}

/** Listens on 127.0.0.1 only. HTTP_PORT_IN_USE or HTTP_LISTEN when it cannot. */
export async function serveWebConsole(options: WebConsoleOptions): Promise<Result<WebConsole>> {
  const server = createServer({ requestTimeout: 15_000, headersTimeout: 10_000, maxHeaderSize: 16_384 })
  const listening = await listen(server, options.port ?? 0)
  if (!listening.ok) return listening
  const port = listening.value
  const access = new Access(port)
  const scope = new Scope()
  scope.defer(() => closeServer(server))

  server.on('request', (request, response) => {
    void answer(request, access, options)
      .catch((error: unknown) => {
        options.log.error('console page failed', { error: errorText(error) })
        return textAnswer(500, 'The page cannot be read')
      })
      .then((page) => write(response, page, request.method === 'HEAD'))
  })
  scope.add(acceptSockets(server, access, options))

  return ok({
    port,
    address: () => `http://${LOOPBACK}:${port}/?token=${access.issueToken()}`,
    dispose: () => scope.dispose(),
  })
}

async function answer(
  request: IncomingMessage,
  access: Access,
  { pages, log }: WebConsoleOptions,
): Promise<PageAnswer> {
  if (!access.ownOrigin(request.headers, 'optional')) {
    log.warn('console request refused: foreign Host or Origin', refusal(request))
    return textAnswer(403, ERROR_CODES.CONSOLE_FORBIDDEN.message)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return textAnswer(405, 'Method not allowed', { allow: 'GET, HEAD' })
  const [path, query] = splitTarget(request.url ?? '/')
  const token = new URLSearchParams(query).get('token')
  if (path === '/' && token !== null) {
    const cookie = request.method === 'GET' ? access.exchange(token) : undefined
    if (cookie) return welcome(cookie, request.headers['sec-fetch-site'])
    // Somebody who is in already and reloads the printed address.
    if (access.hasSession(request.headers)) return textAnswer(303, 'See /', { location: '/' })
  }
  if (!access.hasSession(request.headers)) {
    const { message, hint } = ERROR_CODES.CONSOLE_FORBIDDEN
    return textAnswer(403, `${message}. ${hint} Each address opens it once.`)
  }
  return pages(path)
}

/**
 * Leads to the pages without the token. A redirect after a link of another site (a web mail, a terminal in a browser)
 * still counts as that site's navigation and would not carry a Strict cookie, so there the page goes on by itself.
 */
function welcome(cookie: string, site: string | string[] | undefined): PageAnswer {
  if (site === undefined || site === 'none' || site === 'same-origin')
    return textAnswer(303, 'See /', { location: '/', 'set-cookie': cookie })
  return {
    ...textAnswer(200, '', { 'set-cookie': cookie, 'content-type': 'text/html; charset=utf-8' }),
    body: '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>DataKit</title>',
  }
}

/** Upgrades pass no request handler, so Host, Origin and session are checked here again. */
function acceptSockets(server: Server, access: Access, options: WebConsoleOptions): Disposable {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const status = refuseUpgrade(request, access, sockets.clients.size)
    if (status !== undefined) {
      options.log.warn('console upgrade refused', { status, ...refusal(request) })
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) => attachSocket(ws, options))
  })
  return {
    async dispose() {
      for (const client of sockets.clients) client.terminate()
      await new Promise<void>((resolve) => {
        sockets.close(() => resolve())
      })
    },
  }
}

function refuseUpgrade(request: IncomingMessage, access: Access, open: number): string | undefined {
  if (!access.ownOrigin(request.headers, 'required')) return '403 Forbidden'
  if (!access.hasSession(request.headers)) return '403 Forbidden'
  if (splitTarget(request.url ?? '/')[0] !== SOCKET_PATH) return '404 Not Found'
  if (open >= MAX_SOCKETS) return '503 Service Unavailable'
  return undefined
}

/** What the log says of a refusal: the path without its query, which may hold a token. */
const refusal = (request: IncomingMessage): Record<string, unknown> => ({
  host: request.headers.host,
  origin: request.headers.origin,
  path: splitTarget(request.url ?? '/')[0],
})

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

function write(response: ServerResponse, page: PageAnswer, headOnly: boolean): void {
  response.writeHead(page.status, { ...page.headers, 'content-length': Buffer.byteLength(page.body) })
  if (headOnly) response.end()
  else response.end(page.body)
}

function listen(server: Server, port: number): Promise<Result<number>> {
  return new Promise((resolve) => {
    server.once('error', (error) => {
      const inUse = errnoOf(error) === 'EADDRINUSE'
      const detail = inUse ? `${LOOPBACK}:${port}` : `${LOOPBACK}:${port}: ${errorText(error)}`
      const hint = inUse ? 'Stop the other program or choose another port for the console.' : undefined
      resolve(err(new AgentError(inUse ? 'HTTP_PORT_IN_USE' : 'HTTP_LISTEN', detail, hint ? { hint } : {})))
    })
    server.listen(port, LOOPBACK, () => resolve(ok((server.address() as AddressInfo).port)))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
