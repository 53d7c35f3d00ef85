// npm run conformance -- DIR: runs every corpus of a folder and says how many cases passed; exit 1 on a failure.
import { basename } from 'node:path'
import { findFiles, readCases, runCases, type Tally } from './conformance/run.ts'

const MAX_SHOWN = 10
const MAX_DIFFERENCES = 5

async function main(folder: string | undefined): Promise<number> {
  if (!folder) {
    console.error('usage: npm run conformance -- DIR')
    return 2
  }
  const { known, unknown } = findFiles(folder)
  let passed = 0
  let failed = 0
  for (const [corpus, files] of known) {
    const tally = await runCases(corpus, files.flatMap(readCases))
    report(corpus.prefix, tally)
    passed += tally.passed
    failed += tally.failed.length
  }
  for (const file of unknown)
    console.log(`skipped: ${basename(file, '.jsonl').replace(/-(public|hidden)$/, '')} (no such input yet)`)
  if (known.length === 0) console.error(`no corpus in ${folder}`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 || known.length === 0 ? 1 : 0
}

function report(prefix: string, tally: Tally): void {
  for (const { test, differences } of tally.failed.slice(0, MAX_SHOWN)) {
    console.log(`${prefix} ${test.id}`)
    for (const { path, expected, got } of differences.slice(0, MAX_DIFFERENCES))
      console.log(`  ${path}: expected ${show(expected)}, got ${show(got)}`)
  }
  for (const [rule, count] of tally.departed) console.log(`${prefix}: ${count} departed: ${rule}`)
  if (tally.unstable > 0) console.log(`${prefix}: ${tally.unstable} unstable, not compared`)
  console.log(`${prefix}: ${tally.passed} passed, ${tally.failed.length} failed`)
}

function show(value: unknown): string {
  const text =
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)) ?? 'nothing'
  return text.length > 400 ? `${text.slice(0, 400)}…` : text
}

process.exitCode = await main(process.argv[2])
