// The HTTP API as an agent serves it: TLS, unix sockets, global tags, calls passed through.
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { connect, createServer } from 'node:net'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Agent } from './agent.ts'
import { selfSigned } from './http/self-signed.ts'
import type { Point } from './point/point.ts'
import { useLab } from './testdata/lab.ts'

const lab = useLab()

const file = (): string => join(lab.dir, 'conf.d/datakit.conf')
const configure = (http: string, rest = ''): void =>
  writeFileSync(
    file(),
    `default_enabled_inputs = []\n[http_api]\n${http}\n[io]\nflush_interval = "20ms"\n[dataway]\nretry_delay = "10ms"\nmax_retry_count = 3\nurls = ["${lab.dataway.url}"]\n${rest}`,
  )
async function call(
  send: typeof httpsRequest,
  target: RequestOptions,
  body = '',
): Promise<{ status: number; text: string }> {
  const request = send({ host: '127.0.0.1', agent: false, ...target })
  request.end(body)
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }]
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part)
  return { status: response.statusCode, text: Buffer.concat(parts).toString() }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address() as { port: number }
      server.close(() => resolve(address.port))
    })
  })

describe('TLS', () => {
  const tls = (cert: string, key: string): string => `[http_api.tls]\ncert = "${cert}"\nprivkey = "${key}"\n`

  it('speaks HTTPS with the certificate of http_api.tls, and no plain HTTP beside it', async () => {
    const pair = selfSigned()
    writeFileSync(join(lab.dir, 'cert.pem'), pair.cert)
    writeFileSync(join(lab.dir, 'key.pem'), pair.key)
    configure('listen = "127.0.0.1:0"', tls(join(lab.dir, 'cert.pem'), join(lab.dir, 'key.pem')))
    const a = await lab.start()
    const port = a.http.port()
    expect(await call(httpsRequest, { port, path: '/v1/ping', ca: pair.cert })).toMatchObject({ status: 200 })
    await expect(call(httpsRequest, { port, path: '/v1/ping' })).rejects.toThrow(/self-signed/)
    await expect(call(httpRequest, { port, path: '/v1/ping' })).rejects.toThrow(/hang up|ECONNRESET/)
  })

  it.each([
    ['the files are missing', (d: string) => tls(`${d}/nosuch.pem`, `${d}/nosuch.key`), /ENOENT/],
    ['only one of the two is given', (d: string) => tls(`${d}/cert.pem`, ''), /privkey is missing/],
    ['the key is no key', (d: string) => tls(`${d}/cert.pem`, `${d}/bad.pem`), /./],
    ['the key belongs to another certificate', (d: string) => tls(`${d}/cert.pem`, `${d}/other.pem`), /./],
  ])('does not listen at all when %s, and says so', async (_why, table, message) => {
    writeFileSync(join(lab.dir, 'cert.pem'), selfSigned().cert)
    writeFileSync(join(lab.dir, 'other.pem'), selfSigned().key)
    writeFileSync(join(lab.dir, 'bad.pem'), 'not a key')
    const port = await freePort()
    configure(`listen = "127.0.0.1:${port}"`, table(lab.dir))
    const a = await lab.start()
    expect(a.http.state()).toMatchObject({ state: 'retrying', error: { code: 'HTTP_TLS' } })
    expect(a.diagnostics()).toContainEqual(
      expect.objectContaining({
        code: 'HTTP_TLS',
        severity: 'error',
        message: expect.stringMatching(message),
      }),
    )
    const socket = connect(port, '127.0.0.1')
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    // The rest of the agent works.
    await a.feed('metric', [], { source: 'test' })
    expect(a.state).toBe('running')
  })
})

