// Counts from the reports of vitest and Playwright, and the summary that ends `npm test`.
import { readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

export const PASSED = { passed: 1, failed: 0, skipped: 0 }
export const FAILED = { passed: 0, failed: 1, skipped: 0 }

/**
 * Counts of vitest's JSON report. A run that ended badly without a failed test (a crash, an unhandled error, a file
 * that does not load) counts as one failure.
 * @param {string} file
 * @param {number} code exit code of the run
 * @returns {Counts}
 */
export function vitestCounts(file, code) {
  const report = read(file)
  if (!report) return FAILED
  return withCode(code, {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  })
}

/**
 * Counts of Playwright's JSON report; a flaky test passed.
 * @param {string} file
 * @param {number} code
 * @returns {Counts}
 */
export function playwrightCounts(file, code) {
  const stats = read(file)?.stats
  if (!stats) return FAILED
  return withCode(code, {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
  })
}

function withCode(code, counts) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * A table of the stages and, as its last line, the sum.
 * @param {(Counts & { name: string, seconds: number })[]} results
 */
export function summary(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const rows = [
    ['stage', 'passed', 'failed', 'skipped', 'seconds'],
    ...results.map((result) => [
      result.name,
      result.passed,
      result.failed,
      result.skipped,
      result.seconds.toFixed(1),
    ]),
  ].map(([name, ...figures]) => name.padEnd(8) + figures.map((figure) => String(figure).padStart(9)).join(''))
  const failed = sum('failed')
  const last = `${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`
  return { text: [...rows, '', last].join('\n'), failed }
}
