import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { FakeClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { createMetrics } from '../kernel/metrics.ts'
import type { Result } from '../kernel/result.ts'
import { Kind, keyValue, makePoint } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { logLine, metric, ns, object, temporaryFolder, T0 } from './fixture.ts'
import { createStore, type Store, type StoreOptions } from './store.ts'

function open(rest: Partial<StoreOptions> = {}) {
  const clock = new FakeClock(T0)
  const path = join(temporaryFolder(), 'store.db')
  const store = createStore({ path, clock, log: silentLogger, ...rest })
  onTestFinished(() => store.dispose())
  return { store, clock, path: rest.path ?? path }
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw result.error
  return result.value
}

/** For what a worker does in its own time. */
const WAIT = { timeout: 15_000 }

const messages = async (store: Store, args = {}): Promise<unknown[]> =>
  valueOf(await store.recentPoints({ category: 'logging', limit: 100, ...args })).points.map(
    ({ point }) => point.kvs.find((kv) => kv.key === 'message')!.value,
  )

describe('store', () => {
  test('answers with what was appended just before', async () => {
    const { store } = open()
    store.append('metric', [metric('cpu', { cpu: 'cpu0' }, { usage: 12.5 }, T0)], 'cpu')
    store.append('logging', [logLine('hello', T0), logLine('world', T0)], 'web')
    const { series, stepMs } = valueOf(
      await store.querySeries({
        queries: [{ measurement: 'cpu', field: 'usage' }],
        from: T0,
        to: T0,
        points: 10,
      }),
    )
    expect(stepMs).toBe(1_000)
    expect(series).toEqual([
      { measurement: 'cpu', field: 'usage', tags: { cpu: 'cpu0' }, unit: '', times: [T0], values: [12.5] },
    ])
    expect(await messages(store)).toEqual(['world', 'hello'])
    expect(store.stats()).toMatchObject({ state: 'ok', error: null, rows: 3, series: 1 })
    expect(store.stats().bytes).toBeGreaterThan(0)
    expect(store.diagnostics()).toEqual([])
  })

  test('keeps every kind and every int64 of recent points exactly', async () => {
    const { store } = open()
    const point = makePoint(
      'all',
      [
        keyValue('i', Kind.int, -(2n ** 63n)),
        keyValue('u', Kind.uint, 2n ** 64n - 1n),
        keyValue('f', Kind.float, 1),
        keyValue('b', Kind.bool, false),
        keyValue('s', Kind.string, 'é\n'),
        keyValue('d', Kind.bytes, Buffer.from([0, 255])),
        keyValue('n', Kind.nil, null),
        keyValue('a', Kind.array, [{ kind: Kind.int, value: 1 }]),
      ],
      ns(T0) + 1n,
    )
    store.append('custom_object', [point], 'x')
    const page = valueOf(await store.recentPoints({ category: 'custom_object', limit: 1 }))
    expect(page.points.map((p) => p.point)).toEqual([point])
    expect(page).toMatchObject({ points: [{ seq: 1, source: 'x', received: T0 }], next: null })
  })

  test('keeps its data over a restart and leaves nothing running', async () => {
    const { store, clock, path } = open()
    store.append('logging', [logLine('before', T0)], 'web')
    store.append('object', [object('HOST', 'a', T0, 1), object('HOST', 'b', T0, 2)], 'hostobject')
    await store.dispose()
    expect(clock.pending).toBe(0)
    expect(readdirSync(join(path, '..'))).toEqual(['store.db'])
    store.append('logging', [logLine('too late', T0)], 'web')
    expect((await store.querySeries({ queries: [], from: 0, to: 1, points: 10 })).ok).toBe(false)

    const again = open({ path }).store
    again.append('logging', [logLine('after', T0)], 'web')
    again.append('object', [object('HOST', 'a', T0, 3)], 'hostobject')
    expect(await messages(again)).toEqual(['after', 'before'])
    const objects = valueOf(await again.latestObjects('HOST'))
    expect(objects).toEqual([object('HOST', 'a', T0, 3), object('HOST', 'b', T0, 2)])
    await again.dispose()
  })

  test('flushes by itself, a few seconds after the first point', async () => {
    const { store, clock } = open()
    expect(clock.pending).toBe(1)
    store.append('logging', [logLine('x', T0)], 'web')
    expect(clock.pending).toBe(2)
    await clock.advance(5_000)
    expect(clock.pending).toBe(1)
    await vi.waitFor(() => expect(store.stats().rows).toBe(1), WAIT)
  })

  test('takes points that are encoded already', async () => {
    const { store } = open()
    const points = [logLine('a', T0), logLine('b', T0)]
    store.appendEncoded('logging', encodePoints(points), 2, 'lane')
    expect(await messages(store, { source: 'lane' })).toEqual(['b', 'a'])
    expect(await messages(store, { source: 'other' })).toEqual([])
  })

  test('samples a flood of one category, drops newest when the queue is full, and counts both', async () => {
    const metrics = createMetrics()
    const limits = { burstBytes: 20_000, queueBytes: 30_000 }
    const { store } = open({ limits, metrics })
    const text = 'x'.repeat(900)
    for (let i = 0; i < 30; i++) store.append('logging', [logLine(`${i} ${text}`, T0)], 'web')
    const { burst } = store.stats().dropped
    expect(burst).toBeGreaterThan(5)
    store.append('metric', [metric('cpu', {}, { usage: 1 }, T0)], 'cpu')
    for (let i = 0; i < 30; i++) store.append('rum', [logLine(`${i} ${text}`, T0)], 'web')
    expect(store.stats().dropped.behind).toBeGreaterThan(5)
    expect(store.diagnostics().map((d) => d.code)).toEqual(['STORE_BEHIND'])
    valueOf(await store.flush())
    expect((await messages(store)).length).toBe(30 - burst)
    expect(await metrics.text()).toContain(`datakit_store_dropped_points_total{reason="burst"} ${burst}`)
    // Once the worker has caught up there is room again.
    const later = Array.from({ length: 15 }, () => logLine(`later ${text}`, T0))
    store.append('logging', later, 'web')
    expect((await messages(store)).length).toBe(30 - burst + 15)
  })

  test('without node:sqlite it is off and says so', async () => {
    const { store, clock } = open({ sqlite: false })
    store.append('logging', [logLine('x', T0)], 'web')
    expect(store.stats()).toMatchObject({ state: 'off', bytes: 0, rows: 0 })
    expect(store.diagnostics().map((d) => d.code)).toEqual(['STORE_UNAVAILABLE'])
    const reply = await store.recentPoints({ category: 'logging', limit: 1 })
    expect(!reply.ok && reply.error.code).toBe('STORE_UNAVAILABLE')
    expect(clock.pending).toBe(0)
  })

  test('outlives its worker: what is new waits, and is stored by the next one', async () => {
    const worker = new URL('./testdata/dies-once-worker.ts', import.meta.url)
    const { store, clock } = open({ worker })
    store.append('logging', [logLine('lost', T0)], 'web')
    const failed = await store.flush()
    expect(!failed.ok && failed.error.code).toBe('STORE_FAILED')
    expect(store.stats()).toMatchObject({ state: 'failing', dropped: { failing: 1 } })
    expect(store.diagnostics().map((d) => d.code)).toEqual(['STORE_FAILED'])
    store.append('logging', [logLine('kept', T0)], 'web')
    expect((await store.recentPoints({ category: 'logging', limit: 1 })).ok).toBe(false)
    await clock.advance(15_000)
    expect(await messages(store)).toEqual(['kept'])
    expect(store.stats()).toMatchObject({ state: 'ok', error: null })
    expect(store.diagnostics()).toEqual([])
  })

  test('on a path that cannot be used fails, says why, and goes on by itself once it can', async () => {
    const folder = join(temporaryFolder(), 'data')
    writeFileSync(folder, '')
    const { store, clock } = open({ path: join(folder, 'store.db') })
    store.append('logging', [logLine('x', T0)], 'web')
    const failed = await store.flush()
    expect(!failed.ok && failed.error.message).toContain(folder)
    expect(await messages(store)).toEqual(['x'])
    rmSync(folder)
    await clock.advance(15_000)
    await vi.waitFor(() => expect(store.stats().state).toBe('ok'), WAIT)
    expect(await messages(store)).toEqual(['x'])
  })
})
