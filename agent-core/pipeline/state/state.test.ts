import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { lookup, makePoint } from '../../point/point.ts'
import { Float } from '../language/value.ts'
import { AggregationBuckets } from './aggregation.ts'
import { ScriptCache } from './cache.ts'
import { createReferTables } from './refer-tables.ts'
import { ContextWindows } from './window.ts'

const bucket = {
  category: 'metric',
  name: 'b',
  intervalMs: 1000,
  count: 0,
  keepValue: false,
  tags: new Map(),
} as const

const named = (name: string) => makePoint(name, [], 1n)

describe('cache', () => {
  it('forgets after its seconds, counted from the last write', () => {
    const clock = new FakeClock()
    const cache = new ScriptCache(clock)
    cache.set('k', 1, 2)
    clock.jump(1500)
    cache.set('k', 2, 2)
    clock.jump(1500)
    expect(cache.get('k')).toBe(2)
    clock.jump(500)
    expect(cache.get('k')).toBeUndefined()
    cache.set('k', 3, 0)
    expect(cache.get('k')).toBeUndefined()
  })
})

describe('aggregation', () => {
  it('gives out every interval and starts anew', () => {
    const clock = new FakeClock()
    const buckets = new AggregationBuckets(clock, new Map([['host', 'h']]))
    buckets.create(bucket)
    const by = new Map([['svc', 'x']])
    for (const value of [3, -7, 5]) {
      buckets.add('metric', 'b', by, 'max', 'max', value)
      buckets.add('metric', 'b', by, 'min', 'min', value)
      buckets.add('metric', 'b', by, 'avg', 'avg', value)
    }
    expect(buckets.take()).toEqual([])
    clock.jump(1000)
    const [flushed] = buckets.take()
    const value = (key: string): unknown => lookup(flushed!.point, key)?.value
    expect([value('max'), value('min'), value('avg'), value('svc'), value('host')]).toEqual([
      5,
      -7,
      1 / 3,
      'x',
      'h',
    ])
    clock.jump(1000)
    expect(buckets.take()).toEqual([])
  })

  it('gives out after so many values and keeps them when told', () => {
    const buckets = new AggregationBuckets(new FakeClock())
    buckets.create({ ...bucket, intervalMs: 0, count: 2, keepValue: true })
    for (const value of [1, 2, 3, 4]) buckets.add('metric', 'b', new Map(), 's', 'sum', value)
    expect(buckets.take().map((f) => lookup(f.point, 's')!.value)).toEqual([3, 10])
    expect(buckets.close()).toEqual([])
  })
})

describe('window', () => {
  it('lets through what was dropped around a hit', () => {
    const windows = new ContextWindows()
    windows.register('s', 2, 2)
    windows.register('s', 9, 9)
    expect(windows.after('s', false, true, named('a'))).toEqual([])
    windows.after('s', false, true, named('b'))
    windows.after('s', false, false, named('kept'))
    expect(windows.held).toBe(1)
    expect(windows.after('s', true, false, named('hit')).map((p) => p.name)).toEqual(['b'])
    expect(windows.after('s', false, true, named('c')).map((p) => p.name)).toEqual(['c'])
    expect(windows.after('s', false, true, named('d'))).toEqual([])
  })
})

describe('refer tables', () => {
  const table = {
    table_name: 't',
    column_name: ['id', 'n'],
    column_type: ['string', 'int'],
    row_data: [
      ['a', 1],
      ['a', '2'],
      ['b', 3],
    ],
  }

  it('find the first row by value and type', () => {
    const tables = createReferTables([table, { ...table, row_data: [] }])
    if (!tables.ok) throw new Error(tables.error)
    const n = (columns: string[], values: (string | number | Float)[]) =>
      tables.value.find('t', columns, values)?.get('n')
    expect(n(['id'], ['a'])).toBe(1)
    expect(n(['id', 'n'], ['a', 2])).toBe(2)
    expect(n(['n'], [new Float(3)])).toBeUndefined()
    expect(n(['nope'], ['a'])).toBeUndefined()
  })

  it('are refused whole when one is bad', () => {
    expect(createReferTables([table, { ...table, table_name: 'u', row_data: [['a', 'x']] }])).toEqual({
      ok: false,
      error: 'table u, row 0: n is no int',
    })
  })
})
