// The data path with real lanes: bodies that only a lane reads, blacklists with regular expressions, the ledger over both.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { Scope } from '../kernel/disposable.ts'
import { decodeBody, type Body } from '../point/decode.ts'
import { encodeLineProtocol } from '../point/line-protocol.ts'
import { Kind, keyValue, makePoint, tag, type Point } from '../point/point.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { encodePoints } from '../point/protobuf.ts'
import { runningPipeline } from '../pipeline/testdata/running-pipeline.ts'
import type { DataPath } from './data-path.ts'
import { Tap, type TapPlace } from './tap.ts'
import { datawaySettings, testDataPath } from './testing.ts'

let dir = ''
let scope = new Scope()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lanes-'))
  scope = new Scope()
})
afterEach(async () => {
  await scope.dispose()
  rmSync(dir, { recursive: true, force: true })
})

interface Given {
  readonly scripts?: Readonly<Record<string, string>>
  readonly filters?: Readonly<Record<string, readonly string[]>>
  readonly budgetMs?: number
}

interface Fixture {
  readonly path: DataPath
  readonly tap: Tap
  readonly suspended: string[]
  /** Points as they were kept, in order. */
  readonly kept: Point[]
}

/** A path without a DataWay: what its listeners get is what is kept. */
async function fixture({ scripts = {}, filters = {}, budgetMs = 20_000 }: Given): Promise<Fixture> {
  const files = Object.entries(scripts).map(([name, text]) => [`pipeline/${name}`, text] as const)
  const { pipeline, suspended } = await runningPipeline(scope, dir, Object.fromEntries(files), {
    settings: { budgetMs },
    doors: {
      onCreated: (created) => void path.feedCreated(created),
      onFilterBreach: (category) => path.filterBreach(category),
    },
  })
  const tap = new Tap(systemClock)
  const path: DataPath = testDataPath(dir, datawaySettings(dir, []), { filters }, { tap, pipe: pipeline })
  const kept: Point[] = []
  path.listeners.add((_category, fragment) => {
    const points = decodePoints(new Uint8Array(fragment))
    if (!points.ok) throw points.error
    kept.push(...points.value)
  })
  scope.defer(() => path.stop(0))
  await path.start()
  return { path, tap, suspended, kept }
}

const lines = (text: string): Body => ({
  encoding: 'line-protocol',
  category: 'logging',
  precision: 'n',
  body: Buffer.from(text),
  now: systemClock.nowNs(),
})
/** As the HTTP API does it: what a lane does not take goes on as points. */
async function write(path: DataPath, body: Body): Promise<void> {
  const outcome = await path.feedBody(body, source)
  const decoded = decodeBody(body)
  if (outcome.ok && outcome.value === 'left' && decoded.ok)
    await path.feed(body.category, decoded.value, source)
}
const source = { source: 'test', atCap: 'reject' } as const
const value = (point: Point | undefined, key: string): unknown =>
  point?.kvs.find((kv) => kv.key === key)?.value

