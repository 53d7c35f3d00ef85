import { describe, expect, it } from 'vitest'
import type { CollectorInstanceView } from '../../agent-core/contract/index.ts'
import { byName, matches, type CollectorRow } from './collectors.ts'

const instance = (name: string, change: Partial<CollectorInstanceView> = {}): CollectorInstanceView => ({
  id: `${name}#${change.instance ?? 0}`,
  name,
  instance: 0,
  state: 'ok',
  file: `conf.d/${name}.conf`,
  interval: 10_000,
  feeds: 10,
  points: 20,
  lastFeed: 1000,
  avgCostMs: 1,
  p90CostMs: 2,
  nextRun: 5000,
  crashes: 0,
  errors: 0,
  lastError: null,
  history: 'oooo',
  ...change,
})
const only = (...instances: CollectorInstanceView[]): CollectorRow => byName(instances)[0]!

describe('collectors by name', () => {
  it('puts the worst first, then most errors, then the alphabet', () => {
    const states = [
      'finished',
      'ok',
      'paused',
      'starting',
      'degraded',
      'not_loaded',
      'failing',
      'stopped',
    ] as const
    const rows = byName([
      ...states.map((state) => instance(state, { state })),
      instance('bb', { state: 'degraded', errors: 5 }),
      instance('aa', { state: 'degraded' }),
    ])
    expect(rows.map(({ name }) => name)).toEqual([
      'stopped',
      'failing',
      'not_loaded',
      'bb',
      'aa',
      'degraded',
      'starting',
      'paused',
      'ok',
      'finished',
    ])
  })

  it('sums what adds up and takes the worst of the rest', () => {
    const row = only(
      instance('prom', { feeds: 1, avgCostMs: 10, p90CostMs: 12, lastFeed: 5, nextRun: 900, crashes: 2 }),
      instance('prom', {
        instance: 1,
        feeds: 3,
        avgCostMs: 2,
        p90CostMs: null,
        lastFeed: null,
        nextRun: 400,
      }),
    )
    expect(row).toMatchObject({
      running: 2,
      feeds: 4,
      points: 40,
      avgCostMs: 4,
      p90CostMs: 12,
      lastFeed: 5,
      nextRun: 400,
      crashes: 2,
    })
  })

  it('shows the state of the worst instance and the latest error of any', () => {
    const row = only(
      instance('mysql', { state: 'failing', lastError: { time: 1, message: 'old' } }),
      instance('mysql', { instance: 1, lastError: { time: 2, message: 'new' } }),
    )
    expect([row.state, row.lastError?.message]).toEqual(['failing', 'new'])
  })

  it('has no figures for what never ran', () => {
    const never = { feeds: 0, points: 0, lastFeed: null, avgCostMs: null, p90CostMs: null, nextRun: null }
    const row = only(instance('oracle', { ...never, state: 'not_loaded' }))
    expect(row).toMatchObject({ running: 0, lastFeed: null, avgCostMs: null, p90CostMs: null, nextRun: null })
  })
})

it.each([
  ['', true],
  ['  ', true],
  ['MYS', true],
  ['db/mysql.conf', true],
  ['access', true],
  ['redis', false],
])('the filter %j keeps the row: %s', (text, kept) => {
  const row = only(
    instance('mysql', {
      file: 'conf.d/db/mysql.conf',
      lastError: { time: 1, message: '1045 Access denied' },
    }),
  )
  expect(matches(row, text)).toBe(kept)
})
