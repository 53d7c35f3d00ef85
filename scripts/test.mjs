// `npm test`: every check from format to e2e, all of them even when one fails, then a table, and as the very last
// line `N passed, N failed, N skipped`. `npm run check` (--check) ends behind the unit tests.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
import { ensure, root } from './ensure.mjs'
import { electronBinary } from './electron-binary.mjs'
import { runToEnd } from './run.mjs'
import { FAILED, PASSED, playwrightCounts, summary, vitestCounts } from './test-report.mjs'
import { runTool } from './tools.mjs'

await ensure(import.meta.url)

const artefacts = join(root, 'artefacts')
mkdirSync(artefacts, { recursive: true })
const stages = process.argv.includes('--check')
  ? { format, lint, types, unit }
  : { format, lint, types, unit, parts, build: rebuild, faults, e2e }

const results = []
for (const [name, run] of Object.entries(stages)) {
  console.log(`\n== ${name}`)
  const begin = performance.now()
  const counts = await run()
  results.push({ name, ...counts, seconds: (performance.now() - begin) / 1000 })
}
const { text, failed } = summary(results)
process.exitCode = failed > 0 ? 1 : 0
// The last line stands alone: nothing is printed after it.
process.stdout.write(`\n${text}\n`)

async function format() {
  return both(await runTool('oxfmt', ['--check']))
}

async function lint() {
  const layers = join(root, 'scripts/check-layers.ts')
  return both(await runTool('oxlint', ['--max-warnings', '0']), await runToEnd(process.execPath, [layers]))
}

async function types() {
  const [node, pages] = await Promise.all([
    runTool('tsc', ['-p', 'tsconfig.json']),
    runTool('vue-tsc', ['-p', 'tsconfig.web.json']),
  ])
  return both(node, pages)
}

function unit() {
  return tests('unit.json', ['unit', 'alone'])
}

/** Lanes, agents and commands at work: tests that take too long for every commit. */
function parts() {
  return tests('parts.json', ['parts'])
}

async function tests(name, projects) {
  const report = fresh(name)
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const code = await runTool('vitest', ['run', ...projects.map((one) => `--project=${one}`), ...reporters])
  return vitestCounts(report, code)
}

async function rebuild() {
  return (await build({ force: true })) ? PASSED : FAILED
}

/** The short form of `npm run test:faults`. */
async function faults() {
  if (results.some((result) => result.name === 'build' && result.failed > 0)) return FAILED
  const report = fresh('faults.json')
  const script = join(root, 'e2e/faults/run.ts')
  const code = await runToEnd(process.execPath, [script, '--short', '--report', report])
  return existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : both(code)
}

async function e2e() {
  if (results.some((result) => result.name === 'build' && result.failed > 0))
    return cannot('the build failed')
  const chromium = ensureChromium()
  if (chromium.problem) return cannot(chromium.problem)
  if (!electronBinary())
    console.log(
      "Project electron is skipped: Electron's binary is not here (ELECTRON_EXEC_PATH, node_modules/electron/dist).",
    )
  const report = fresh('e2e.json')
  const code = await runTool(
    'playwright',
    ['test', '-c', 'e2e/playwright.config.ts', '--reporter=dot,json'],
    {
      CHROMIUM_PATH: chromium.path,
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    },
  )
  return playwrightCounts(report, code)
}

function cannot(reason) {
  console.error(`e2e did not run: ${reason}`)
  return FAILED
}

/** A stage of checks passes or fails as one. */
function both(...codes) {
  return codes.every((code) => code === 0) ? PASSED : FAILED
}

/** Path of a report that no earlier run left behind. */
function fresh(name) {
  const file = join(artefacts, name)
  rmSync(file, { force: true })
  return file
}
