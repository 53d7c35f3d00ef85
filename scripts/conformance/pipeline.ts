// The corpus of the script language: a script, points, and what becomes of them.
import { systemClock } from '../../agent-core/kernel/clock.ts'
import { runPipelineCase, type PipelineCase } from '../../agent-core/pipeline/conformance.ts'
import type { Corpus } from './corpus.ts'

export const pipelineCorpus: Corpus = {
  prefix: 'pipeline',
  run(test) {
    const differences = runPipelineCase(test as unknown as PipelineCase, systemClock)
    if (differences.length === 0) return { kind: 'passed' }
    return {
      kind: 'failed',
      differences: differences.map((text) => {
        const [, path = '', expected = text, got = ''] = /^(.*?): wanted (.*), got (.*)$/s.exec(text) ?? []
        return { path, expected, got }
      }),
    }
  },
}
