// `npm run bench -- NAME [--json] [--runs N] [--short]`: prints a table, a calibration figure of this machine, and with
// --json one last JSON line. Figures are medians of the runs. What each workload is stands in docs/performance.md.
import { parseArgs } from 'node:util'
import { calibrate } from './bench/calibrate.ts'

export interface BenchResult {
  /** Name to figure; units are in the name. */
  readonly figures: Readonly<Record<string, number>>
  /** Aims by figure name, e.g. `<= 0.5`. */
  readonly aims: Readonly<Record<string, string>>
}

export interface BenchOptions {
  /** A quick look: shorter runs, same workload. */
  readonly short: boolean
}

interface Bench {
  readonly runs: number
  readonly load: () => Promise<{ run(options: BenchOptions): Promise<BenchResult> }>
}

const BENCHES: Readonly<Record<string, Bench>> = {
  idle: { runs: 3, load: () => import('./bench/idle.ts') },
  io: { runs: 3, load: () => import('./bench/io.ts') },
  charts: { runs: 3, load: () => import('./bench/charts.ts') },
  tap: { runs: 3, load: () => import('./bench/tap.ts') },
  // It takes the median of three runs a script itself.
  pipeline: { runs: 1, load: () => import('./bench/pipeline.ts') },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, runs: { type: 'string' }, short: { type: 'boolean' } },
})
const name = positionals[0] ?? ''
const bench = BENCHES[name]
if (!bench) {
  console.error(`Name a bench: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}

const runs = Number(values.runs ?? bench.runs)
const before = calibrate()
const results: BenchResult[] = []
const { run } = await bench.load()
for (let i = 1; i <= runs; i++) {
  process.stderr.write(`${name}: run ${i} of ${runs}\n`)
  results.push(await run({ short: values.short ?? false }))
}
const calibration = (before + calibrate()) / 2
const figures: Record<string, number> = {}
const rows = Object.keys(results[0]!.figures).map((key) => {
  const all = results.map((r) => r.figures[key]!)
  figures[key] = median(all)
  return {
    figure: key,
    median: figures[key],
    runs: all.map(round).join('  '),
    aim: results[0]!.aims[key] ?? '',
  }
})
figures['calibration'] = calibration
for (const row of rows)
  console.log(
    `${row.figure.padEnd(28)} ${String(round(row.median)).padStart(12)}   ${row.aim.padEnd(12)} (${row.runs})`,
  )
console.log(
  `${'calibration'.padEnd(28)} ${String(round(calibration)).padStart(12)}   million loop steps/s of V8 on this machine`,
)
if (values.json)
  console.log(JSON.stringify(Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, round(v)]))))

function median(all: readonly number[]): number {
  const sorted = all.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
}
