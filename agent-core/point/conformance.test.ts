import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pointsCorpus } from '../../scripts/conformance/points.ts'
import { readCases, runCases } from '../../scripts/conformance/run.ts'

describe('the corpus of points', () => {
  it('gives the recorded answers', async () => {
    const cases = readCases(join(import.meta.dirname, 'testdata/points-public.jsonl'))
    const { passed, failed, departed } = await runCases(pointsCorpus, cases)
    expect(failed.map(({ test, differences }) => ({ id: test.id, differences }))).toEqual([])
    const departures = [...departed.values()].reduce((sum, count) => sum + count, 0)
    expect({ cases: passed + departures, departures }).toEqual({ cases: 577, departures: 18 })
  })
})
