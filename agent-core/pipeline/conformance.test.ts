// The whole public corpus of the script language: every case passes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { runPipelineCase, type PipelineCase } from './conformance.ts'

const lines = readFileSync(join(import.meta.dirname, 'testdata/pipeline-public.jsonl'), 'utf8')
  .trim()
  .split('\n')
const cases = lines.map((line) => JSON.parse(line) as PipelineCase)
const groups = Map.groupBy(cases, (c) => c.id.slice(0, c.id.indexOf('/')))

describe('pipeline corpus', () => {
  it('is complete', () => {
    expect(cases.length).toBe(1894)
  })

  it.each([...groups])('%s', (_, members) => {
    const failures = members.flatMap((c) => runPipelineCase(c, systemClock).map((d) => `${c.id}: ${d}`))
    expect(failures).toEqual([])
  })

  it('says what differs', () => {
    const wrong = {
      ...cases.find((c) => c.id === 'add_key/string-key')!,
      script: 'add_key("http status", 201)',
    }
    expect(runPipelineCase(wrong, systemClock)).toEqual([
      'field http status: wanted {"t":"int","v":"200"}, got {"t":"int","v":"201"}',
    ])
  })
})
