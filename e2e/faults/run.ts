// `npm run test:faults [-- --short] [--only TEXT] [--seed N]`: the built agent against everything that goes wrong. The last
// line is `N passed, N failed, N skipped`; with --report FILE the counts are also written there as JSON.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { build } from '../../scripts/build.mjs'
import { seededRandom, type FaultCase } from './case.ts'
import { diskFull } from './disk-full.ts'
import { fuzz } from './fuzz.ts'
import { kill } from './kill.ts'
import { httpProxy, nginx } from './proxies.ts'
import { cleanStop, refusals } from './stop.ts'

const CASES: readonly FaultCase[] = [refusals, cleanStop, httpProxy, nginx, diskFull, kill, fuzz]

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    report: { type: 'string' },
  },
})
if (!(await build())) process.exit(1)

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
console.log(`seed ${seed} (repeat with --seed ${seed})`)
const counts = { passed: 0, failed: 0, skipped: 0 }
for (const one of CASES.filter(({ name }) => name.includes(values.only))) {
  const started = performance.now()
  const context = {
    short: values.short,
    random: seededRandom(seed),
    log: (text: string) => process.stderr.write(`  ${text}\n`),
  }
  const outcome = await one.run(context).then(
    (text) => ({ text, state: text.startsWith('skipped:') ? ('skipped' as const) : ('passed' as const) }),
    (error: unknown) => ({ text: String(error), state: 'failed' as const }),
  )
  counts[outcome.state]++
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${outcome.state.padEnd(8)} ${one.name}: ${outcome.text} (${seconds} s)`)
}
if (values.report) writeFileSync(values.report, JSON.stringify(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
