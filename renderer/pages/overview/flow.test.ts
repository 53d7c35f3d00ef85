import { expect, it } from 'vitest'
import type { OverviewSnapshot } from '../../../agent-core/contract/index.ts'
import { doorsOf, flowTop, recentMean, smooth } from './flow.ts'

const door = (...history: number[]) => ({ rate: history.at(-1) ?? 0, total: 0, history })
const flow: OverviewSnapshot['flow'] = {
  collected: door(10, 100),
  piped: door(10, 90),
  filtered: door(10, 80),
  queued: door(10, 80),
  sent: door(0, 900),
  dropped: [
    { reason: 'script', rate: 10, total: 50 },
    { reason: 'filtered', rate: 0, total: 7 },
    { reason: 'something_new', rate: 1, total: 1 },
    { reason: 'expired', rate: 0, total: 0 },
  ],
  pendingPoints: 0,
}

it('names each loss at the door where it happens', () => {
  const losses = doorsOf(flow).map(({ name, losses }) => [name, losses.map(({ reason }) => reason)])
  expect(losses).toEqual([
    ['collected', []],
    ['piped', ['script']],
    ['filtered', ['filtered']],
    ['queued', ['something_new']],
    ['sent', []],
  ])
})

it('draws a loss only while points are lost', () => {
  const [, piped, filtered] = doorsOf(flow)
  expect(piped?.lostFrom).toEqual([10, 55])
  expect(filtered?.lostFrom).toBeUndefined()
})

it('measures all doors alike and does not let a burst of sending flatten them', () => {
  expect(flowTop(doorsOf(flow))).toBeCloseTo(55 * 1.08)
})

it('shows rounds of ten seconds as the rate that they are', () => {
  const rounds = Array.from({ length: 60 }, (_, n) => (n % 10 === 0 ? 120 : 0))
  expect(recentMean(rounds)).toBe(12)
  expect(
    smooth(rounds)
      .slice(10)
      .every((value) => value === 12),
  ).toBe(true)
  expect([recentMean([]), smooth([])]).toEqual([0, []])
})