describe('a body', () => {
  it('is read, tagged, run, filtered and time-corrected in a lane', async () => {
    const { path, kept } = await fixture({
      scripts: { 'a.p': 'add_key(seen, host)\nif message == "drop" { drop() }' },
      filters: { logging: ["{ message in ['out'] }"] },
    })
    const body = lines(
      'a message="one" 1700000000000000000\na message="drop"\na message="out"\nb message="as is"',
    )
    expect(await path.feedBody(body, source)).toMatchObject({ ok: true, value: 'taken' })
    expect(kept.map((p) => [p.name, value(p, 'message'), value(p, 'seen')])).toEqual([
      ['a', 'one', 'ws-1'],
      ['b', 'as is', undefined],
    ])
    expect(value(kept[0], '__orig_time')).toBe(1_700_000_000_000_000_000n)
    expect(kept[0]!.time - body.now).toBeLessThan(5_000_000_000n)
    expect(path.ledger.of('logging')).toMatchObject({ fed: 4, local: 2, filtered: 1, processing: 0 })
    expect(path.ledger.of('logging').dropped).toEqual({ script: 1 })
    expect(path.ledger.difference('logging')).toBe(0)
  })

  it('that cannot be read is refused with its reason, and nothing is fed', async () => {
    const { path, kept } = await fixture({ scripts: { 'a.p': 'add_key(x, 1)' } })
    const refused = await path.feedBody(lines('a message="one"\nbroken'), source)
    expect(refused).toMatchObject({ ok: false, error: { code: 'invalidLinePoint' } })
    expect([kept, path.ledger.of('logging').fed]).toEqual([[], 0])
  })

  it('is left to the point path where no lane is needed, or somebody looks at its points', async () => {
    const { path, tap } = await fixture({ scripts: { 'a.p': 'add_key(x, 1)' } })
    expect(await path.feedBody({ ...lines('cpu v=1'), category: 'metric' }, source)).toMatchObject({
      value: 'left',
    })
    const looking = tap.listen({ places: ['collected'], categories: [], filter: '', perSecond: 10 }, () => {})
    expect(await path.feedBody(lines('a message="one"'), source)).toMatchObject({ value: 'left' })
    if (looking.ok) await looking.value.dispose()
    expect(await path.feedBody(lines('a message="one"'), source)).toMatchObject({ value: 'taken' })
  })

  it('gives the points that the point path gives, in every encoding', async () => {
    const { path, kept } = await fixture({ scripts: { 'a.p': 'add_key(len, len(message))\nuppercase(t)' } })
    const texts = fc.array(
      fc.record({
        t: fc.string(),
        message: fc.string({ unit: 'binary' }),
        n: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      }),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom('line-protocol', 'protobuf'), async (rows, encoding) => {
        const now = systemClock.nowNs()
        const points = rows.map(({ t, message, n }) =>
          makePoint(
            'a',
            [tag('t', t), keyValue('message', Kind.string, message), keyValue('n', Kind.int, n)],
            now,
          ),
        )
        const bytes = encoding === 'protobuf' ? encodePoints(points) : encodeLineProtocol(points).body
        if (bytes.length === 0) return
        const body: Body = { ...lines(''), body: bytes, encoding, now }
        kept.length = 0
        const taken = await path.feedBody(body, source)
        const inLane = [...kept]
        const decoded = decodeBody(body)
        expect(taken.ok).toBe(decoded.ok)
        if (!decoded.ok) return
        kept.length = 0
        await path.feed('logging', decoded.value, source)
        expect(inLane).toEqual(kept)
        expect(path.ledger.difference('logging')).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('larger than the shared memory, or whose script makes it so, arrives whole', async () => {
    const { path, kept } = await fixture({
      scripts: {
        'a.p': 'add_key(b, message + message)\nadd_key(c, message + message)\nadd_key(d, message + message)',
      },
    })
    const long = 'x'.repeat(3 * 1024 * 1024)
    for (const message of [long, long.slice(0, 60_000), 'short'])
      expect(await path.feedBody(lines(`a message="${message}"`), source)).toMatchObject({ value: 'taken' })
    expect(kept.map((p) => String(value(p, 'd')).length)).toEqual([2 * long.length, 120_000, 10])
  })

  it('shows itself to the tap behind the scripts, behind the blacklist and when it is kept', async () => {
    const { path, tap } = await fixture({
      scripts: { 'a.p': 'add_key(x, 1)' },
      filters: { logging: ["{ message in ['out'] }"] },
    })
    const seen: [TapPlace, unknown, unknown][] = []
    const places = ['piped', 'filtered', 'queued'] as const
    tap.listen({ places, categories: [], filter: '', perSecond: 100 }, ({ place, point }) =>
      seen.push([place, value(point, 'message'), value(point, 'x')]),
    )
    await path.feedBody(lines('a message="in"\na message="out"'), source)
    expect(seen).toEqual([
      ['piped', 'in', 1],
      ['piped', 'out', 1],
      ['filtered', 'in', 1],
      ['queued', 'in', 1],
    ])
  })

  it('of many at once keeps each fragment its own', async () => {
    const { path, kept } = await fixture({ scripts: { 'a.p': 'add_key(copy, message)' } })
    const bodies = Array.from({ length: 60 }, (_, b) =>
      lines(Array.from({ length: 50 }, (_, i) => `a message="${b}-${i}"`).join('\n')),
    )
    await Promise.all(bodies.map((body) => write(path, body)))
    expect(kept.length).toBe(3000)
    expect(kept.every((p) => value(p, 'copy') === value(p, 'message'))).toBe(true)
    expect(new Set(kept.map((p) => value(p, 'message'))).size).toBe(3000)
  })
})

describe('a blacklist with a regular expression that backtracks for ever', () => {
  const hostile = { logging: ["{ message match ['^(a|aa)+$'] }", "{ message in ['out'] }"] }
  const bad = `b message="${'a'.repeat(60)}!"`

  it('runs in a lane; stopped twice it is off and named, the rest of the rules stays, nothing is lost', async () => {
    const { path, kept } = await fixture({ filters: hostile, budgetMs: 200 })
    // What this thread itself computed between two beats: a busy machine may stall it, a rule may not.
    let longest = 0
    let last = process.threadCpuUsage()
    const beat = setInterval(() => {
      const { user, system } = process.threadCpuUsage(last)
      longest = Math.max(longest, (user + system) / 1000)
      last = process.threadCpuUsage()
    }, 5)
    for (let i = 0; i < 3; i++) await write(path, lines(`${bad}\nb message="out"\nb message="aaa"`))
    await path.feed(
      'logging',
      [makePoint('b', [keyValue('message', Kind.string, 'out')], systemClock.nowNs())],
      source,
    )
    clearInterval(beat)
    expect(path.diagnostics()).toMatchObject([{ code: 'FILTER_SUSPENDED', path: 'io.filters.logging' }])
    // Stopped once: all three pass. From the second stop on without that rule.
    expect(kept.map((p) => value(p, 'message')).filter((m) => m === 'out').length).toBe(1)
    expect(kept.length).toBe(3 + 2 + 2)
    expect(path.ledger.of('logging')).toMatchObject({ fed: 10, filtered: 3, local: 7, processing: 0 })
    expect(path.ledger.difference('logging')).toBe(0)
    expect(longest).toBeLessThan(100)
  })

  it('holds up neither other categories nor scripts', async () => {
    const { path, kept } = await fixture({
      filters: hostile,
      scripts: { 'good.p': 'add_key(x, 1)' },
      budgetMs: 1500,
    })
    const slow = path.feed(
      'logging',
      [makePoint('b', [keyValue('message', Kind.string, `${'a'.repeat(60)}!`)], systemClock.nowNs())],
      source,
    )
    const started = performance.now()
    await path.feed('metric', [makePoint('cpu', [keyValue('v', Kind.int, 1)], systemClock.nowNs())], source)
    await path.feedBody({ ...lines('cpu v=1'), category: 'metric' }, source)
    expect(kept[0]!.name).toBe('cpu')
    expect(performance.now() - started).toBeLessThan(1000)
    await slow
    expect(kept.length).toBe(2)
  })
})

describe('a script that hangs', () => {
  it('stops bodies at once from going to lanes unread: points of other scripts flow', async () => {
    const { path, kept, suspended } = await fixture({
      scripts: { 'bad.p': 'for ;; {}', 'good.p': 'add_key(x, 1)' },
      budgetMs: 1000,
    })
    await path.feedBody(lines('good message="warm"'), source)
    const hang = (): Promise<void> => write(path, lines('bad message="x"'))
    const hanging = hang().then(hang)
    let flowed = 0
    for (; suspended.length === 0; flowed++) {
      await write(path, lines('good message="on"'))
    }
    await hanging
    expect(suspended).toEqual(['default/logging/bad.p'])
    expect(flowed).toBeGreaterThan(10)
    expect(kept.filter((p) => p.name === 'good').every((p) => value(p, 'x') !== undefined)).toBe(true)
    expect(path.ledger.difference('logging')).toBe(0)
  })
})