describe.skipIf(process.platform === 'win32')('unix sockets', () => {
  it('listens on a path, with everything a loopback client may do', async () => {
    const socketPath = join(lab.dir, 'api.sock')
    configure(`listen = "${socketPath}"`)
    const a = await lab.start()
    expect(a.http.state()).toMatchObject({ state: 'listening', error: null })
    for (const path of ['/v1/ping', '/metrics'])
      expect(await call(httpRequest, { socketPath, path })).toMatchObject({ status: 200 })
    await a.stop()
    expect(existsSync(socketPath)).toBe(false)
  })

  it('listens on http_api.listen_socket beside the port, mode 0722', async () => {
    const socketPath = join(lab.dir, 'second.sock')
    configure(`listen = "127.0.0.1:0"\nlisten_socket = "${socketPath}"`)
    const a = await lab.start()
    expect(statSync(socketPath).mode & 0o777).toBe(0o722)
    expect(await call(httpRequest, { socketPath, path: '/v1/ping' })).toMatchObject({ status: 200 })
    expect(await call(httpRequest, { port: a.http.port(), path: '/v1/ping' })).toMatchObject({ status: 200 })
  })

  it('takes the place of a socket that a killed agent left behind, and of no file and no living server', async () => {
    const socketPath = join(lab.dir, 'stale.sock')
    const holder = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', holder])
    expect(existsSync(socketPath)).toBe(true)
    configure(`listen = "${socketPath}"`)
    const a = await lab.start()
    expect(await call(httpRequest, { socketPath, path: '/v1/ping' })).toMatchObject({ status: 200 })
    await a.stop()
    writeFileSync(socketPath, 'somebody’s file')
    const b = await lab.start()
    expect(b.http.state()).toMatchObject({ state: 'retrying', error: { code: 'HTTP_LISTEN' } })
    expect(readFileSync(socketPath, 'utf8')).toBe('somebody’s file')
    await b.stop()
    rmSync(socketPath)
    const living = createServer().listen(socketPath)
    await once(living, 'listening')
    const c = await lab.start()
    expect(c.http.state()).toMatchObject({ state: 'retrying' })
    await c.stop()
    expect(existsSync(socketPath)).toBe(true)
    living.close()
  })
})

describe('/v1/global/{host,election}/tags', () => {
  const tagsOf = (point: Point): Record<string, unknown> =>
    Object.fromEntries(point.kvs.filter((kv) => kv.isTag).map((kv) => [kv.key, kv.value]))
  let sent = 0
  /** Tags of a point written now. */
  async function written(a: Agent, query = ''): Promise<Record<string, unknown>> {
    const name = `p${sent++}`
    const path = `/v1/write/metric${query}`
    expect(await call(httpRequest, { port: a.http.port(), method: 'POST', path }, `${name} v=1i`)).toEqual({
      status: 200,
      text: '',
    })
    await lab.dataway.until((d) => d.points('metric').some((p) => p.name === name))
    return tagsOf(lab.dataway.points('metric').find((p) => p.name === name)!)
  }
  const change = async (a: Agent, method: string, path: string): Promise<unknown> =>
    JSON.parse((await call(httpRequest, { port: a.http.port(), method, path })).text)

  it('changes the tags of the next point, and of those after a restart', async () => {
    configure(
      'listen = "127.0.0.1:0"',
      '[election]\nenable = true\n[global_host_tags]\n# where it stands\nsite = "lab"\n',
    )
    const a = await lab.start()
    const { host } = a.facts
    expect(await written(a)).toEqual({ host, site: 'lab' })
    expect(await change(a, 'POST', '/v1/global/host/tags?rack=r1&site=hall')).toMatchObject({
      'host-tags': { host, site: 'hall', rack: 'r1' },
    })
    expect(await written(a)).toEqual({ host, site: 'hall', rack: 'r1' })
    expect(await written(a, '?global_election_tags=1')).toEqual({})
    await change(a, 'POST', '/v1/global/election/tags?zone=z1')
    expect(await written(a, '?global_election_tags=1')).toEqual({ zone: 'z1' })
    expect(await written(a)).not.toHaveProperty('zone')
    await change(a, 'DELETE', '/v1/global/host/tags?tags=site,host')
    expect(await written(a)).toEqual({ host, rack: 'r1' })
    expect(readFileSync(file(), 'utf8')).toContain('# where it stands\n')
    await a.stop()
    const b = await lab.start()
    expect(await written(b)).toEqual({ host, rack: 'r1' })
    expect(await written(b, '?global_election_tags=1')).toEqual({ zone: 'z1' })
    await change(b, 'DELETE', '/v1/global/election/tags?tags=zone')
    expect(await written(b, '?global_election_tags=1')).toEqual({})
  })

  it('gives election data the host tags, changed ones too, while election is off', async () => {
    configure('listen = "127.0.0.1:0"')
    const a = await lab.start()
    await change(a, 'POST', '/v1/global/host/tags?rack=r1')
    expect(await written(a, '?global_election_tags=1')).toEqual({ host: a.facts.host, rack: 'r1' })
    expect(await change(a, 'POST', '/v1/global/election/tags?zone=z1')).toMatchObject({
      error_code: 'datakit.electionDisabled',
    })
  })

  it('writes no file in a container, whose configuration is the environment', async () => {
    const env = {
      ENV_HTTP_LISTEN: '127.0.0.1:0',
      ENV_DATAWAY: lab.dataway.url,
      ENV_IO_FLUSH_INTERVAL: '20ms',
      ENV_DEFAULT_ENABLED_INPUTS: '-cpu',
    }
    const a = await lab.start({ container: true, env })
    await change(a, 'POST', '/v1/global/host/tags?rack=r1')
    expect(await written(a)).toMatchObject({ rack: 'r1' })
    expect(existsSync(file())).toBe(false)
    await change(a, 'DELETE', '/v1/global/host/tags?tags=rack')
    expect(await written(a)).not.toHaveProperty('rack')
  })
})

