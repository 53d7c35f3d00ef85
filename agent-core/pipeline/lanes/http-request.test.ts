// http_request in scripts of real lanes, against servers on this machine.
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Scope } from '../../kernel/disposable.ts'
import { loopbackServer } from '../testdata/loopback-server.ts'
import { field, log, points, runningPipeline } from '../testdata/running-pipeline.ts'
import { ScriptRequests, type RequestRules } from './ask-server.ts'
import { isInternal } from './internal-address.ts'

const OPEN: RequestRules = { disabled: false, hosts: [], networks: [], noInternal: false }
const INSIDE_REFUSED: RequestRules = { ...OPEN, noInternal: true }
const SCRIPT = `
  r = http_request("GET", message)
  add_key(refused, r == nil)
  if r != nil {
    add_key(code, r["status_code"])
    add_key(body, r["body"])
  }
`

let dir = ''
let scope = new Scope()
let seen: IncomingMessage[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'http-request-'))
  scope = new Scope()
  seen = []
})
afterEach(async () => {
  await scope.dispose()
  rmSync(dir, { recursive: true, force: true })
})

const server = (handle: RequestListener = (_, response) => response.end('hello')) =>
  loopbackServer(scope, (request, response) => {
    seen.push(request)
    handle(request, response)
  })

/** Runs the script on each text as the message; gives its fields. */
async function lane(rules: RequestRules, script = SCRIPT, budgetMs = 2000) {
  const { run } = await runningPipeline(
    scope,
    dir,
    { 'pipeline/a.p': script },
    { settings: { requests: rules, budgetMs } },
  )
  return async (message: string): Promise<Record<string, unknown>> => {
    const [point] = points(await run('logging', log('a', message)))
    return Object.fromEntries(
      Object.keys(point?.fields ?? {})
        .filter((key) => key !== 'message' && key !== 'status')
        .map((key) => [key, field(point, key)]),
    )
  }
}

const ANSWERED = { refused: false, code: '200', body: 'hello' }
const REFUSED = { refused: true }

