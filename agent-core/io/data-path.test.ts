import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDataway, TOKEN, type DatawayFixture } from '../../e2e/fixtures/dataway.ts'
import { createMetrics } from '../kernel/metrics.ts'
import { Kind, keyValue, makePoint, type Point } from '../point/point.ts'
import type { DataPath, DataPathOptions } from './data-path.ts'
import { datawaySettings, testDataPath, type DatawayGiven } from './testing.ts'

let dir: string
let dataway: DatawayFixture
const open = new Set<DataPath>()

function path(
  urls: readonly string[],
  overrides: DatawayGiven = {},
  rest: Partial<DataPathOptions> = {},
): DataPath {
  const dataway = datawaySettings(dir, urls, { gzip: true, dropExpiredMs: 12 * 3600_000, ...overrides })
  const created = testDataPath(dir, dataway, { flushIntervalMs: 30 }, rest)
  open.add(created)
  return created
}

const logs = (count: number, at = 0, text = 'hello'): Point[] =>
  Array.from({ length: count }, (_, i) =>
    makePoint(
      'app',
      [keyValue('message', Kind.string, `${text} ${at + i}`)],
      BigInt(Date.now()) * 1_000_000n,
    ),
  )
const messages = (points: readonly Point[]): unknown[] =>
  points.map((p) => p.kvs.find((kv) => kv.key === 'message')?.value)
const source = { source: 'test' }

