import { describe, expect, it } from 'vitest'
import { inputs } from '../inputs/index.ts'
import { overlayLive, unitsOf } from './series.ts'

const series = (tags: Record<string, string>, times: number[], values: (number | null)[] = times) => ({
  measurement: 'net',
  field: 'bytes_recv/sec',
  unit: 'B/s',
  tags,
  times,
  values,
})

describe('overlayLive', () => {
  it('lets the window take over where it begins, under the tags of the store', () => {
    const stored = [
      series({ host: 'h', interface: 'eth0' }, [10, 20, 30, 40]),
      series({ host: 'h', interface: 'eth1' }, [10]),
    ]
    const merged = overlayLive(stored, [series({ interface: 'eth0' }, [25, 26, 27])], { host: 'h' })
    expect(merged).toEqual([series({ host: 'h', interface: 'eth0' }, [10, 20, 25, 26, 27]), stored[1]])
  })
  it('shows a live series that the store does not know yet', () => {
    expect(overlayLive([], [series({ interface: 'usb0' }, [5])], { host: 'h' })).toEqual([
      series({ host: 'h', interface: 'usb0' }, [5]),
    ])
  })
  it('keeps the store where the window is empty or wholly later', () => {
    const stored = [series({ host: 'h', interface: 'eth0' }, [10, 20])]
    expect(overlayLive(stored, [series({ interface: 'eth0' }, [])], {})).toEqual(stored)
    expect(overlayLive(stored, [series({ interface: 'eth0' }, [30])], {})[0]!.times).toEqual([10, 20, 30])
  })
})

it('knows the units of every chart', () => {
  const unit = unitsOf(inputs)
  expect([
    unit('cpu', 'usage_user'),
    unit('net', 'bytes_recv/sec'),
    unit('mem', 'used'),
    unit('x', 'y'),
  ]).toEqual(['percent', 'B/s', 'B', ''])
})
