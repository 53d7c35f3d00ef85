import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { lookup } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { isLoopback, isOwnHost } from './access.ts'
import { appFixture, walFull, type AppFixture } from './testing.ts'

const open: AppFixture[] = []
async function fixture(...args: Parameters<typeof appFixture>): Promise<AppFixture> {
  const made = await appFixture(...args)
  open.push(made)
  return made
}
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close()
})

const LINE = 'm1,t1=a f1=1i,f2=2.5,f3=true,f4="s" 1700000000000000000'
const write = (
  f: AppFixture,
  payload: string | Buffer,
  rest: InjectOptions = {},
  query = '',
  category = 'metric',
) =>
  f.app.inject({
    method: 'POST',
    url: `/v1/write/${category}${query}`,
    remoteAddress: '127.0.0.1',
    payload,
    ...rest,
    headers: { 'content-type': 'text/plain', host: 'localhost:9529', ...rest.headers },
  })

describe('POST /v1/write/:category', () => {
  it('feeds the points and answers 200 with an empty body', async () => {
    const f = await fixture()
    const reply = await write(f, `${LINE}\nm2 f=1\n`)
    expect([reply.statusCode, reply.body]).toEqual([200, ''])
    expect(f.fed).toHaveLength(1)
    expect(f.fed[0]).toMatchObject({
      category: 'metric',
      options: { source: 'v1-write.metric', atCap: 'reject' },
    })
    expect(f.fed[0]!.points.map((p) => p.name)).toEqual(['m1', 'm2'])
  })

  it.each([
    ['lp', 'm1,t1=a f1=1i,f2=2.5,f3=true 1700000000000000000'],
    [
      'json',
      '[{"measurement":"m1","tags":{"t1":"a"},"fields":{"f1":1,"f2":2.5,"f3":true},"time":1700000000000000000}]',
    ],
  ])('echoes %s raw and feeds all the same', async (form, text) => {
    const f = await fixture()
    const reply = await write(f, LINE, {}, `?echo=${form}`)
    expect(reply.body).toBe(text)
    expect(f.fed).toHaveLength(1)
  })

  it.each([
    ['echo_line_proto=1', 'm1,t1=a f1=1i,f2=2.5,f3=true 1700000000000000000'],
    [
      'echo_json=1',
      '[{"measurement":"m1","tags":{"t1":"a"},"fields":{"f1":1,"f2":2.5,"f3":true},"time":1700000000000000000}]',
    ],
    [
      'echo=pbjson',
      '[{"name":"m1","fields":[{"key":"t1","s":"a","is_tag":true},{"key":"f1","i":"1"},{"key":"f2","f":2.5},{"key":"f3","b":true}],"time":"1700000000000000000"}]',
    ],
    ['echo=xml', ''],
  ])('answers ?%s', async (query, text) => {
    const f = await fixture()
    const reply = await write(f, 'm1,t1=a f1=1i,f2=2.5,f3=true 1700000000000000000', {}, `?${query}`)
    expect([reply.statusCode, reply.body, f.fed.length]).toEqual([200, text, 1])
  })

  it.each([
    ['n', 1_700_000_000_000_000_000n],
    ['u', 1_700_000_000_000_000_000n * 1000n],
    ['ms', 1_700_000_000_000_000_000n],
    ['s', 1_700_000_000_000_000_000n],
    ['m', 60_000_000_000n],
    ['h', 3_600_000_000_000n],
    ['parsec', 1n],
  ])('reads times in precision %s', async (precision, time) => {
    const stamp = { ms: '1700000000000', s: '1700000000', m: '1', h: '1', parsec: '1' }[precision]
    const f = await fixture()
    const line = `m f=1 ${stamp ?? '1700000000000000000'}`
    await write(f, line, {}, `?precision=${precision}`)
    expect(f.fed[0]!.points[0]!.time).toBe(BigInt.asIntN(64, time))
  })

  it('feeds nothing with dry', async () => {
    const f = await fixture()
    expect((await write(f, LINE, {}, '?dry=1')).statusCode).toBe(200)
    expect(f.fed).toEqual([])
  })

  it('passes the flags on', async () => {
    const f = await fixture()
    await write(
      f,
      'a m="x"',
      {},
      '?input=nginx&source=acc&storage_index=ix&ignore_global_tags=false',
      'logging',
    )
    await write(f, 'a m="x"', {}, '?global_election_tags=1&ignore_global_host_tags=1', 'logging')
    expect(f.fed.map((x) => x.options)).toEqual([
      {
        source: 'v1-write.nginx',
        election: false,
        noGlobalTags: true,
        scripts: { acc: 'acc.p' },
        headers: { 'x-storage-index-name': 'ix' },
        atCap: 'reject',
        signal: expect.any(AbortSignal),
      },
      {
        source: 'v1-write.logging',
        election: true,
        noGlobalTags: false,
        scripts: undefined,
        atCap: 'reject',
        signal: expect.any(AbortSignal),
      },
    ])
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('undoes %s by header and by parameter', async (encoding, compress) => {
    const f = await fixture()
    const body = compress(Buffer.from(LINE))
    expect((await write(f, body, { headers: { 'content-encoding': encoding } })).statusCode).toBe(200)
    expect((await write(f, body, {}, `?encoding=${encoding}`)).statusCode).toBe(200)
    expect(f.fed.map((x) => x.points.length)).toEqual([1, 1])
  })

  it('takes protobuf with int64 kept', async () => {
    const f = await fixture()
    await write(f, 'a big=9223372036854775807i 1')
    const body = encodePoints(f.fed[0]!.points)
    const reply = await write(f, body, {
      headers: { 'content-type': 'application/protobuf; proto=com.guance.Point' },
    })
    expect(reply.statusCode).toBe(200)
    expect(lookup(f.fed[1]!.points[0]!, 'big')!.value).toBe(9223372036854775807n)
  })

  it.each([
    ['nosuch', 'm f=1', {}, 'invalidCategory', 'invalid URL "/v1/write/nosuch"'],
    ['metric', '', {}, 'emptyBody', undefined],
    [
      'metric',
      'm1,t1=a f1=',
      {},
      'invalidLinePoint',
      `invalid lineprotocol: unable to parse 'm1,t1=a f1='(pos: 1): missing field value\nwith 0 point parse ok, 1 points failed. Origin data: "m1,t1=a f1="`,
    ],
    ['metric', '{', { 'content-type': 'application/json' }, 'invalidJsonPoint', expect.any(String)],
    ['metric', '[null]', { 'content-type': 'application/json' }, 'invalidJsonPoint', expect.any(String)],
    ['metric', '[]', { 'content-type': 'application/json' }, 'noPoints', expect.any(String)],
    [
      'metric',
      '\n~short',
      { 'content-type': 'application/protobuf; proto=com.guance.Point' },
      'invalidProtobufPoint',
      expect.any(String),
    ],
    ['metric', 'not gzip', { 'content-encoding': 'gzip' }, 'decodeBodyFailed', expect.any(String)],
    ['metric', 'x', { 'content-encoding': 'snappy' }, 'decodeBodyFailed', expect.any(String)],
  ])('answers 400 to %s %j with the reason', async (category, body, headers, code, message) => {
    const f = await fixture()
    const reply = await write(f, body, { headers }, '', category)
    expect(reply.statusCode).toBe(400)
    expect(reply.json()).toEqual({ error_code: `datakit.${code}`, ...(message ? { message } : {}) })
    expect(f.fed).toEqual([])
  })

  it('answers 400 in strict mode to a point that needed a fix', async () => {
    const f = await fixture()
    const reply = await write(f, LINE, {}, '?strict=1')
    expect([reply.statusCode, reply.json().error_code]).toEqual([400, 'datakit.pointGotWarning'])
  })

  it('answers 503 with Retry-After when the points cannot be kept', async () => {
    const f = await fixture()
    f.fail = walFull()
    const reply = await write(f, LINE)
    expect(reply.statusCode).toBe(503)
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    expect(reply.json().message).toContain('write-ahead log is full')
  })

  it('feeds line protocol as bytes, once, where nothing needs the points', async () => {
    const fed: [string, number, number][] = []
    const door = { tags: { site: 'lab' }, oldest: -Infinity, newest: Infinity }
    const f = await fixture(
      {},
      {
        encodedDoor: () => door,
        feedEncoded: (category, fragment, points) => {
          const decoded = decodePoints(fragment)
          fed.push([category, points, decoded.ok ? decoded.value.length : -1])
          return Promise.resolve()
        },
      },
    )
    expect((await write(f, 'a x=1\nb x=2')).statusCode).toBe(200)
    expect([fed, f.fed]).toEqual([[['metric', 2, 2]], []])
    expect((await write(f, 'a x=1\nb x=')).json().error_code).toBe('datakit.invalidLinePoint')
    expect((await write(f, 'a x=1', {}, '?echo=lp')).body).toMatch(/^a x=1 /)
    expect((await write(f, 'a x=1', {}, '?strict=1')).statusCode).toBe(200)
    door.newest = 0
    expect((await write(f, 'a x=1')).statusCode).toBe(200)
    expect([fed.length, f.fed.length]).toEqual([1, 3])
  })

  it('answers 503, never another 5xx, to a defect of its own', async () => {
    const f = await fixture()
    f.fail = new TypeError('boom') as never
    const reply = await write(f, LINE)
    expect([reply.statusCode, reply.json().error_code]).toEqual([503, 'datakit.notAccepted'])
    const broken = await fixture(
      {},
      {
        globalTags: () => {
          throw new TypeError('boom')
        },
      },
    )
    const tags = await broken.app.inject({
      url: '/v1/global/host/tags',
      remoteAddress: '127.0.0.1',
      headers: { host: 'localhost' },
    })
    expect(tags.statusCode).toBe(503)
  })

  it('refuses a bomb with 413', async () => {
    const f = await fixture()
    const bomb = gzipSync(Buffer.alloc(140 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const reply = await write(f, bomb, { headers: { 'content-encoding': 'gzip' } })
    expect([reply.statusCode, reply.json().error_code]).toEqual([413, 'datakit.bodyTooLarge'])
  })

  it('answers 408 when it takes too long', async () => {
    const f = await fixture({ timeoutMs: 1000, timeoutText: '1s' })
    let release: () => void = () => {}
    f.hold = new Promise<void>((resolve) => (release = resolve))
    const pending = write(f, LINE)
    await f.clock.advance(1001)
    const reply = await pending
    release()
    expect([reply.statusCode, reply.body]).toEqual([408, 'timeout(1s)'])
    expect(f.signals.at(-1)?.aborted).toBe(true)
  })
})

describe('access', () => {
  const get = (f: AppFixture, url: string, rest: InjectOptions = {}) =>
    f.app.inject({
      url,
      remoteAddress: '127.0.0.1',
      ...rest,
      headers: { host: '127.0.0.1:9529', ...rest.headers },
    })

  it('lets other machines write, ping and ask the time, and nothing else', async () => {
    const f = await fixture({}, { loopbackListener: false })
    const from = { remoteAddress: '127.0.0.1', headers: { 'x-forwarded-for': '10.1.2.3' } }
    expect((await write(f, LINE, from)).statusCode).toBe(200)
    for (const url of ['/v1/ping', '/v1/ntp']) expect((await get(f, url, from)).statusCode).toBe(200)
    for (const url of ['/metrics', '/v1/global/host/tags', '/nothere']) {
      const reply = await get(f, url, from)
      expect([url, reply.statusCode, reply.json()]).toEqual([
        url,
        403,
        { error_code: 'datakit.publicAccessDisabled' },
      ])
    }
    expect((await get(f, '/metrics', { remoteAddress: '192.0.2.7' })).statusCode).toBe(403)
    for (const header of ['x-real-ip', 'x-forwarded-for'])
      expect((await get(f, '/metrics', { headers: { [header]: '127.0.0.1' } })).statusCode).toBe(403)
    expect((await get(f, '/metrics')).statusCode).toBe(200)
  })

  it('narrows the public paths to public_apis', async () => {
    const f = await fixture({ publicApis: ['/v1/write/logging'] })
    const from = { remoteAddress: '192.0.2.7' }
    expect((await write(f, LINE, from)).statusCode).toBe(403)
    expect((await write(f, 'a m="x"', from, '', 'logging')).statusCode).toBe(200)
  })

  it('refuses a foreign Host on a loopback listener, but not on /v1/write/rum and not on an opened one', async () => {
    const f = await fixture()
    const foreign = { headers: { host: 'evil.example:9529' } }
    const reply = await get(f, '/metrics', foreign)
    expect([reply.statusCode, reply.json()]).toEqual([403, { error_code: 'datakit.foreignHost' }])
    expect((await write(f, LINE, foreign)).statusCode).toBe(403)
    expect((await write(f, 'view a=1', foreign, '', 'rum')).statusCode).toBe(200)
    const opened = await fixture({}, { loopbackListener: false })
    expect((await get(opened, '/metrics', foreign)).statusCode).toBe(200)
  })

  it('limits requests by rate and burst for each client and path', async () => {
    const f = await fixture({ rateLimit: { rate: 2, burst: 3, ttlMs: 60_000 } })
    const codes = async (n: number, url = '/v1/ping') => {
      const all: number[] = []
      for (let i = 0; i < n; i++) all.push((await get(f, url)).statusCode)
      return all
    }
    expect(await codes(4)).toEqual([200, 200, 200, 429])
    expect(await codes(1, '/v1/ntp')).toEqual([200])
    await f.clock.advance(500)
    expect(await codes(2)).toEqual([200, 429])
    const refused = await get(f, '/v1/ping')
    expect(refused.json()).toEqual({ error_code: 'datakit.reachMaxAPILimit' })
    await f.clock.advance(61_000)
    expect(await codes(4)).toEqual([200, 200, 200, 429])
  })

  it('answers CORS as configured', async () => {
    const f = await fixture()
    const preflight = await f.app.inject({
      method: 'OPTIONS',
      url: '/v1/write/rum',
      headers: { host: 'localhost', origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'POST, OPTIONS, GET, PUT',
    })
    const narrow = await fixture({ allowedCorsOrigins: ['https://a.example'] })
    const reply = await get(narrow, '/v1/ping', { headers: { origin: 'https://b.example' } })
    expect([reply.statusCode, reply.headers['access-control-allow-origin']]).toEqual([200, undefined])
  })

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['', true],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['128.0.0.1', false],
  ])('isLoopback(%j) = %j', (address, expected) => expect(isLoopback(address)).toBe(expected))

  it.each([
    ['localhost:9529', true],
    ['127.0.0.1', true],
    ['[::1]:9529', true],
    [undefined, true],
    ['evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example:80', false],
    ['10.0.0.5', false],
  ])('isOwnHost(%j) = %j', (host, expected) => expect(isOwnHost(host)).toBe(expected))
})

describe('other routes', () => {
  const call = (f: AppFixture, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: string) =>
    f.app.inject({
      method,
      url,
      remoteAddress: '127.0.0.1',
      headers: { host: 'localhost' },
      ...(payload === undefined ? {} : { payload }),
    })

  it('tells the time, and shows and changes host tags but never host', async () => {
    const f = await fixture()
    expect((await call(f, 'GET', '/v1/ntp')).json()).toEqual({ timestamp_sec: 1_700_000_000 })
    expect((await call(f, 'GET', '/v1/global/host/tags')).json()).toEqual({
      'host-tags': { host: 'ws-1', site: 'lab' },
    })
    const posted = await call(f, 'POST', '/v1/global/host/tags?a=b&host=evil')
    expect(posted.json()).toEqual({
      'dataway-tags': { host: 'ws-1', site: 'lab', a: 'b' },
      'election-tags': {},
      'host-tags': { host: 'ws-1', site: 'lab', a: 'b' },
    })
    const deleted = await call(f, 'DELETE', '/v1/global/host/tags?tags=a,host')
    expect(deleted.json()['host-tags']).toEqual({ host: 'ws-1', site: 'lab' })
    expect((await call(f, 'POST', '/v1/global/election/tags?a=b')).statusCode).toBe(400)
  })

  it('restarts with the right token only', async () => {
    const f = await fixture()
    for (const url of ['/restart', '/restart?token=tkn_wrong'])
      expect((await call(f, 'GET', url)).json()).toEqual({ error_code: 'datakit.invalidToken' })
    expect(f.reloads.count).toBe(0)
    expect((await call(f, 'GET', '/restart?token=tkn_right')).statusCode).toBe(200)
    await vi.waitFor(() => expect(f.reloads.count).toBe(1))
  })

  it('takes the last error of others', async () => {
    const f = await fixture()
    const good = await call(f, 'POST', '/v1/lasterror', '{"input":"x","source":"y","err_content":"boom"}')
    expect([good.statusCode, good.body]).toEqual([200, ''])
    expect(f.errors).toEqual([['x', 'y', 'boom']])
    for (const body of ['{}', 'null', '[', '{"input":1,"err_content":"x"}']) {
      const bad = await call(f, 'POST', '/v1/lasterror', body)
      expect([body, bad.statusCode]).toEqual([body, 400])
    }
  })

  it('says that there is no DataWay to ask', async () => {
    const f = await fixture()
    expect((await call(f, 'POST', '/v1/query/raw', '{"queries":[]}')).json().error_code).toBe(
      'datakit.noDataway',
    )
    expect((await call(f, 'POST', '/v1/query/raw', '[')).json().error_code).toBe('datakit.invalidJSON')
  })

  it('answers 404 with a page, or plainly', async () => {
    const f = await fixture()
    const page = await call(f, 'GET', '/v1/write/metric')
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    const plain = await fixture({ disable404Page: true })
    expect((await call(plain, 'GET', '/nothere')).headers['content-type']).toContain('text/plain')
  })
})

describe('POST /v1/pipeline/debug', () => {
  const b64 = (text: string): string => Buffer.from(text).toString('base64')
  const debug = async (body: unknown) => {
    const { app } = await appFixture()
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/pipeline/debug',
      payload: JSON.stringify(body),
    })
    await app.close()
    return {
      status: answer.statusCode,
      body: JSON.parse(answer.body) as { content: Record<string, unknown> },
    }
  }

  it('shows what a script does to a sample', async () => {
    const script = `a = load_json(_)
add_key(n, a["x"])
add_key(f, 1.5)
add_key(b, true)
set_tag(t, "tagged")
create_point("made", {"k": "v"}, {"f": 1}, category="M")
`
    const { body } = await debug({
      pipeline: { logging: { types: b64(script) } },
      script_name: 'types',
      category: 'logging',
      data: [b64('{"x": 3}')],
    })
    const { cost, ...content } = body.content
    const at = { time: 1_700_000_000, time_ns: 0 }
    expect(cost).toMatch(/^[\d.]+(?:µs|ms)$/)
    expect(content).toEqual({
      benchmark: '',
      pl_errors: null,
      plresults: [
        {
          point: {
            dropped: false,
            name: 'types',
            tags: { t: 'tagged' },
            fields: { b: true, f: 1.5, message: '{"x": 3}', n: 3, status: 'info' },
            ...at,
          },
          create_point: [{ dropped: false, name: 'made', tags: { k: 'v' }, fields: { f: 1 }, ...at }],
          run_error: null,
        },
      ],
    })
  })

  it('answers 200 with the place of an error', async () => {
    const { status, body } = await debug({
      pipeline: { logging: { broken: 'aWYgewo=' } },
      script_name: 'broken',
      category: 'logging',
      data: ['eyJ4IjogM30='],
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      content: {
        cost: '',
        benchmark: '',
        pl_errors: [
          { pos_chain: [{ file: 'broken.p', ln: 2, col: 1, pos: 5 }], error: 'unclosed left brace' },
        ],
        plresults: null,
      },
    })
  })

  it.each([
    [{ category: 'nope' }, 'datakit.invalidCategory'],
    [{ category: 'logging', script_name: 'x' }, 'datakit.invalidPipeline'],
    [
      { category: 'logging', script_name: 'x', pipeline: { logging: { x: b64('a=1') } } },
      'datakit.invalidData',
    ],
    [{ category: 1 }, 'datakit.invalidRequest'],
  ])('refuses %j', async (body, code) => {
    const answer = await debug(body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ error_code: code })
  })
})
