import { randomBytes } from 'node:crypto'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE, SLOT, WINDOW } from './chunk.ts'
import type { StoreDatabase } from './database.ts'
import type { StoreEngine } from './engine.ts'
import { DAY, feed, HOUR, logLine, metric, object, openEngine, T0, temporaryFolder } from './fixture.ts'
import { decodePoints } from '../point/protobuf-decode.ts'

const file = (): string => join(temporaryFolder(), 'store.db')
const TEN_MINUTES = 10 * MINUTE
const CPU = { measurement: 'cpu', field: 'usage' }

/** Feeds a sample a `rhythm` from `from` to before `to`, value = its number; 10 min a batch, then maintenance. */
function run(engine: StoreEngine, from: number, to: number, rhythm = 10_000, value = (n: number) => n): void {
  let points = []
  for (let at = from; at < to; at += rhythm) {
    points.push(metric('cpu', { cpu: 'total' }, { usage: value((at - from) / rhythm) }, at))
    const next = at + rhythm
    if (next < to && Math.floor(next / TEN_MINUTES) === Math.floor(at / TEN_MINUTES)) continue
    engine.batch(at, [feed('metric', 'cpu', points)])
    engine.maintain(at, at - T0)
    points = []
  }
}

function query(engine: StoreEngine, now: number, from: number, to: number, points = 4_000) {
  const { series, stepMs } = engine.series(now, { queries: [CPU], from, to, points })
  return { stepMs, times: [], values: [], ...series[0] }
}

const oneAt = (ms: number) => metric('cpu', {}, { usage: 1 }, ms)
/** Text that no compression makes smaller than half. */
const noise = (bytes: number): string => randomBytes(bytes).toString('hex')

const logs = (engine: StoreEngine, args: object = {}) => {
  const page = engine.recent(T0, { category: 'logging', limit: 1_000, ...args })
  const points = decodePoints(page.bytes)
  if (!points.ok) throw points.error
  return {
    texts: points.value.map((p) => p.kvs[1]!.value),
    seqs: page.entries.map((e) => e.seq),
    next: page.next,
  }
}

const tables = (path: string, sql: string): unknown[] => {
  const db = new DatabaseSync(path)
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)[0])
  } finally {
    db.close()
  }
}

