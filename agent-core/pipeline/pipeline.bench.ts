// Script speed on one core: `node agent-core/pipeline/pipeline.bench.ts SCRIPT [lines]`. Script run only, no result is
// remembered between points beyond the parsed JSON of one message, median of 3. Targets stand beside the figures.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../kernel/clock.ts'
import { setEngineFlags } from '../kernel/engine-flags.ts'
import { Kind, keyValue, makePoint, type Point } from '../point/point.ts'
import { benchLines } from './bench-lines.ts'
import { compileScript } from './language/compile.ts'
import { scriptErrorText } from './language/fault.ts'
import { runScript } from './language/run.ts'
import { newScriptState } from './state/state.ts'

export interface BenchFigure {
  readonly name: string
  readonly perSecond: number
  /** By CPU time of the thread: what a core of one's own would do on a busy machine. */
  readonly perCpuSecond: number
  readonly target: number
  readonly unit: 'points/s' | 'runs/s'
}

const SCRIPTS = [
  { name: 'nginx', lines: 'nginx', target: 300_000 },
  { name: 'nginx_full', lines: 'nginx', target: 200_000 },
  { name: 'json', lines: 'json', target: 220_000 },
  { name: 'ifelse', lines: 'kv', target: 330_000 },
  { name: 'loop', lines: 'kv', target: 20_000 },
] as const

const LOOP_RUNS = 20_000
const ROUNDS = 3
const BATCH = 1000

const median = (values: readonly number[]): number => Math.round(values.toSorted((a, b) => a - b)[1]!)

export const SCRIPT_NAMES: readonly string[] = SCRIPTS.map(({ name }) => name)

export function benchScript(script: string, count = 200_000): BenchFigure {
  const { name, lines: kind, target } = SCRIPTS.find((s) => s.name === script)!
  const source = readFileSync(join(import.meta.dirname, 'testdata/bench', `${name}.p`), 'utf8')
  const { script: compiled, firstError } = compileScript({ name: `${name}.p`, source })
  if (!compiled) throw new Error(scriptErrorText(firstError!))
  const options = {
    category: 'logging',
    environment: { clock: systemClock, timeZone: 'UTC' },
    state: newScriptState(systemClock),
  } as const
  const lines = benchLines(kind, name === 'loop' ? LOOP_RUNS : count)
  const rates: number[] = []
  const cpuRates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    let elapsed = 0
    let cpu = 0
    // Batches, as in the data path: points are made before and forgotten after the part that counts.
    for (let from = 0; from < lines.length; from += BATCH) {
      const points = lines.slice(from, from + BATCH).map(logPoint)
      const startCpu = process.threadCpuUsage()
      const start = systemClock.monotonic()
      for (const point of points) runScript(compiled, point, options)
      elapsed += systemClock.monotonic() - start
      const spent = process.threadCpuUsage(startCpu)
      cpu += (spent.user + spent.system) / 1000
    }
    rates.push((lines.length * 1000) / elapsed)
    cpuRates.push((lines.length * 1000) / cpu)
  }
  const unit = name === 'loop' ? 'runs/s' : 'points/s'
  return { name, perSecond: median(rates), perCpuSecond: median(cpuRates), target, unit }
}

function logPoint(line: string): Point {
  return makePoint(
    'bench',
    [keyValue('source', Kind.string, 'bench', true), keyValue('message', Kind.string, line)],
    1_714_979_696_123_456_789n,
  )
}

if (import.meta.main) {
  setEngineFlags()
  const [name = '', count] = process.argv.slice(2)
  if (!SCRIPT_NAMES.includes(name)) throw new Error(`Name a script: ${SCRIPT_NAMES.join(', ')}`)
  console.log(JSON.stringify(benchScript(name, count === undefined ? undefined : Number(count))))
}
