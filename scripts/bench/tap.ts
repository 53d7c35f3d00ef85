// Bench `tap`: what a closed live tap costs the data path. The same feed, point path and byte path, as it is and with
// the tap's questions cut out of its source; a process for each, in turns.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchOptions, BenchResult } from '../bench.ts'

const run_ = promisify(execFile)
const PATHS = ['points', 'bytes'] as const
type Rates = Readonly<Record<(typeof PATHS)[number], number>>

export async function run(options: BenchOptions): Promise<BenchResult> {
  const turns = options.short ? 3 : 15
  const closed: Rates[] = []
  const without: Rates[] = []
  for (let turn = 0; turn < turns; turn++) {
    const first = turn % 2 === 0
    if (first) closed.push(await rates('closed'))
    without.push(await rates('without'))
    if (!first) closed.push(await rates('closed'))
  }
  const figures: Record<string, number> = {}
  for (const path of PATHS) {
    const [with_, none] = [closed, without].map((all) => median(all.map((one) => one[path])))
    figures[`${path}_tap_closed_per_s`] = with_!
    figures[`${path}_without_tap_per_s`] = none!
    figures[`${path}_ratio`] = with_! / none!
  }
  return { figures, aims: { points_ratio: '>= 0.98', bytes_ratio: '>= 0.98' } }
}

async function rates(kind: 'closed' | 'without'): Promise<Rates> {
  const { stdout } = await run_(process.execPath, [join(import.meta.dirname, 'tap-load.ts'), kind])
  return JSON.parse(stdout) as Rates
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!
}