describe('series', () => {
  test('are the same samples whether in the journal, sealed, or read by a new process', () => {
    const path = file()
    const engine = openEngine(path)
    const end = T0 + 5 * HOUR
    run(engine, T0, end)
    const before = query(engine, end, end - HOUR, end)
    expect(before.values).toEqual(Array.from({ length: 360 }, (_, i) => 1_440 + i))
    expect(before.times[0]).toBe(end - HOUR)
    engine.close()
    const again = openEngine(path)
    expect(query(again, end, end - HOUR, end)).toEqual(before)
    again.maintain(end + HOUR, 0)
    expect(query(again, end, end - HOUR, end)).toEqual(before)
  })

  test('roll up to 1 min with average, smallest and largest, and outlive their samples', () => {
    const engine = openEngine(file())
    run(engine, T0, T0 + 2 * DAY)
    const now = T0 + 2 * DAY
    // Six samples a minute: n, n+1, ..., n+5.
    const old = query(engine, now, T0, T0 + HOUR - 1, 4_000)
    expect(old.times).toEqual(Array.from({ length: 60 }, (_, i) => T0 + i * MINUTE))
    expect(old.values).toEqual(Array.from({ length: 60 }, (_, i) => i * 6 + 2.5))
    expect(old.min).toEqual(Array.from({ length: 60 }, (_, i) => i * 6))
    expect(old.max).toEqual(Array.from({ length: 60 }, (_, i) => i * 6 + 5))
    // Within a day the collectors' own rhythm is there.
    expect(query(engine, now, now - HOUR, now - 1).values.length).toBe(360)
    const recent = query(engine, now, now - DAY + HOUR, now - 1, 4_000)
    expect(recent.stepMs).toBe(30_000)
    // Across the border of both, and across the window that is not rolled up yet.
    const all = query(engine, now, T0, now - 1, 2_881)
    expect(all.stepMs).toBe(MINUTE)
    expect(all.values).toEqual(Array.from({ length: 2_880 }, (_, i) => i * 6 + 2.5))
  })

  test('keep samples for their age and roll-ups for theirs', () => {
    const path = file()
    const engine = openEngine(path, { sampleAgeMs: 6 * HOUR, minuteAgeMs: 2 * DAY })
    run(engine, T0, T0 + 3 * DAY, MINUTE)
    const now = T0 + 3 * DAY
    expect(query(engine, now, T0, now, 10_000).times[0]).toBe(T0 + DAY - 4 * HOUR)
    engine.close()
    const slots = tables(path, 'SELECT DISTINCT key / 4194304 FROM sample') as number[]
    expect(Math.min(...slots)).toBe(T0 / SLOT + 131)
    const windows = tables(path, 'SELECT key / 4194304 FROM minute') as number[]
    expect([Math.min(...windows), Math.max(...windows)]).toEqual([T0 / WINDOW + 5, T0 / WINDOW + 16])
  })

  test('split by the tags that a query does not name', () => {
    const engine = openEngine(file())
    const points = ['a', 'b'].flatMap((host) =>
      ['0', '1'].map((cpu) => metric('cpu', { host, cpu }, { usage: Number(cpu), idle: 1 }, T0)),
    )
    engine.batch(T0, [feed('metric', 'cpu', points)])
    const find = (tags: Record<string, string>) =>
      engine
        .series(T0, { queries: [{ ...CPU, tags }], from: T0, to: T0, points: 10 })
        .series.map((s) => s.tags)
    expect(find({})).toHaveLength(4)
    expect(find({ host: 'b' })).toEqual([
      { host: 'b', cpu: '0' },
      { host: 'b', cpu: '1' },
    ])
    expect(find({ host: 'b', cpu: '2' })).toEqual([])
    expect(find({ nope: '' })).toEqual([])
  })

  test('survive a clock set back, late and repeated samples without losing or doubling any', () => {
    const engine = openEngine(file())
    run(engine, T0, T0 + 5 * HOUR)
    run(engine, T0 + HOUR, T0 + 2 * HOUR, 10_000, (n) => -n)
    engine.maintain(T0 + 2 * HOUR, 0)
    run(engine, T0 + 5 * HOUR, T0 + 9 * HOUR)
    const now = T0 + 9 * HOUR
    const again = query(engine, now, T0 + HOUR, T0 + 2 * HOUR - 1)
    expect(again.values).toEqual(Array.from({ length: 360 }, (_, i) => -i))
    expect(query(engine, now, T0, now, 541).values[60]).toBe(-2.5)
    const last = query(engine, now, T0 + 4 * HOUR, T0 + 5 * HOUR - 1)
    expect(last.values).toEqual(Array.from({ length: 360 }, (_, i) => 1_440 + i))
  })

  test('rolled up too early, by a clock that was ahead, are rolled up again', () => {
    const engine = openEngine(file())
    run(engine, T0, T0 + HOUR)
    engine.maintain(T0 + 10 * HOUR, HOUR)
    run(engine, T0 + HOUR, T0 + 2 * HOUR)
    const minutes = () => query(engine, T0 + 5 * HOUR, T0, T0 + 2 * HOUR - 1, 121).values
    expect(minutes().length).toBe(120)
    engine.maintain(T0 + 5 * HOUR, 5 * HOUR)
    expect(minutes().length).toBe(120)
  })

  test('that come late renew their roll-up, and minutes whose samples are gone stay in it', () => {
    const engine = openEngine(file(), { sampleAgeMs: 6 * HOUR })
    run(engine, T0, T0 + 8 * HOUR)
    const now = T0 + 8 * HOUR
    const late = T0 + 3 * HOUR + 5_000
    engine.batch(now, [feed('metric', 'cpu', [metric('cpu', { cpu: 'total' }, { usage: 1e6 }, late)])])
    engine.maintain(now + HOUR, 9 * HOUR)
    const { values, max } = query(engine, now, T0, T0 + 4 * HOUR - 1, 241)
    expect(values.slice(0, 120)).toEqual(Array.from({ length: 120 }, (_, i) => i * 6 + 2.5))
    expect([max![179], max![180]]).toEqual([1_079, 1e6])
  })

  test('are never removed before their roll-up is made, however short their age', () => {
    const engine = openEngine(file(), { sampleAgeMs: HOUR })
    run(engine, T0, T0 + 5 * HOUR)
    expect(query(engine, T0 + 5 * HOUR, T0, T0 + 4 * HOUR - 1, 241).values.length).toBe(240)
  })

  test('of a clock that was years ahead go away, once it stands again', () => {
    const engine = openEngine(file())
    const ahead = T0 + 1_000 * DAY
    run(engine, ahead, ahead + HOUR)
    expect(query(engine, ahead + HOUR, ahead, ahead + HOUR).values.length).toBe(360)
    run(engine, T0, T0 + HOUR)
    engine.maintain(T0 + HOUR, HOUR)
    engine.maintain(T0 + 2 * HOUR, 2 * HOUR)
    expect(query(engine, ahead + HOUR, ahead, ahead + HOUR).values).toEqual([])
    expect(query(engine, T0 + 2 * HOUR, T0, T0 + HOUR).values.length).toBe(360)
  })

  test('nothing is removed by age right after the clock was set', () => {
    const engine = openEngine(file())
    run(engine, T0, T0 + HOUR)
    engine.maintain(T0 + HOUR, HOUR)
    engine.maintain(T0 + 1_000 * DAY, HOUR + 1_000)
    engine.maintain(T0 + HOUR + 2_000, HOUR + 2_000)
    expect(query(engine, T0 + HOUR, T0, T0 + HOUR).values.length).toBe(360)
  })

  test('refuse samples too old or too far ahead, NaN, infinity, texts and booleans', () => {
    const engine = openEngine(file())
    engine.batch(T0, [feed('metric', 'cpu', [oneAt(T0 - 2 * DAY), oneAt(T0 + 2 * DAY)])])
    expect(engine.status()).toMatchObject({ refused: 2, series: 0, rows: 2 })
    const odd = metric('cpu', {}, { usage: NaN, other: Infinity }, T0)
    engine.batch(T0, [feed('metric', 'cpu', [odd])])
    expect(engine.status()).toMatchObject({ refused: 2, series: 0, rows: 3 })
  })

  test('of odd names are the same series after a restart', () => {
    const path = file()
    const odd = ['', '\u0000', 'a\u0000b', '\udcff', '汉', '__proto__', '"', '\\']
    const points = odd.map((name) => metric(name, { [name]: name }, { [name]: 1 }, T0))
    const send = (engine: StoreEngine) => engine.batch(T0, [feed('metric', 'x', points)])
    const first = openEngine(path)
    send(first)
    expect(first.status().series).toBe(odd.length)
    first.close()
    const again = openEngine(path)
    send(again)
    expect(again.status().series).toBe(odd.length)
    const queries = odd.map((name) => name.toWellFormed()).map((name) => ({ measurement: name, field: name }))
    const { series } = again.series(T0, { queries, from: T0, to: T0, points: 10 })
    expect(series.map((s) => Object.keys(s.tags))).toEqual(odd.map((name) => [name]))
  })

  test('are capped, and one exploding measurement leaves room for the others', () => {
    const engine = openEngine(file(), { series: 100, seriesPerMeasurement: 40 })
    const pids = Array.from({ length: 60 }, (_, i) => metric('procs', { pid: String(i) }, { cpu: 1 }, T0))
    engine.batch(T0, [
      feed('metric', 'p', pids),
      feed('metric', 'cpu', [metric('cpu', {}, { usage: 1 }, T0)]),
    ])
    expect(engine.status()).toMatchObject({ series: 41, refused: 20 })
    const [refusal] = engine.status().diagnostics
    expect(refusal!.code).toBe('STORE_CARDINALITY')
    expect(refusal!.message).toContain('procs: 20 samples refused')
    // Processes that ended make room after a day, and what is left of them goes.
    for (let h = 1; h <= 27; h++) engine.maintain(T0 + h * HOUR, h * HOUR)
    const later = T0 + 27 * HOUR
    const next = pids.map((_, i) => metric('procs', { pid: `n${i}` }, { cpu: 1 }, later))
    engine.batch(later, [feed('metric', 'p', next)])
    expect(engine.status()).toMatchObject({ series: 41, refused: 40 })
    const all = engine.series(later, {
      queries: [{ measurement: 'procs', field: 'cpu' }],
      from: T0,
      to: later,
      points: 10,
    })
    expect(all.series.every((s) => s.tags['pid']!.startsWith('n'))).toBe(true)
  })

  test('give way to the cap on bytes, oldest first', () => {
    const engine = openEngine(file(), { totalBytes: 150_000, recentPoints: 10 })
    run(engine, T0, T0 + 3 * DAY, 10_000, Math.random)
    expect(engine.status().bytes).toBeLessThan(250_000)
    const now = T0 + 3 * DAY
    expect(query(engine, now, now - HOUR, now - 1).values.length).toBe(360)
    expect(query(engine, now, T0, T0 + DAY).values.length).toBe(0)
  })

  test('property: any order of batches and maintenance gives back the newest value of each time', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ time: fc.nat({ max: 12 * 360 }), value: fc.integer() }) },
      { weight: 1, arbitrary: fc.record({ maintain: fc.nat({ max: 48 }) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const engine = openEngine(':memory:')
        const expected = new Map<number, number>()
        for (const one of steps) {
          if ('maintain' in one) engine.maintain(T0 + one.maintain * SLOT, 0)
          else {
            const time = T0 + one.time * 10_000
            expected.set(time, one.value)
            engine.batch(T0, [feed('metric', 'cpu', [metric('cpu', {}, { usage: one.value }, time)])])
          }
        }
        // Sealing settles which of two samples of one time stays.
        engine.maintain(T0 + 24 * HOUR, 0)
        for (let hour = 0; hour < 12; hour++) {
          const from = T0 + hour * HOUR
          const found = query(engine, T0 + 24 * HOUR, from, from + HOUR - 1, 4_000)
          const want = [...expected].filter(([t]) => t >= from && t < from + HOUR).sort((a, b) => a[0] - b[0])
          const kept = found.times.map((t, i) => [t, found.values[i]]).filter(([, v]) => v !== null)
          expect(kept).toEqual(want)
        }
        engine.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('recent points', () => {
  test('come newest first, page by page, each once', () => {
    const engine = openEngine(file())
    const want: string[] = []
    for (let n = 0; n < 50; n++) {
      const lines = Array.from({ length: (n % 7) + 1 }, (_, i) => `line ${n}.${i}`)
      want.push(...lines)
      engine.batch(T0 + n, [
        feed(
          'logging',
          n % 2 ? 'odd' : 'even',
          lines.map((text) => logLine(text, T0)),
        ),
      ])
    }
    const found: unknown[] = []
    for (let before: number | null | undefined; before !== null;) {
      const page = logs(engine, { limit: 9, before })
      found.push(...page.texts)
      expect(page.seqs.length).toBeLessThanOrEqual(9)
      before = page.next
    }
    expect(found).toEqual(want.toReversed())
    expect(logs(engine, { source: 'odd' }).texts).toEqual(
      want.filter((text) => Number(/ (\d+)/.exec(text)![1]) % 2 === 1).toReversed(),
    )
  })

  test('are searched in name, tags and texts, whatever the case', () => {
    const engine = openEngine(file())
    const lines = ['GET /index.html', 'Fehler: ÄRGER', 'web'].map((text) => logLine(text, T0))
    engine.batch(T0, [feed('logging', 'src', lines)])
    expect(logs(engine, { text: 'ärger' }).texts).toEqual(['Fehler: ÄRGER'])
    expect(logs(engine, { text: 'INDEX' }).texts).toEqual(['GET /index.html'])
    // `service = web` is a tag of each, `nginx` the name of each, `message` a key only.
    expect(logs(engine, { text: 'web' }).texts).toHaveLength(3)
    expect(logs(engine, { text: 'Nginx' }).texts).toHaveLength(3)
    expect(logs(engine, { text: 'message' }).texts).toEqual([])
    expect(logs(engine, { text: 'absent' })).toEqual({ texts: [], seqs: [], next: null })
  })

  test('stay up to their count, their age and their bytes, the newest of each category', () => {
    const engine = openEngine(file(), { recentPoints: 100, recentBytes: 20_000, recentAgeMs: HOUR })
    for (let n = 0; n < 50; n++) {
      const lines = Array.from({ length: 10 }, (_, i) => logLine(`line ${n * 10 + i}`, T0))
      engine.batch(T0 + n * MINUTE, [feed('logging', 'web', lines)])
    }
    engine.batch(T0 + 50 * MINUTE, [feed('rum', 'web', [logLine('rum', T0)])])
    expect(logs(engine).texts).toEqual(Array.from({ length: 100 }, (_, i) => `line ${499 - i}`))
    expect(engine.status().rows).toBe(101)

    for (let n = 0; n < 30; n++) {
      const lines = Array.from({ length: 10 }, () => logLine(noise(200), T0))
      engine.batch(T0 + 51 * MINUTE, [feed('tracing', 'web', lines)])
    }
    expect(engine.status().rows).toBeLessThan(300)
    expect(engine.recent(T0, { category: 'rum', limit: 1 }).entries).toHaveLength(1)

    engine.maintain(T0 + HOUR, 0)
    engine.maintain(T0 + 100 * MINUTE, 40 * MINUTE)
    expect(logs(engine).texts).toHaveLength(100)
    engine.maintain(T0 + 110 * MINUTE, 50 * MINUTE)
    expect(logs(engine).texts).toHaveLength(0)
  })

  test('leave out a block that bits were lost of, and say so', () => {
    const path = file()
    const engine = openEngine(path)
    for (const text of ['a', 'b', 'c']) engine.batch(T0, [feed('logging', 'web', [logLine(text, T0)])])
    engine.close()
    const db = new DatabaseSync(path)
    db.exec("UPDATE recent SET block = x'ff00ff' WHERE key = (SELECT max(key) - 1 FROM recent)")
    db.close()
    const again = openEngine(path)
    expect(logs(again).texts).toEqual(['c', 'a'])
    expect(again.status().diagnostics.map((d) => d.code)).toEqual(['STORE_CORRUPT'])
  })
})

describe('objects', () => {
  test('are the latest of each name, forgotten when they come no more, capped', () => {
    const engine = openEngine(file(), { objects: 3 })
    const send = (now: number, ...points: ReturnType<typeof object>[]) =>
      engine.batch(now, [feed('object', 'o', points)])
    const names = (className: string) => {
      const points = decodePoints(engine.objects(T0, className))
      return points.ok ? points.value.map((p) => [p.kvs[0]!.value, p.kvs[1]!.value]) : points.error
    }
    send(T0, object('proc', 'a', T0, 1), object('proc', 'b', T0, 1), object('HOST', 'h', T0, 9))
    send(T0 + HOUR, object('proc', 'a', T0 - DAY, 2), object('proc', 'c', T0, 3))
    expect(names('proc')).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 3],
    ])
    engine.maintain(T0 + HOUR, 0)
    engine.maintain(T0 + HOUR + MINUTE, MINUTE)
    expect([...(names('proc') as unknown[]), ...(names('HOST') as unknown[])]).toHaveLength(3)
    engine.maintain(T0 + DAY + 30 * MINUTE, DAY - 30 * MINUTE)
    expect(names('proc')).toEqual([
      ['a', 2],
      ['c', 3],
    ])
  })
})

