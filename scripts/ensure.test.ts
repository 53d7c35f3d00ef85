import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installProblem } from './ensure.mjs'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ensure-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function lock(file: string, packages: Record<string, object>): void {
  mkdirSync(join(directory, file, '..'), { recursive: true })
  writeFileSync(join(directory, file), JSON.stringify({ packages }))
}
const locked = {
  '': { name: 'x' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/win-only': { version: '2.0.0', optional: true },
}

test('a fresh clone has nothing installed', () => {
  lock('package-lock.json', locked)
  expect(installProblem(directory)).toBe('node_modules is missing')
})

test('packages of other platforms need not be there', () => {
  lock('package-lock.json', locked)
  lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } })
  expect(installProblem(directory)).toBeUndefined()
})

test.each([
  ['another version', { 'node_modules/a': { version: '0.9.0' } }, 'node_modules/a is 0.9.0, not 1.0.0'],
  ['a missing package', {}, 'node_modules/a is missing, not 1.0.0'],
  [
    'another version of an optional one',
    { 'node_modules/a': { version: '1.0.0' }, 'node_modules/win-only': { version: '1.0.0' } },
    'node_modules/win-only is 1.0.0, not 2.0.0',
  ],
])('%s is named', (_name, installed, problem) => {
  lock('package-lock.json', locked)
  lock('node_modules/.package-lock.json', installed)
  expect(installProblem(directory)).toBe(problem)
})
