import { describe, expect, test } from 'vitest'
import { T0 } from './fixture.ts'
import { createLiveWindow, type LiveSample, type LiveWindow } from './live-window.ts'

const CPU = { measurement: 'cpu', field: 'usage' }
const sample = (value: number | null, tags: Record<string, string> = {}): LiveSample => ({
  ...CPU,
  tags,
  value,
})
const at = (second: number): number => T0 + second * 1_000

function read(window: LiveWindow, from = at(0), to = at(10_000), points = 4_000) {
  return window.read({ queries: [CPU], from, to, points }).series
}

describe('live window', () => {
  test('keeps the last moments and gives them as they were', () => {
    const window = createLiveWindow({ seconds: 5 })
    for (let i = 0; i < 12; i++) window.push(at(i), [sample(i, { cpu: 'a' }), sample(-i, { cpu: 'b' })])
    expect(read(window)).toEqual([
      { ...CPU, tags: { cpu: 'a' }, unit: '', times: [7, 8, 9, 10, 11].map(at), values: [7, 8, 9, 10, 11] },
      {
        ...CPU,
        tags: { cpu: 'b' },
        unit: '',
        times: [7, 8, 9, 10, 11].map(at),
        values: [-7, -8, -9, -10, -11],
      },
    ])
    expect(read(window, at(8), at(9))[0]!.values).toEqual([8, 9])
    expect(window.latest([{ ...CPU, tags: { cpu: 'b' } }])).toEqual({
      time: at(11),
      values: [{ ...sample(-11, { cpu: 'b' }), unit: '' }],
    })
  })

  test('breaks the line where nobody looked, and draws through a single missed moment', () => {
    const window = createLiveWindow({ seconds: 100 })
    for (const second of [0, 1, 2, 4, 5, 60, 61]) window.push(at(second), [sample(second)])
    const [line] = read(window)
    expect(line!.values).toEqual([0, 1, 2, 4, 5, null, 60, 61])
    expect(line!.times[5]).toBe(at(7.5))
  })

  test('gives averages with extremes where there are more moments than points', () => {
    const window = createLiveWindow({ seconds: 3_600 })
    for (let i = 0; i < 3_600; i++) window.push(at(i), [sample(i)])
    const [line] = read(window, at(0), at(3_599), 61)
    expect(line!.times.length).toBe(60)
    expect([line!.values[1], line!.min![1], line!.max![1]]).toEqual([89.5, 60, 119])
  })

  test('starts anew when the clock was set back, and ignores a second sample of one moment', () => {
    const window = createLiveWindow({ seconds: 10 })
    window.push(at(100), [sample(1)])
    window.push(at(100), [sample(2)])
    expect(read(window)[0]!.values).toEqual([1])
    window.push(at(50), [sample(3)])
    expect(read(window)[0]!.values).toEqual([3])
  })

  test('is bounded, and a series that ended frees its place', () => {
    const window = createLiveWindow({ seconds: 4, series: 2 })
    window.push(
      at(0),
      ['a', 'b', 'c'].map((cpu) => sample(1, { cpu })),
    )
    expect([window.size, window.refused]).toEqual([2, 1])
    for (let i = 1; i < 8; i++) window.push(at(i), [sample(i, { cpu: 'b' })])
    expect(window.size).toBe(1)
    window.push(at(8), [sample(8, { cpu: 'b' }), sample(null, { cpu: 'd' })])
    expect(window.latest([CPU]).values.map((v) => v.value)).toEqual([8, null])
    window.clear()
    expect([window.size, window.latest([CPU])]).toEqual([0, { time: undefined, values: [] }])
  })
})
