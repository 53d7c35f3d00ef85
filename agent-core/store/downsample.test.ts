import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Buckets, stepFor } from './downsample.ts'

const T = Date.UTC(2026, 0, 1)

function bucketed(from: number, to: number, step: number, samples: readonly (readonly [number, number])[]) {
  const buckets = new Buckets(from, to, step)
  for (const [time, value] of samples) buckets.sample(time, value)
  return buckets.finish()
}

const every = (ms: number, count: number, from = T): [number, number][] =>
  Array.from({ length: count }, (_, i) => [from + i * ms, i])

describe('stepFor', () => {
  test.each([
    [3_600_000, 3_601, 1_000],
    [3_600_000, 1_000, 4_000],
    [86_400_000, 4_000, 30_000],
    [86_400_000, 1_000, 120_000],
    [14 * 86_400_000, 1_000, 21 * 60_000],
    [0, 10, 1_000],
  ])('%d ms as %d points has steps of %d ms', (span, points, step) => {
    expect(stepFor(T, T + span, points)).toBe(step)
  })
})

describe('buckets', () => {
  test('hold the average with the smallest and largest sample', () => {
    expect(bucketed(T, T + 29_999, 10_000, [...every(5_000, 6)])).toEqual({
      times: [T, T + 10_000, T + 20_000],
      values: [0.5, 2.5, 4.5],
      min: [0, 2, 4],
      max: [1, 3, 5],
    })
  })

  test('finer than the rhythm are the samples at their own times', () => {
    const samples = every(10_000, 4, T + 137)
    expect(bucketed(T, T + 60_000, 1_000, samples)).toEqual({
      times: samples.map(([time]) => time),
      values: [0, 1, 2, 3],
    })
  })

  test('break the line where data is missing for more than 2.5 rhythms', () => {
    const two = bucketed(T, T + 200_000, 5_000, [...every(10_000, 5), ...every(10_000, 5, T + 60_000)])!
    expect(two.values).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    const three = bucketed(T, T + 200_000, 5_000, [...every(10_000, 5), ...every(10_000, 5, T + 70_000)])!
    expect(three.values).toEqual([0, 1, 2, 3, 4, null, 0, 1, 2, 3, 4])
    expect(three.times[5]).toBe(T + 45_000)
  })

  test('do not break where the interval was changed, but for the change itself', () => {
    const samples = [...every(10_000, 30), ...every(60_000, 10, T + 350_000)]
    expect(bucketed(T, T + 3_600_000, 5_000, samples)!.values.filter((v) => v === null).length).toBe(1)
  })

  test('outside the span count for nothing, and nothing gives nothing', () => {
    expect(bucketed(T, T + 1_000, 1_000, [...every(10_000, 3, T - 30_000), ...every(1, 1, T + 1_001)])).toBe(
      undefined,
    )
  })

  test('have the same extremes in any order of samples, are never more than asked for, ascending, and inside their span', () => {
    const sample = fc.tuple(
      fc.integer({ min: T, max: T + 3_600_000 }),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    )
    fc.assert(
      fc.property(fc.array(sample), fc.integer({ min: 10, max: 4_000 }), (samples, points) => {
        const step = stepFor(T, T + 3_600_000, points)
        const out = bucketed(T, T + 3_600_000, step, samples)
        if (samples.length === 0) return
        expect(out!.times.length).toBeLessThanOrEqual(points)
        expect(out!.times).toEqual(out!.times.toSorted((a, b) => a - b))
        const numbers = out!.values.filter((v) => v !== null)
        expect(Math.min(...numbers)).toBeGreaterThanOrEqual(Math.min(...samples.map(([, v]) => v)))
        expect(Math.max(...(out!.max ?? numbers).filter((v) => v !== null))).toBe(
          Math.max(...samples.map(([, v]) => v)),
        )
        const shuffled = bucketed(T, T + 3_600_000, step, samples.toReversed())!
        expect(shuffled.max?.filter((v) => v !== null)).toEqual(out!.max?.filter((v) => v !== null))
      }),
    )
  })
})
