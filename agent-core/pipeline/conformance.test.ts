// The whole public corpus of the script language: every case passes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { runPipelineCase, type PipelineCase } from './conformance.ts'

const read = (file: string): PipelineCase[] =>
  readFileSync(join(import.meta.dirname, 'testdata', file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PipelineCase)
const byFunction = (list: readonly PipelineCase[]): Map<string, PipelineCase[]> =>
  Map.groupBy(list, (c) => c.id.slice(0, c.id.indexOf('/')))

const cases = read('pipeline-public.jsonl')
const groups = byFunction(cases)

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

// Further answers of the Go agent, in the same form: formats, browsers, SQL, zones, odd values and arguments.
describe('functions', () => {
  it.each([...byFunction(read('functions.jsonl'))])('%s', (_, members) => {
    const failures = members.flatMap((c) => runPipelineCase(c, systemClock).map((d) => `${c.id}: ${d}`))
    expect(failures).toEqual([])
  })
})