describe('calls passed through to the DataWay', () => {
  const json = (a: Agent, method: string, path: string, body: string) =>
    call(
      httpRequest,
      {
        port: a.http.port(),
        method,
        path,
        headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
      },
      body,
    )

  it('carries queries with the first token and labels as they are, and their answers back', async () => {
    configure('listen = "127.0.0.1:0"')
    lab.dataway.replies['/v1/query/raw'] = '{"content":[{"series":[]}]}'
    lab.dataway.replies['/v1/object/labels'] = '{"content":{"labels":["a"]}}'
    const a = await lab.start()
    const query = '{"queries":[{"query":"M::cpu"}],"echo_explain":true}'
    expect(await json(a, 'POST', '/v1/query/raw', query)).toEqual({
      status: 200,
      text: '{"content":[{"series":[]}]}',
    })
    const label = '{"object_class":"HOST","object_name":"ws-1","key":"k","value":"v"}'
    for (const method of ['POST', 'DELETE'])
      expect(await json(a, method, '/v1/object/labels', label)).toEqual({
        status: 200,
        text: '{"content":{"labels":["a"]}}',
      })
    const passed = lab.dataway.requests.filter(({ call: name }) => /query|labels/.test(name))
    expect(passed.map(({ call: name, body }) => [name, JSON.parse(body)])).toEqual([
      ['POST /v1/query/raw', { token: lab.dataway.url.split('token=')[1], ...JSON.parse(query) }],
      ['POST /v1/object/labels', JSON.parse(label)],
      ['DELETE /v1/object/labels', JSON.parse(label)],
    ])
  })

  it('tries max_retry_count times, then answers 503', async () => {
    configure('listen = "127.0.0.1:0"')
    lab.dataway.statuses['/v1/query/raw'] = [500, 503]
    const a = await lab.start()
    expect(await json(a, 'POST', '/v1/query/raw', '{}')).toMatchObject({ status: 200 })
    lab.dataway.statuses['/v1/query/raw'] = [500, 502, 503, 500]
    expect(await json(a, 'POST', '/v1/query/raw', '{}')).toMatchObject({ status: 503 })
    expect(lab.dataway.calls.filter((name) => name === 'POST /v1/query/raw')).toHaveLength(6)
    expect(await (await fetch(`http://127.0.0.1:${a.http.port()}/metrics`)).text()).toContain(
      'datakit_io_http_retry_total{api="/v1/query/raw",status="500"} 2',
    )
  })
})
