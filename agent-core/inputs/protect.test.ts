import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clampNotice, FLOOR_MS, protectedInterval } from './protect.ts'

const rhythm = (interval: number) => ({ interval, min: 1_000, max: 60_000 })
const where = { input: 'cpu', index: 1, key: 'interval', file: null }

describe('intervals', () => {
  test.each([
    [0, true, 1_000],
    [1, true, 1_000],
    [1_000, true, 1_000],
    [59_999, true, 59_999],
    [60_001, true, 60_000],
    [-5, true, 1_000],
    [Number.NaN, true, 1_000],
    [0, false, FLOOR_MS],
    [0.01, false, FLOOR_MS],
    [-5, false, FLOOR_MS],
    [5, false, 5],
    [3_600_000, false, 3_600_000],
    [Number.NaN, false, 1_000],
  ])('%d with protect mode %s runs every %d ms', (interval, protect, expected) =>
    expect(protectedInterval(rhythm(interval), protect)).toBe(expected),
  )

  test('protect mode never leaves the range, and leaves alone what is inside', () => {
    fc.assert(
      fc.property(fc.double(), (interval) => {
        const used = protectedInterval(rhythm(interval), true)
        expect(used).toBeGreaterThanOrEqual(1_000)
        expect(used).toBeLessThanOrEqual(60_000)
        const inside = interval >= 1_000 && interval <= 60_000
        expect(inside && used !== interval).toBe(false)
      }),
    )
  })
})

describe('notices', () => {
  test('name the setting, the range and what is used', () => {
    expect(clampNotice(rhythm(90_000), 60_000, where)).toMatchObject({
      path: 'inputs.cpu[1].interval',
      message: 'cpu: interval = 1m30s is outside 1s to 1m; it runs every 1m',
      notes: ['Set protect_mode = false to obey the file.'],
    })
    const open = { interval: 1, min: 5_000, max: Infinity }
    expect(clampNotice(open, 5_000, where)?.message).toContain('outside at least 5s')
    expect(clampNotice(rhythm(5_000), 5_000, where)).toBeUndefined()
  })
})
