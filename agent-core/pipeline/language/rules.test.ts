// Rules that the public corpus does not show, with the Go agent's answers: order of checks, named arguments, lifetimes
// of what an expression leaves behind, void, order of evaluation, native lists, order of JSON keys.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { runPipelineCase, type PipelineCase } from '../conformance.ts'

const cases = readFileSync(join(import.meta.dirname, '../testdata/language-rules.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as PipelineCase)

describe('language rules', () => {
  it.each(cases.map((c) => [c.id, c.script, c] as const))('%s %j', (_id, _script, test) => {
    expect(runPipelineCase(test, new FakeClock())).toEqual([])
  })
})
