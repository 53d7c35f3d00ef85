// What the data path does beside sending: blacklists, the DataWay's clock, usage trace, sinker, encodings, the tap.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDataway, TOKEN, type DatawayFixture } from '../../e2e/fixtures/dataway.ts'
import { FakeClock, systemClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { createMetrics } from '../kernel/metrics.ts'
import { Kind, keyValue, makePoint, tag, type Point } from '../point/point.ts'
import { Blacklist } from './blacklist.ts'
import type { DataPath, DataPathOptions } from './data-path.ts'
import { DatawayClient, clientMetrics } from './dataway/client.ts'
import { Endpoint } from './dataway/endpoint.ts'
import { NtpOffset } from './dataway/ntp.ts'
import type { DatawaySettings, IoSettings } from './settings.ts'
import { Tap, type TapPlace } from './tap.ts'
import { datawaySettings, testDataPath } from './testing.ts'

let dir: string
let dataway: DatawayFixture
let open: DataPath | undefined

const dw = (rest: Partial<DatawaySettings> = {}): DatawaySettings => datawaySettings(dir, [dataway.url], rest)

function path(
  dataWay: Partial<DatawaySettings> = {},
  io: Partial<IoSettings> = {},
  rest: Partial<DataPathOptions> = {},
): DataPath {
  open = testDataPath(dir, dw(dataWay), io, { pullFile: join(dir, 'data/.pull'), ...rest })
  return open
}

const log = (status: string, extra: Partial<Point> = {}): Point => ({
  ...makePoint('app', [tag('status', status), keyValue('n', Kind.int, 1)], systemClock.nowNs()),
  ...extra,
})
const source = { source: 'test' }
const statuses = (): unknown[] => dataway.points().map((p) => p.kvs.find((kv) => kv.key === 'status')?.value)

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wiring-'))
  dataway = await startDataway()
})
afterEach(async () => {
  await open?.stop(500)
  open = undefined
  await dataway.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('blacklist', () => {
  it('obeys local rules, names a bad one, and never asks the DataWay', async () => {
    const metrics = createMetrics()
    const p = path(
      {},
      { filters: { logging: ["{ status = 'debug' }", '{ broken'], nosuch: ['{}'] } },
      { metrics },
    )
    await p.start()
    await p.feed('logging', [log('debug'), log('error')], source)
    await dataway.until((d) => d.points().length === 1)
    expect(statuses()).toEqual(['error'])
    await vi.waitFor(() => expect(p.ledger.of('logging')).toMatchObject({ fed: 2, filtered: 1, sent: 1 }))
    expect(p.ledger.difference('logging')).toBe(0)
    expect(p.diagnostics().map((d) => [d.code, d.path])).toEqual([
      ['IO_NO_CATEGORY', 'io.filters.nosuch'],
      ['FILTER_SYNTAX', 'io.filters.logging[1]'],
    ])
    expect(dataway.calls).not.toContain('GET /v1/datakit/pull')
    const text = await metrics.text()
    expect(text).toContain(
      'datakit_filter_point_dropped_total{category="logging",filters="1",source="local"} 1',
    )
  })

  it('filters nothing until the first pull works, then what the DataWay says, and keeps its answer', async () => {
    const body = { filters: { logging: ["{ status = 'debug' }"] }, pull_interval: 60e9 }
    dataway.replies['/v1/datakit/pull'] = body
    const p = path()
    await p.feed('logging', [log('debug')], source)
    await p.start()
    await vi.waitFor(() => expect(existsSync(join(dir, 'data/.pull'))).toBe(true))
    await p.feed('logging', [log('debug'), log('info')], source)
    await dataway.until((d) => d.points().length === 2)
    expect(statuses()).toEqual(['debug', 'info'])
    expect(readFileSync(join(dir, 'data/.pull'), 'utf8')).toBe(JSON.stringify(body))
    expect(dataway.requests.find((r) => r.call === 'GET /v1/datakit/pull')?.url).toBe(
      `/v1/datakit/pull?filters=true&token=${TOKEN}`,
    )
  })

  it('asks as often as the answer says within limits, keeps its rules through failures and skips what it knows', async () => {
    const clock = new FakeClock()
    const blacklist = new Blacklist({
      local: {},
      clock,
      log: silentLogger,
      metrics: createMetrics(),
      pullFile: join(dir, '.pull'),
    })
    const stop = new AbortController()
    const client = clientOf(clock)
    const asked = (): number => dataway.calls.length
    dataway.replies['/v1/datakit/pull'] = { filters: { logging: ['{ a = 1 }'] }, pull_interval: 1 }
    const running = blacklist.run(client, stop.signal)
    await vi.waitFor(() => expect(blacklist.active?.count('logging')).toBe(1))
    const first = blacklist.active
    // 1 ns is below the floor: 10 s.
    await vi.waitFor(async () => {
      await clock.advance(10_000)
      expect(asked()).toBeGreaterThanOrEqual(2)
    })
    expect(blacklist.active).toBe(first)
    dataway.replies['/v1/datakit/pull'] = 'no JSON'
    const before = asked()
    await vi.waitFor(async () => {
      await clock.advance(10_000)
      expect(asked()).toBeGreaterThan(before + 1)
    })
    expect(blacklist.active).toBe(first)
    stop.abort()
    await running
    expect(clock.pending).toBe(0)
    await client.dispose()
  })
})

const clientOf = (clock: FakeClock): DatawayClient => {
  const endpoint = Endpoint.parse(dataway.url)
  if (!endpoint.ok) throw endpoint.error
  return new DatawayClient(endpoint.value, dw(), {
    clock,
    metrics: clientMetrics(createMetrics()),
    facts: { version: '0', hostname: 'h', os: 'linux', arch: 'x64' },
  })
}

describe('the clock of the DataWay', () => {
  it('counts from the threshold on, and not any more once the clocks agree', async () => {
    const clock = new FakeClock(1_700_000_000_000)
    const client = clientOf(clock)
    const ntp = new NtpOffset({
      settings: { enable: true, intervalMs: 60_000, diffMs: 5000 },
      clock,
      log: silentLogger,
      metrics: createMetrics(),
    })
    const never = new AbortController().signal
    const sync = async (seconds: number): Promise<number> => {
      dataway.replies['/v1/ntp'] = { timestamp_sec: seconds }
      await ntp.sync(client, never)
      return ntp.offsetMs
    }
    expect(await sync(1_700_000_003)).toBe(0)
    expect(await sync(1_700_000_060)).toBe(60_500)
    expect(await sync(1_700_000_001)).toBe(0)
    dataway.replies['/v1/ntp'] = {}
    await expect(ntp.sync(client, never)).rejects.toThrow('timestamp_sec')
    await client.dispose()
  })

  it('moves the time of points by it', async () => {
    dataway.replies['/v1/ntp'] = { timestamp_sec: Math.floor(Date.now() / 1000) + 10 * 3600 }
    const p = path({ ntp: { enable: true, intervalMs: 60_000, diffMs: 5000 } })
    await p.start()
    await vi.waitFor(() => expect(p.ntpOffsetMs()).toBeGreaterThan(35_990_000))
    await p.feed('logging', [log('info')], source)
    await dataway.until((d) => d.points().length === 1)
    expect(Number(dataway.points()[0]!.time / 1_000_000n)).toBeGreaterThan(Date.now() + 9 * 3600_000)
  })
})

describe('other calls and headers', () => {
  it('reports usage with the token, and gives all global tags to calls and a group’s own to writes with the sinker', async () => {
    const p = path(
      { enableSinker: true, globalCustomerKeys: ['team'] },
      {},
      { usageTrace: () => ({ hostname: 'ws-1', uptime: 3 }) },
    )
    await p.start()
    await dataway.until((d) => d.calls.includes('POST /v1/datakit/usage_trace'))
    const trace = dataway.requests.find((r) => r.call === 'POST /v1/datakit/usage_trace')!
    expect(JSON.parse(trace.body)).toEqual({ hostname: 'ws-1', uptime: 3, token: TOKEN })
    expect(trace.headers['x-global-tags']).toBe('host=ws-1,site=lab')
    const point = log('info')
    point.kvs.push(keyValue('team', Kind.string, 'zwölf\r\nX-Evil: 1'))
    await p.feed('logging', [point], source)
    await dataway.until((d) => d.points().length === 1)
    const { headers } = dataway.writes[0]!
    expect(headers['x-evil']).toBeUndefined()
    expect(Buffer.from(String(headers['x-global-tags']), 'latin1').toString()).toBe(
      'team=zwölf  X-Evil: 1,host=ws-1,site=lab',
    )
  })

  it('sends v1 once each, and counts what line protocol cannot carry as invalid', async () => {
    const p = path({ contentEncoding: 'v1' })
    const bad = log('x', { kvs: [keyValue('f', Kind.float, NaN)] })
    await p.feed('logging', [log('a'), bad, log('b')], source)
    await p.feed('metric', [bad], source)
    await vi.waitFor(() => {
      expect(p.ledger.of('logging')).toMatchObject({ fed: 3, sent: 2, dropped: { invalid: 1 } })
      expect(p.ledger.of('metric')).toMatchObject({ fed: 1, sent: 0, pending: 0, dropped: { invalid: 1 } })
    })
    expect(dataway.writes).toHaveLength(1)
    expect(dataway.writes[0]!.headers).toMatchObject({
      'content-type': 'application/line-protocol',
      'x-points': '2',
    })
    expect(dataway.writes[0]!.body.toString().split('\n')).toHaveLength(2)
  })
})

describe('the tap', () => {
  it('shows points at the five places, by filter and category, and stops when closed', async () => {
    const tap = new Tap(systemClock)
    const p = path({}, { filters: { logging: ["{ status = 'debug' }"] } }, { tap })
    const seen: [TapPlace, unknown][] = []
    const listening = tap.listen(
      {
        places: ['collected', 'piped', 'filtered', 'queued', 'sent'],
        categories: ['logging'],
        filter: "{ status IN ['debug', 'info'] }",
        perSecond: 1000,
      },
      ({ place, point }) => void seen.push([place, point.kvs[0]!.value]),
    )
    await p.feed('logging', [log('debug'), log('info'), log('other')], source)
    await p.feed('metric', [log('info')], source)
    await vi.waitFor(() => expect(seen.map(([place]) => place)).toContain('sent'))
    expect(seen).toEqual([
      ['collected', 'debug'],
      ['collected', 'info'],
      ['piped', 'debug'],
      ['piped', 'info'],
      ['filtered', 'info'],
      ['queued', 'info'],
      ['sent', 'info'],
    ])
    if (listening.ok) await listening.value.dispose()
    expect(tap.anyOpen).toBe(false)
    await p.feed('logging', [log('info')], source)
    expect(seen).toHaveLength(7)
  })

  it('shows no more than its rate and says how many it skipped', async () => {
    const clock = new FakeClock()
    const tap = new Tap(clock)
    const skips: number[] = []
    tap.listen(
      { places: ['collected'], categories: [], filter: '', perSecond: 2 },
      ({ skipped }) => void skips.push(skipped),
    )
    tap.show('collected', 'metric', [log('a'), log('b'), log('c'), log('d')], 'x')
    await clock.advance(1000)
    tap.show('collected', 'metric', [log('e')], 'x')
    expect(skips).toEqual([0, 0, 2])
  })

  it('refuses a filter that does not parse', () => {
    const result = new Tap(systemClock).listen(
      { places: ['sent'], categories: [], filter: '{ a == }', perSecond: 1 },
      () => {},
    )
    expect(result).toMatchObject({ ok: false, error: { code: 'FILTER_SYNTAX' } })
  })
})
