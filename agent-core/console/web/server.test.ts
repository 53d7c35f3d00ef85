import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ToConsole } from '../../contract/messages.ts'
import { decodeWire, encodeWire } from '../../contract/wire-json.ts'
import { FakeClock } from '../../kernel/clock.ts'
import { silentLogger } from '../../kernel/logger.ts'
import type { ConsoleHost } from '../host.ts'
import { NONCE_PLACEHOLDER } from './content-security.ts'
import { consolePages } from './pages.ts'
import { serveWebConsole, SOCKET_PATH, type WebConsole } from './server.ts'

/** Sends everything back as the value of a reply, and counts connections. */
class EchoHost implements ConsoleHost {
  open = 0
  disposed = Promise.withResolvers<void>()
  connect(send: (message: ToConsole) => void) {
    this.open++
    return {
      receive: (message: unknown) => send({ t: 'reply', id: 1, ok: true, value: message }),
      dispose: () => {
        this.open--
        this.disposed.resolve()
      },
    }
  }
}

let root: string
let host: EchoHost
let clock: FakeClock
let web: WebConsole

const serve = (port = 0) =>
  serveWebConsole({ host, pages: consolePages(root), clock, log: silentLogger, port })

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'console-pages-'))
  mkdirSync(join(root, 'assets'))
  writeFileSync(join(root, 'index.html'), `<script nonce="${NONCE_PLACEHOLDER}"></script>`)
  writeFileSync(join(root, 'assets/index-1.js'), 'export {}')
  host = new EchoHost()
  clock = new FakeClock()
  const served = await serve()
  if (!served.ok) throw served.error
  web = served.value
})
afterEach(async () => {
  await web.dispose()
  rmSync(root, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`http://127.0.0.1:${web.port}${path}`, { headers, method, redirect: 'manual' })

async function enter(): Promise<Record<string, string>> {
  const answer = await fetch(web.address(), { redirect: 'manual' })
  return { cookie: answer.headers.get('set-cookie')!.split(';')[0]! }
}

async function openSocket(): Promise<WebSocket> {
  const own = `127.0.0.1:${web.port}`
  const socket = new WebSocket(`ws://${own}${SOCKET_PATH}`, {
    headers: { ...(await enter()), origin: `http://${own}` },
  })
  await once(socket, 'open')
  return socket
}

describe('pages', () => {
  test('a fresh nonce a load, the same in header and page', async () => {
    const headers = await enter()
    const nonces = new Set<string>()
    for (let load = 0; load < 3; load++) {
      const answer = await get('/', headers)
      const nonce = /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy')!)![1]!
      expect(await answer.text()).toBe(`<script nonce="${nonce}"></script>`)
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(3)
  })

  test('the policy names no unsafe source', async () => {
    const answer = await get('/', await enter())
    const policy = answer.headers.get('content-security-policy')!
    expect(policy).not.toContain('unsafe')
    expect(policy).not.toContain('*')
    expect(policy).not.toMatch(/https?:/)
  })

  test('hashed files stay in the cache, pages never', async () => {
    const headers = await enter()
    const asset = await get('/assets/index-1.js', headers)
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect((await get('/', headers)).headers.get('cache-control')).toBe('no-store')
  })

  test('a missing build says what to do', async () => {
    rmSync(join(root, 'index.html'))
    const answer = await get('/', await enter())
    expect(answer.status).toBe(500)
    expect(await answer.text()).toContain('npm run build')
  })

  test('only GET and HEAD', async () => {
    const headers = await enter()
    expect((await get('/', headers, 'POST')).status).toBe(405)
    const head = await get('/', headers, 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('sessions', () => {
  test('each address opens once; a reload of it by its owner only leads home', async () => {
    const address = web.address()
    const first = await fetch(address, { redirect: 'manual' })
    expect([first.status, first.headers.get('location')]).toEqual([303, '/'])
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(403)
    expect((await fetch(address, { redirect: 'manual', headers: { cookie } })).status).toBe(303)
  })

  test('a link preview that asks for the head uses no token up', async () => {
    const address = web.address()
    expect((await fetch(address, { method: 'HEAD', redirect: 'manual' })).status).toBe(403)
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(303)
  })

  test('two consoles of one machine do not share a cookie', async () => {
    const other = await serve()
    if (!other.ok) throw other.error
    const { cookie } = await enter()
    expect(cookie).toContain(String(web.port))
    const answer = await fetch(`http://127.0.0.1:${other.value.port}/`, { headers: { cookie: cookie! } })
    expect(answer.status).toBe(403)
    await other.value.dispose()
  })

  test('old addresses and sessions are forgotten, oldest first', async () => {
    const oldest = web.address()
    for (let issued = 0; issued < 8; issued++) web.address()
    expect((await fetch(oldest, { redirect: 'manual' })).status).toBe(403)
    const first = await enter()
    for (let session = 0; session < 32; session++) await enter()
    expect((await get('/', first)).status).toBe(403)
  })
})

describe('sockets', () => {
  test('carries messages both ways and ends its connection with the page', async () => {
    const socket = await openSocket()
    const message = { t: 'call', id: 1, method: 'x', args: { big: 2n ** 63n, none: undefined } }
    socket.send(encodeWire(message))
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(decodeWire(String(data))).toEqual({
      ok: true,
      value: { t: 'reply', id: 1, ok: true, value: message },
    })
    expect(host.open).toBe(1)
    socket.close()
    await host.disposed.promise
    expect(host.open).toBe(0)
  })

  test.each([
    ['text that is no message', '{', 1003],
    ['bytes', Buffer.from([1, 2, 3]), 1003],
    ['more than the bound', 'x'.repeat(5 * 1024 * 1024), 1009],
  ])('%s ends the page', async (_name, data, code) => {
    const socket = await openSocket()
    const closed = once(socket, 'close')
    socket.send(data)
    expect((await closed)[0]).toBe(code)
    await host.disposed.promise
  })

  test('a page that answers no ping is given up', async () => {
    const socket = await openSocket()
    // As a machine that went to sleep: the socket stands, nobody answers.
    socket.pause()
    await clock.advance(60_000)
    await host.disposed.promise
    expect(host.open).toBe(0)
    socket.terminate()
  })
})

describe('listening', () => {
  test('a taken port is an error that names it', async () => {
    const second = await serve(web.port)
    expect(second.ok).toBe(false)
    if (second.ok) return
    expect(second.error.code).toBe('HTTP_PORT_IN_USE')
    expect(second.error.message).toContain(`127.0.0.1:${web.port}`)
  })

  test('dispose ends open pages and frees the port', async () => {
    const socket = await openSocket()
    const closed = once(socket, 'close')
    await web.dispose()
    await closed
    expect(host.open).toBe(0)
    await expect(get('/')).rejects.toThrow('fetch failed')
    const again = await serve(web.port)
    expect(again.ok).toBe(true)
    if (again.ok) await again.value.dispose()
  })
})
