import { expect, it } from 'vitest'
import { areaPath, linePath } from './paths.ts'

const box = { top: 10, length: 3, width: 100, height: 20 }

it('draws a history from edge to edge over its own range', () => {
  expect(linePath([5, 10, 5], 100, 20)).toBe('M0 20L50 0L100 20')
  expect(linePath([3, 3], 100, 20)).toBe('M0 10L100 10')
  expect(linePath([3], 100, 20)).toBe('')
})

it('draws an area on a common scale, ending at the right', () => {
  expect(areaPath([10, 5, 0], box)).toBe('M0 0L50 10L100 20L100 20L50 20L0 20Z')
  expect(areaPath([10, 10], box)).toBe('M50 0L100 0L100 20L50 20Z')
  expect(areaPath([10, 10], { ...box, lower: [5, 5] })).toBe('M50 0L100 0L100 10L50 10Z')
  expect(areaPath([1, 1], { ...box, top: 0 })).toBe('')
})
