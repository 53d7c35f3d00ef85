import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { playwrightCounts, summary, vitestCounts } from './test-report.mjs'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'report-'))
  file = join(directory, 'report.json')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 }
const playwright = { stats: { expected: 3, flaky: 1, unexpected: 2, skipped: 4 } }

test('counts of vitest', () => {
  writeFileSync(file, JSON.stringify(vitest))
  expect(vitestCounts(file, 0)).toEqual({ passed: 5, failed: 0, skipped: 2 })
})

test('a run that ends badly without a failed test is a failure', () => {
  writeFileSync(file, JSON.stringify(vitest))
  expect(vitestCounts(file, 1)).toEqual({ passed: 5, failed: 1, skipped: 2 })
})

test('counts of Playwright', () => {
  writeFileSync(file, JSON.stringify(playwright))
  expect(playwrightCounts(file, 1)).toEqual({ passed: 4, failed: 2, skipped: 4 })
})

test.each([vitestCounts, playwrightCounts])('no report is a failure', (counts) => {
  expect(counts(file, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  writeFileSync(file, '{')
  expect(counts(file, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('the last line is the sum, alone', () => {
  const { text, failed } = summary([
    { name: 'lint', passed: 1, failed: 0, skipped: 0, seconds: 0.5 },
    { name: 'unit', passed: 120, failed: 2, skipped: 3, seconds: 61.25 },
  ])
  expect(failed).toBe(2)
  expect(text.split('\n')).toEqual([
    'stage      passed   failed  skipped  seconds',
    'lint            1        0        0      0.5',
    'unit          120        2        3     61.3',
    '',
    '121 passed, 2 failed, 3 skipped',
  ])
})
