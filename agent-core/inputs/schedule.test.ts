import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../kernel/clock.ts'
import { createAlignment } from './align.ts'
import { createSchedule } from './schedule.ts'

describe('schedule', () => {
  test('each entry runs once, in the order of its time, never early, in a turn of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 12 }), async (dues) => {
        const clock = new FakeClock()
        const schedule = createSchedule(clock)
        const ran: number[] = []
        let turn = 0
        for (const due of dues) {
          schedule.at(due, () => {
            expect(clock.monotonic()).toBe(due)
            ran.push(due)
            const own = ++turn
            // Promises that it leaves are run before the next entry.
            void Promise.resolve().then(() => expect(turn).toBe(own))
          })
        }
        await clock.advance(50)
        expect(ran).toEqual(dues.toSorted((a, b) => a - b))
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  test('one timer, whatever waits; a disposed entry does not run; an entry that throws stops no other', async () => {
    const clock = new FakeClock()
    const schedule = createSchedule(clock)
    const ran: string[] = []
    schedule.at(10, () => ran.push('a')).dispose()
    schedule.at(20, () => {
      ran.push('b')
      throw new Error('boom')
    })
    schedule.at(30, () => ran.push('c'))
    expect(clock.pending).toBe(1)
    await expect(clock.advance(20)).rejects.toThrow('boom')
    await clock.advance(20)
    expect(ran).toEqual(['b', 'c'])
    schedule.at(100, () => ran.push('d'))
    schedule.dispose()
    schedule.at(100, () => ran.push('e'))
    expect(clock.pending).toBe(0)
  })
})

describe('timestamps', () => {
  const INTERVAL = 10_000

  test('stay on the grid while rounds come within 10 % of their time, else follow the tick', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -9_000, max: 20_000 }), { maxLength: 20 }),
        async (late) => {
          const clock = new FakeClock()
          const align = createAlignment(clock, INTERVAL, () => 0)
          let previous = align.next().time
          for (const ms of late) {
            await clock.advance(INTERVAL + ms)
            const { time, jump } = align.next()
            const tick = clock.nowNs()
            const off = Number(time - tick) / 1e6
            expect(Math.abs(off)).toBeLessThanOrEqual(INTERVAL / 10)
            expect([tick, previous + BigInt(INTERVAL) * 1_000_000n]).toContain(time)
            expect(jump).toBe(0)
            previous = time
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  test.each([
    [INTERVAL + 1, INTERVAL + 1],
    [-INTERVAL - 1, -INTERVAL - 1],
    [INTERVAL, 0],
    [1, 0],
  ])('a wall clock that moves by %d ms against the monotonic one is a jump of %d', async (ms, expected) => {
    const clock = new FakeClock()
    const align = createAlignment(clock, INTERVAL, () => 0)
    align.next()
    clock.jump(ms)
    await clock.advance(INTERVAL)
    expect(align.next().jump).toBe(expected)
    await clock.advance(INTERVAL)
    expect(align.next().jump).toBe(0)
  })
})
