// Bench `pipeline`: the five scripts of agent-core/pipeline/testdata/bench over distinct lines on one core, script run
// only, nothing remembered between points. By the wall clock, and by CPU time of the thread for a machine that is busy.
import { benchPipeline } from '../../agent-core/pipeline/pipeline.bench.ts'
import type { BenchOptions, BenchResult } from '../bench.ts'

const LINES = 200_000
const SHORT_LINES = 20_000

export function run(options: BenchOptions): Promise<BenchResult> {
  const figures: Record<string, number> = {}
  const aims: Record<string, string> = {}
  for (const figure of benchPipeline(options.short ? SHORT_LINES : LINES)) {
    const name = `${figure.name}_${figure.unit === 'runs/s' ? 'runs' : 'points'}_per_s`
    figures[name] = figure.perSecond
    figures[name.replace('_per_s', '_per_cpu_s')] = figure.perCpuSecond
    aims[name] = `>= ${figure.target.toLocaleString('en')}`
  }
  return Promise.resolve({ figures, aims })
}
