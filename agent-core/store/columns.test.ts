import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../point/byte-buffer.ts'
import { anyColumn } from './arbitrary.ts'
import { ColumnReader, writeInts, writeSteps, writeValues } from './columns.ts'

function written(write: (out: ByteBuffer) => void): Uint8Array {
  const out = new ByteBuffer(16)
  write(out)
  return out.written()
}

const int48 = fc.integer({ min: -(2 ** 48), max: 2 ** 48 })

describe('columns', () => {
  test('any doubles come back bit for bit', () => {
    fc.assert(
      fc.property(anyColumn, (values) => {
        const bytes = written((out) => writeValues(out, values))
        const back = new ColumnReader(bytes).values(values.length)
        expect([...back].every((value, i) => Object.is(value, values[i]))).toBe(true)
      }),
    )
  })

  test('integers and their steps come back, one column after the other', () => {
    fc.assert(
      fc.property(fc.array(int48), fc.array(fc.nat({ max: 2 ** 31 - 1 })), (ints, gaps) => {
        let time = 0
        const times = gaps.map((gap) => (time += gap))
        const bytes = written((out) => {
          writeInts(out, ints)
          writeSteps(out, times)
        })
        const reader = new ColumnReader(bytes)
        expect([...reader.ints(ints.length)].map((x) => x + 0)).toEqual(ints.map((x) => x + 0))
        expect([...reader.steps(times.length)]).toEqual(times)
      }),
    )
  })

  test.each([
    ['a constant', Array<number>(180).fill(0.125), 12],
    ['an even rhythm', Array.from({ length: 180 }, (_, i) => i * 10_000), 8],
    ['a slow counter', Array.from({ length: 180 }, (_, i) => 1e9 + i * 3), 190],
    ['shares of few ticks', Array.from({ length: 180 }, (_, i) => (i % 7) / 3), 260],
  ])('%s takes few bytes', (name, values, most) => {
    const bytes = written((out) =>
      name === 'an even rhythm' ? writeSteps(out, values) : writeValues(out, values),
    )
    expect(bytes.length).toBeLessThanOrEqual(most)
  })

  test('bytes that end too early throw instead of inventing values', () => {
    const bytes = written((out) => writeValues(out, [0.1, 0.2, 0.3]))
    for (let end = 0; end < bytes.length; end++) {
      expect(() => new ColumnReader(bytes.subarray(0, end)).values(3)).toThrow(RangeError)
    }
  })
})
