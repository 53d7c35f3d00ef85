import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anySamples } from './arbitrary.ts'
import {
  decodeChunk,
  decodeMinutes,
  decodeRound,
  encodeChunk,
  encodeMinutes,
  encodeRound,
  mergeMinutes,
  mergeSamples,
  MINUTE,
  rollUp,
  SLOT,
  sortSamples,
  WINDOW,
  type Samples,
} from './chunk.ts'

const START = Math.floor(Date.UTC(2026, 0, 1) / WINDOW) * WINDOW

const plain = ({ times, values }: Samples): number[][] => [Array.from(times), Array.from(values)]

describe('chunk', () => {
  test('samples of a slot come back exactly', () => {
    fc.assert(
      fc.property(anySamples(START, SLOT), (samples) => {
        expect(plain(decodeChunk(START, encodeChunk(START, samples).slice()))).toEqual(plain(samples))
      }),
    )
  })

  test('a round comes back exactly, wherever its bytes lie', () => {
    const round = {
      ids: [1, 1, 2, 700_000],
      times: [START, START + 1, START - 5, START],
      values: Float64Array.of(1, -0, 1e300, 0.1),
    }
    const block = encodeRound(round)
    const shifted = new Uint8Array(block.length + 1)
    shifted.set(block, 1)
    const back = decodeRound(shifted.subarray(1), 4)
    expect([...back.values].map((value, i) => Object.is(value, round.values[i]))).toEqual(Array(4).fill(true))
    expect([Array.from(back.ids), Array.from(back.times)]).toEqual([round.ids, round.times])
    expect(() => decodeRound(block.subarray(0, 20), 4)).toThrow(RangeError)
  })

  test('a merge has each time once, in order, and the later value wins', () => {
    const earlier = { times: [1, 3, 5], values: [10, 30, 50] }
    const later = { times: [2, 3], values: [20, 31] }
    expect(plain(mergeSamples(earlier, later))).toEqual([
      [1, 2, 3, 5],
      [10, 20, 31, 50],
    ])
    expect(plain(sortSamples({ times: [3, 1, 3], values: [1, 2, 3] }))).toEqual([
      [1, 3],
      [2, 3],
    ])
  })
})

describe('minutes', () => {
  test('hold average, minimum, maximum and count of each minute', () => {
    fc.assert(
      fc.property(anySamples(START, WINDOW), (samples) => {
        const minutes = rollUp(samples)
        expect(Array.from(minutes.counts).reduce((a, b) => a + b, 0)).toBe(samples.times.length)
        const back = decodeMinutes(START, encodeMinutes(START, minutes).slice())
        expect(Array.from(back.times)).toEqual(minutes.times)
        expect(Array.from(back.counts)).toEqual(minutes.counts)
        Array.from(back.times).forEach((time, i) => {
          const inside = Array.from(samples.values).filter(
            (_, k) => samples.times[k]! >= time && samples.times[k]! < time + MINUTE,
          )
          expect(closeTo(back.minima[i]!, Math.min(...inside))).toBe(true)
          expect(closeTo(back.maxima[i]!, Math.max(...inside))).toBe(true)
          expect(back.averages[i]!).toBeGreaterThanOrEqual(back.minima[i]!)
          expect(back.averages[i]!).toBeLessThanOrEqual(back.maxima[i]!)
        })
      }),
    )
  })

  test('keep integers exact and averages to seven digits', () => {
    const minutes = rollUp({
      times: [START, START + 1000, START + MINUTE],
      values: [12_630_552_577, 12_630_552_578, 3],
    })
    const back = decodeMinutes(START, encodeMinutes(START, minutes).slice())
    expect(Array.from(back.minima)).toEqual([12_630_552_577, 3])
    expect(Array.from(back.maxima)).toEqual([12_630_552_578, 3])
    expect(closeTo(back.averages[0]!, 12_630_552_577.5)).toBe(true)
  })

  test('merge minute by minute, the later roll-up wins', () => {
    const earlier = rollUp({ times: [START, START + MINUTE], values: [1, 2] })
    const later = rollUp({ times: [START + MINUTE, START + MINUTE + 1], values: [5, 7] })
    const both = mergeMinutes(earlier, later)
    expect(both.times).toEqual([START, START + MINUTE])
    expect([both.counts, both.averages, both.minima, both.maxima]).toEqual([
      [1, 2],
      [1, 6],
      [1, 5],
      [1, 7],
    ])
  })
})

function closeTo(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= Math.abs(b) * 2 ** -23
}
