import { expect, it } from 'vitest'
import { stripRuns } from './strip.ts'

it('joins rounds that ended alike, the newest at the right', () => {
  expect(stripRuns('ooecc')).toEqual([
    { kind: 'o', from: 55, length: 2 },
    { kind: 'e', from: 57, length: 1 },
    { kind: 'c', from: 58, length: 2 },
  ])
  expect(stripRuns('')).toEqual([])
  expect(stripRuns(`${'c'.repeat(10)}${'o'.repeat(60)}`)).toEqual([{ kind: 'o', from: 0, length: 60 }])
})
