// Bench `pipeline`: the five scripts of agent-core/pipeline/testdata/bench over distinct lines on one core, script run
// only, nothing remembered between points. By the wall clock, and by CPU time of the thread for a machine that is busy.
// Then lanes, which also read the body and encode the points. A process a script: neither another's lines on the heap nor its types in the compiled code count.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SCRIPT_NAMES, type BenchFigure } from '../../agent-core/pipeline/pipeline.bench.ts'
import type { BenchOptions, BenchResult } from '../bench.ts'
import { AGENT_FLAGS } from '../agent-runtime.mjs'
import type { LaneFigures } from './lanes.ts'

const LINES = 200_000
const SHORT_LINES = 20_000
const entry = fileURLToPath(new URL('../../agent-core/pipeline/pipeline.bench.ts', import.meta.url))
const lanesEntry = fileURLToPath(new URL('./lanes.ts', import.meta.url))

export function run(options: BenchOptions): Promise<BenchResult> {
  const figures: Record<string, number> = {}
  const aims: Record<string, string> = {}
  const count = String(options.short ? SHORT_LINES : LINES)
  for (const script of SCRIPT_NAMES) {
    const text = execFileSync(process.execPath, [entry, script, count], { encoding: 'utf8' })
    const figure = JSON.parse(text) as BenchFigure
    const name = `${figure.name}_${figure.unit === 'runs/s' ? 'runs' : 'points'}_per_s`
    figures[name] = figure.perSecond
    figures[name.replace('_per_s', '_per_cpu_s')] = figure.perCpuSecond
    aims[name] = `>= ${figure.target.toLocaleString('en')}`
  }
  const bodies = options.short ? '6' : '16'
  const lanes = JSON.parse(
    execFileSync(process.execPath, [...AGENT_FLAGS, lanesEntry, bodies], { encoding: 'utf8' }),
  ) as LaneFigures
  figures['one_lane_points_per_s'] = lanes.one
  figures['two_lanes_points_per_s'] = lanes.two
  figures['two_lanes_over_one'] = lanes.ratio
  aims['two_lanes_over_one'] = '>= 1.7'
  return Promise.resolve({ figures, aims })
}