describe('http_request', () => {
  it('answers with status and body', async () => {
    const { url } = await server()
    const ask = await lane(OPEN)
    expect(await ask(`${url}/x?y=1`)).toEqual(ANSWERED)
    expect(seen.map(({ method, url: path }) => [method, path])).toEqual([['GET', '/x?y=1']])
    expect(await ask('http://127.0.0.1:1/')).toEqual(REFUSED)
    expect(await ask('ftp://127.0.0.1/')).toEqual(REFUSED)
    expect(await ask('no address')).toEqual(REFUSED)
  })

  it('sends method, headers and body', async () => {
    const bodies: string[] = []
    const { url } = await server(async (request, response) => {
      let body = ''
      for await (const part of request) body += String(part)
      bodies.push(`${request.method} ${request.headers['x-k']} ${body}`)
      response.end('hello')
    })
    const ask = await lane(OPEN, `http_request("post", message, {"X-K": "v", "n": 1}, {"a": [1]})`)
    await ask(url)
    expect(bodies).toEqual(['POST v {"a":[1]}'])
    expect(seen[0]!.headers['n']).toBeUndefined()
  })

  it('does not ask what is inside, however it is written', async () => {
    const { port } = await server()
    const ask = await lane(INSIDE_REFUSED)
    for (const host of [
      '127.0.0.1',
      '127.0.0.1.',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '0',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      'localhost',
      'LOCALHOST.',
      '１２７.0.0.1',
    ])
      expect([host, await ask(`http://${host}:${port}/`)]).toEqual([host, REFUSED])
    expect(seen).toEqual([])
    // The control: the same server is asked where that is allowed.
    const allowed = await lane(OPEN)
    for (const host of ['2130706433', 'localhost'])
      expect([host, await allowed(`http://${host}:${port}/`)]).toEqual([host, ANSWERED])
  })

  it('does not follow a redirect to where it may not ask', async () => {
    const inner = await server()
    const outer = await server((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/secret` }).end()
    })
    // "localhost" is on the list, the address that it redirects to is not.
    const ask = await lane({ ...INSIDE_REFUSED, hosts: ['localhost'] })
    expect(await ask(`http://localhost:${outer.port}/`)).toEqual(REFUSED)
    expect(seen.map(({ url }) => url)).toEqual(['/'])
  })

  it.each([
    ['a listed host', { hosts: ['LocalHost'] }, 'localhost', ANSWERED],
    ['a host that is not listed', { hosts: ['example.org'] }, 'localhost', REFUSED],
    ['an address in a listed network', { networks: ['127.0.0.0/8'] }, '127.0.0.1', ANSWERED],
    ['that address wrapped in IPv6', { networks: ['127.0.0.0/8'] }, '[::ffff:127.0.0.1]', ANSWERED],
    ['a name of such an address', { networks: ['127.0.0.1'] }, 'localhost', ANSWERED],
    ['an address in no listed network', { networks: ['10.0.0.0/8'] }, '127.0.0.1', REFUSED],
    [
      'a listed host beside networks',
      { hosts: ['localhost'], networks: ['10.0.0.0/8'] },
      'localhost',
      ANSWERED,
    ],
    ['anything where it is off', { disabled: true, hosts: ['localhost'] }, 'localhost', REFUSED],
  ])('asks by its rules: %s', async (_, rules, host, wanted) => {
    const { port } = await server()
    const ask = await lane({ ...INSIDE_REFUSED, ...rules })
    expect(await ask(`http://${host}:${port}/`)).toEqual(wanted)
  })

  it('gives nil when the answer takes too long, and the script goes on', async () => {
    const { url } = await server(() => {})
    const ask = await lane(OPEN, SCRIPT, 600)
    expect(await ask(url)).toEqual(REFUSED)
    const slow = await server((_, response) => void response.write('half'))
    expect(await ask(slow.url)).toEqual(REFUSED)
  })

  it('gives nil when the answer is longer than 4 MiB, announced or not', async () => {
    const CAP = 4 * 1024 * 1024
    const { url } = await server((request, response) => {
      const size = CAP + Number(request.url!.slice(2))
      if (request.url!.startsWith('/a')) response.setHeader('content-length', size)
      response.write('x'.repeat(size))
      response.end()
    })
    const ask = await lane(
      OPEN,
      'r = http_request("GET", message)\nif r != nil { add_key(size, len(r["body"])) }',
    )
    for (const kind of ['a', 'c']) {
      expect(await ask(`${url}/${kind}0`)).toEqual({ size: String(CAP) })
      expect(await ask(`${url}/${kind}1`)).toEqual({})
    }
  })
})

describe('requests of scripts', () => {
  const request = { id: 1, timeoutMs: 1000, method: 'GET', headers: [], body: undefined }
  const { signal } = new AbortController()
  const asking = (rules: RequestRules, resolve?: LookupFunction): ScriptRequests =>
    scope.add(new ScriptRequests(rules, resolve))

  it('go to the address that was judged: a name that means something else the next time gains nothing', async () => {
    const { port } = await server()
    let asked = 0
    // First a server outside, then, with no time to live, this machine.
    const rebinding: LookupFunction = (_, __, callback) =>
      callback(null, [{ address: asked++ === 0 ? '192.0.2.1' : '127.0.0.1', family: 4 }])
    const requests = asking(INSIDE_REFUSED, rebinding)
    const url = `http://rebinding.test:${port}/`
    const late = AbortSignal.timeout(200)
    await expect(requests.ask({ ...request, url }, late)).rejects.toThrow(/./)
    await expect(requests.ask({ ...request, url }, signal)).rejects.toThrow('may not ask rebinding.test')
    expect([asked, seen.length]).toEqual([2, 0])
  })

  it('take the allowed ones of several addresses', async () => {
    const { port } = await server()
    const both: LookupFunction = (_, __, callback) =>
      callback(null, [
        { address: '192.0.2.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const requests = asking({ ...OPEN, networks: ['127.0.0.0/8'] }, both)
    const reply = await requests.ask({ ...request, url: `http://two.test:${port}/` }, signal)
    expect(reply).toEqual({ status: 200, body: 'hello' })
  })

  it('follow redirects as browsers do, and leave secrets behind when the server changes', async () => {
    const other = await server()
    const { url } = await server((incoming, response) => {
      const [, status = '200', to = ''] = /^\/(\d+)(.*)$/.exec(incoming.url!) ?? []
      response.writeHead(Number(status), to === '' ? {} : { location: to === '/away' ? other.url : to }).end()
    })
    const headers = [['authorization', 'secret']] as const
    const send = (path: string, method = 'POST') =>
      asking(OPEN).ask({ ...request, method, headers, body: 'b', url: `${url}${path}` }, signal)
    const last = () => {
      const { method, headers: got } = seen.at(-1)!
      return [method, got['content-length'], got.authorization]
    }
    await send('/303/200')
    expect(last()).toEqual(['GET', undefined, 'secret'])
    await send('/307/200')
    expect(last()).toEqual(['POST', '1', 'secret'])
    await send('/308/away')
    expect(last()).toEqual(['POST', '1', undefined])
    seen = []
    expect(await send('/302/302/302', 'GET')).toMatchObject({ status: 302 })
    expect(seen.length).toBe(3)
  })

  it('end a chain of redirects', async () => {
    const { url } = await server((_, response) => response.writeHead(302, { location: '/' }).end())
    expect(await asking(OPEN).ask({ ...request, url }, signal)).toBeUndefined()
    expect(seen.length).toBe(11)
  })

  it('know what is inside', () => {
    const inside =
      '0.0.0.0 10.9.9.9 100.100.100.200 127.0.0.1 169.254.169.254 172.31.0.1 192.168.1.1 224.0.0.1 255.255.255.255 ' +
      ':: ::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 ff02::1 ::ffff:10.0.0.1 ::ffff:a00:1 64:ff9b::a9fe:a9fe 2002:c0a8:101::1'
    const outside =
      '1.1.1.1 172.32.0.1 100.128.0.1 2606:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101 2002:101:101::1'
    expect(inside.split(' ').filter((address) => !isInternal(address))).toEqual([])
    expect(outside.split(' ').filter((address) => isInternal(address))).toEqual([])
  })
})
