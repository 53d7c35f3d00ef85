// Random samples for property tests (fast-check); nothing else imports this.
import * as fc from 'fast-check'
import type { Samples } from './chunk.ts'

/** Columns as collectors make them: constants, counters, shares of few ticks, noise, and any double that is a number. */
export const anyColumn: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.double({ noNaN: true })),
  fc.array(fc.integer()),
  fc.array(fc.maxSafeInteger()),
  fc.array(fc.constantFrom(0, -0, 0.1, 1, 2 ** 48, -(2 ** 48), 2 ** 48 + 1), { maxLength: 500 }),
  fc
    .tuple(fc.double({ noNaN: true }), fc.nat({ max: 400 }))
    .map(([value, n]) => Array<number>(n).fill(value)),
  fc.array(
    fc.nat({ max: 1000 }).map((ticks) => ticks / 10),
    { maxLength: 200 },
  ),
)

/** Samples of one slot, ascending. */
export function anySamples(start: number, span: number): fc.Arbitrary<Samples> {
  return fc
    .uniqueArray(fc.tuple(fc.nat({ max: span - 1 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
      selector: ([time]) => time,
    })
    .map((rows) => rows.sort((a, b) => a[0] - b[0]))
    .map((rows) => ({ times: rows.map(([time]) => start + time), values: rows.map(([, value]) => value) }))
}