describe('a file that fails', () => {
  test('is set aside when it is no database, and a new one started', () => {
    const path = file()
    writeFileSync(path, 'no database at all '.repeat(1_000))
    const engine = openEngine(path)
    engine.batch(T0, [feed('logging', 'web', [logLine('x', T0)])])
    expect(engine.status()).toMatchObject({ failure: null, rows: 1 })
    const [replaced] = engine.status().diagnostics
    expect(replaced).toMatchObject({ code: 'STORE_CORRUPT', severity: 'warning' })
    const kept = readdirSync(join(path, '..')).find((name) => name.startsWith('store.db.corrupt-'))
    expect(kept).toBe('store.db.corrupt-2026-01-01T000000.000Z')
    expect(replaced!.message).toContain(kept)
    expect(readFileSync(join(path, '..', kept!), 'utf8')).toMatch(/^no database/)
  })

  test('is set aside when damage shows while it is in use; what is in memory goes to the new one', () => {
    const path = file()
    const engine = openEngine(path)
    run(engine, T0, T0 + 2 * HOUR)
    for (let i = 0; i < 200; i++) {
      engine.batch(T0, [feed('logging', 'w', [logLine(noise(2_000), T0)])])
    }
    engine.close()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 4_096)
    writeFileSync(path, bytes)
    const again = openEngine(path)
    const now = T0 + 2 * HOUR
    again.batch(now, [feed('metric', 'cpu', [metric('cpu', { cpu: 'total' }, { usage: 7 }, now)])])
    expect(query(again, now, T0, now).values).toEqual([7])
    expect(again.status()).toMatchObject({ failure: null, series: 1 })
    expect(again.status().diagnostics.map((d) => d.code)).toEqual(['STORE_CORRUPT'])
  })

  test('is set aside when a later release wrote it', () => {
    const path = file()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const engine = openEngine(path)
    engine.batch(T0, [])
    expect(engine.status().failure).toBe(null)
    expect(engine.status().diagnostics[0]!.message).toContain('store.db.v99')
  })

  test('cannot be opened: memory answers, keeps a bounded tail, and is written once it can', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'data'), '')
    const path = join(folder, 'data', 'store.db')
    const engine = openEngine(path, { heldBytes: 2_000 })
    run(engine, T0, T0 + 60_000)
    engine.batch(T0, [feed('object', 'o', [object('HOST', 'h', T0)])])
    expect(engine.status()).toMatchObject({ failure: { code: 'STORE_FAILED' }, series: 1 })
    const [failure] = engine.status().diagnostics
    expect(failure).toMatchObject({ code: 'STORE_FAILED', severity: 'error', file: path })
    expect(query(engine, T0, T0, T0 + 60_000).values).toEqual([0, 1, 2, 3, 4, 5])
    expect(engine.objects(T0, 'HOST').length).toBeGreaterThan(0)
    for (let n = 0; n < 40; n++) {
      engine.batch(T0, [feed('logging', 'w', [logLine(`${n} ${noise(200)}`, T0)])])
    }
    const held = logs(engine).texts
    expect(held.length).toBeLessThan(30)
    expect(String(held[0])).toMatch(/^39 /)
    const { lost } = engine.status()
    expect(lost).toBeGreaterThan(10)

    rmSync(join(folder, 'data'))
    mkdirSync(join(folder, 'data'))
    run(engine, T0 + 60_000, T0 + 70_000)
    expect(engine.status()).toMatchObject({ failure: null, lost, diagnostics: [] })
    expect(logs(engine).texts).toEqual(held)
    engine.close()
    const again = openEngine(path)
    expect(logs(again).texts).toEqual(held)
  })

  test('that was written meanwhile by no one else takes what memory held after its own', () => {
    const path = file()
    const first = openEngine(path)
    run(first, T0, T0 + 60_000)
    first.batch(T0, [feed('logging', 'w', [logLine('first', T0)])])
    // A second agent on the same file is told, and holds.
    const second = openEngine(path, { heldBytes: 1e6 })
    const other = metric('mem', {}, { used: 1 }, T0)
    const same = metric('cpu', { cpu: 'total' }, { usage: 9 }, T0 + 60_000)
    second.batch(T0, [feed('metric', 'm', [other, same]), feed('logging', 'w', [logLine('second', T0)])])
    expect(second.status().diagnostics.map((d) => d.code)).toEqual(['STORE_BUSY'])
    first.close()
    second.batch(T0, [])
    expect(second.status()).toMatchObject({ failure: null, series: 2 })
    expect(query(second, T0, T0, T0 + 60_000).values).toEqual([0, 1, 2, 3, 4, 5, 9])
    expect(logs(second)).toMatchObject({ texts: ['second', 'first'], seqs: [2, 1] })
  })

  test('on a full disk: says so, goes on reading, and writes all of it when there is space', () => {
    const path = file()
    const engine = openEngine(path)
    run(engine, T0, T0 + 60_000)
    const limit = (pages: number): void => limitPages(engine, pages)
    limit(1)
    const fresh = metric('mem', {}, { used: 1 }, T0)
    const large = logLine(noise(40_000), T0)
    engine.batch(T0, [feed('metric', 'm', [fresh]), feed('logging', 'w', [large])])
    for (let n = 1; n < 5; n++) engine.batch(T0, [feed('logging', 'w', [logLine(`${n}`, T0)])])
    expect(engine.status()).toMatchObject({ failure: { code: 'KERNEL_DISK_FULL' }, series: 2 })
    expect(engine.status().diagnostics.map((d) => [d.code, d.notes[0]])).toEqual([
      ['KERNEL_DISK_FULL', 'Free some space; the agent goes on by itself.'],
    ])
    expect(query(engine, T0, T0, T0 + 60_000).values).toEqual([0, 1, 2, 3, 4, 5])
    expect(logs(engine).texts).toHaveLength(5)
    engine.maintain(T0 + HOUR, 0)
    limit(1_000_000)
    engine.batch(T0, [])
    expect(engine.status()).toMatchObject({ failure: null, lost: 0, series: 2 })
    engine.close()
    expect(tables(path, 'SELECT measurement FROM series')).toEqual(['cpu', 'mem'])
    expect(logs(openEngine(path)).texts).toHaveLength(5)
  })

  test('opens again after its process was killed while writing', async () => {
    const path = file()
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'testdata', 'write-for-ever.ts'), path],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let acknowledged = 0
    for await (const chunk of child.stdout) {
      const rounds = String(chunk).trim().split('\n')
      acknowledged = Number(rounds.at(-1))
      if (acknowledged > 200) break
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(`${path}-wal`)).toBe(true)
    const engine = openEngine(path)
    const now = T0 + 10 * DAY
    const { series } = engine.series(now, { queries: [CPU], from: T0, to: now, points: 4_000 })
    expect(series[0]!.max?.at(-1) ?? series[0]!.values.at(-1)).toBeGreaterThanOrEqual(acknowledged)
    expect(engine.status()).toMatchObject({ failure: null, diagnostics: [] })
    engine.batch(now, [feed('logging', 'w', [logLine('goes on', now)])])
    expect(logs(engine, { limit: 1 }).texts).toEqual(['goes on'])
    engine.close()
    expect(tables(path, 'PRAGMA integrity_check')).toEqual(['ok'])
  })
})

/** SQLite's own disk-full, without filling a disk. */
function limitPages(engine: StoreEngine, pages: number): void {
  const db = (engine as unknown as { db: StoreDatabase }).db
  db.exec(`PRAGMA max_page_count = ${pages}`)
}