async function stop(p: DataPath, flushMs = 1000): Promise<void> {
  open.delete(p)
  await p.stop(flushMs)
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'io-'))
  dataway = await startDataway()
})
afterEach(async () => {
  for (const p of open) await stop(p)
  await dataway.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('data path', () => {
  it('sends what was fed, with global tags, gzip and the headers of the protocol', async () => {
    const p = path([dataway.url])
    await p.feed('logging', logs(3), source)
    await dataway.until((d) => d.points('logging').length === 3)
    const write = dataway.writes[0]!
    expect(write.headers).toMatchObject({
      'content-type': 'application/protobuf; proto=com.guance.Point',
      'content-encoding': 'gzip',
      'x-points': '3',
      referer: 'DataKit',
      'user-agent': 'datakit-linux-x64/0.0.0/ws-1',
    })
    expect(write.url).toBe(`/v1/write/logging?token=${TOKEN}`)
    expect(write.points[0]!.kvs.filter((kv) => kv.isTag).map((kv) => [kv.key, kv.value])).toEqual([
      ['host', 'ws-1'],
      ['site', 'lab'],
    ])
    await stop(p)
    expect(p.ledger.of('logging')).toMatchObject({ fed: 3, sent: 3, pending: 0 })
    expect(p.ledger.difference('logging')).toBe(0)
  })

  it('keeps points locally when no DataWay is configured', async () => {
    const p = path([])
    const seen: number[] = []
    p.listeners.add((_category, _fragment, count) => void seen.push(count))
    await p.feed('metric', logs(2), source)
    expect(p.ledger.of('metric')).toMatchObject({ fed: 2, local: 2, pending: 0 })
    expect(p.ledger.difference('metric')).toBe(0)
    expect(seen).toEqual([2])
  })

  it.each([500, 503, 408, 429, 'reset', 'truncate'] as const)(
    'tries again after %s and loses nothing',
    async (bad) => {
      dataway.script(bad, bad)
      const p = path([dataway.url])
      await p.feed('logging', logs(5), source)
      await dataway.until((d) => d.points().length === 5)
      await stop(p)
      expect(p.ledger.of('logging')).toMatchObject({ fed: 5, sent: 5, pending: 0, dropped: {} })
    },
  )

  it('obeys Retry-After', async () => {
    dataway.script(429)
    dataway.answerHeaders = { 'retry-after': '1' }
    const started = performance.now()
    const p = path([dataway.url])
    await p.feed('logging', logs(1), source)
    await dataway.until((d) => d.points().length === 1)
    expect(performance.now() - started).toBeGreaterThan(1000)
    await stop(p)
  })

  it.each([400, 403])(
    'moves a body refused with %d to the dead-letter log, the rest goes on',
    async (status) => {
      dataway.script(status)
      const p = path([dataway.url])
      await p.feed('logging', logs(4), source)
      await dataway.until((d) => d.writes.length === 1)
      await p.feed('logging', logs(2, 4), source)
      await dataway.until((d) => d.points().length === 2)
      await stop(p)
      expect(p.ledger.of('logging')).toMatchObject({
        fed: 6,
        sent: 2,
        pending: 0,
        dropped: { dead_letter: 4 },
      })
      expect(p.ledger.difference('logging')).toBe(0)
    },
  )

  it('splits on 413 down to the points that fit and buries the one that never does', async () => {
    dataway.otherwise = ({ bytes }) => (bytes > 400 ? 413 : 200)
    const p = path([dataway.url])
    await p.feed('logging', [...logs(12), ...logs(1, 99, 'x'.repeat(600))], source)
    await dataway.until((d) => d.points().length === 12)
    await p.feed('logging', logs(1, 50), source)
    await dataway.until((d) => d.points().length === 13)
    await stop(p)
    expect(p.ledger.of('logging')).toMatchObject({ fed: 14, sent: 13, pending: 0, dropped: { too_large: 1 } })
    expect(new Set(messages(dataway.points())).size).toBe(13)
  })

  it('keeps what a clean stop could not send and sends it after the restart', async () => {
    dataway.otherwise = 503
    const p = path([dataway.url])
    await p.feed('logging', logs(7), source)
    await stop(p, 50)
    expect(p.ledger.of('logging')).toMatchObject({ fed: 7, sent: 0, pending: 7 })
    dataway.otherwise = 200
    const again = path([dataway.url])
    await again.start()
    await dataway.until((d) => d.points().length === 7)
    await stop(again)
    expect(again.ledger.of('logging')).toMatchObject({ recovered: 7, sent: 7, pending: 0 })
    expect(again.ledger.difference('logging')).toBe(0)
  })

  it('sends each point once to each of two DataWays, and a slow one does not hold the other', async () => {
    const slow = await startDataway()
    slow.otherwise = 503
    const p = path([dataway.url, slow.url])
    await p.feed('logging', logs(5), source)
    await dataway.until((d) => d.points().length === 5)
    expect(p.ledger.of('logging')).toMatchObject({ sent: 0, pending: 5 })
    slow.otherwise = 200
    await slow.until((d) => d.points().length === 5)
    await stop(p)
    expect(messages(dataway.points())).toEqual(messages(slow.points()))
    expect(p.ledger.of('logging')).toMatchObject({ sent: 5, pending: 0 })
    await slow.close()
  })

  it('goes on for one DataWay when another takes nothing and the log is full', async () => {
    const dead = await startDataway()
    dead.otherwise = 503
    const metrics = createMetrics()
    const p = path([dataway.url, dead.url], { wal: { maxBytes: 600_000 } }, { metrics })
    const count = 300
    for (let i = 0; i < count; i += 10) {
      await p.feed('logging', logs(10, i, 'x'.repeat(5000)), { ...source, atCap: 'reject' })
      await dataway.until((d) => d.points().length === i + 10)
    }
    const account = p.ledger.of('logging')
    expect(account.dropped.lagging).toBeGreaterThan(0)
    expect(account.dropped).toEqual({ lagging: account.dropped.lagging })
    expect(p.ledger.difference('logging')).toBe(0)
    const label = `127.0.0.1:${dead.port}`
    const shown = p.diagnostics().find((d) => d.code === 'IO_DATAWAY_LAGGING')
    expect(shown?.message).toContain(label)
    expect(await metrics.text()).toMatch(
      new RegExp(
        `datakit_io_dataway_lagging_point_total\\{category="logging",url="[^"]*${label}[^"]*"\\} [1-9]`,
      ),
    )
    dead.otherwise = 200
    await dead.until((d) => d.points().length + account.dropped.lagging! >= count)
    await stop(p)
    expect(account).toMatchObject({ sent: count - account.dropped.lagging!, pending: 0 })
    await dead.close()
  })

  it('drops the newest of a collector at the cap, refuses a caller who can wait', async () => {
    dataway.otherwise = 503
    const p = path([dataway.url], { wal: { maxBytes: 3000 } })
    for (let i = 0; i < 60; i++) await p.feed('logging', logs(1, i), source)
    const account = p.ledger.of('logging')
    expect(account.dropped.wal_full).toBeGreaterThan(0)
    expect(account.pending + account.dropped.wal_full!).toBe(60)
    await expect(p.feed('logging', logs(1), { ...source, atCap: 'reject' })).rejects.toMatchObject({
      code: 'WAL_FULL',
    })
    expect(p.ledger.difference('logging')).toBe(0)
    await stop(p)
  })

  it('moves the time of a point that is hours off, and keeps the old one', async () => {
    const p = path([dataway.url])
    const [point] = logs(1)
    point!.time = 1_000_000_000_000_000_000n
    await p.feed('logging', [point!], source)
    await dataway.until((d) => d.points().length === 1)
    const [sent] = dataway.points()
    expect(sent!.kvs.find((kv) => kv.key === '__orig_time')).toMatchObject({
      kind: Kind.int,
      value: 10n ** 18n,
    })
    expect(Number(sent!.time / 1_000_000n)).toBeGreaterThan(Date.now() - 60_000)
    await stop(p)
  })

  it('drops what is older than drop_expired_package_at, counted', async () => {
    dataway.otherwise = 503
    const first = path([dataway.url])
    await first.feed('logging', logs(2), source)
    await stop(first)
    const later = path([dataway.url], { dropExpiredMs: 1 })
    await later.start()
    dataway.otherwise = 200
    await vi.waitFor(() =>
      expect(later.ledger.of('logging')).toMatchObject({
        recovered: 2,
        sent: 0,
        pending: 0,
        dropped: { expired: 2 },
      }),
    )
    await stop(later)
    expect(dataway.points()).toEqual([])
  })

  it('names a bad address and goes on without it', async () => {
    const p = path(['ftp://x', 'not a url?token=tkn_secretsecretsecret', dataway.url])
    expect(p.diagnostics().map((d) => d.code)).toEqual(['IO_DATAWAY_URL', 'IO_DATAWAY_URL'])
    expect(JSON.stringify(p.diagnostics())).not.toContain('secretsecret')
    await p.feed('logging', logs(1), source)
    await dataway.until((d) => d.points().length === 1)
    await stop(p)
  })
})
