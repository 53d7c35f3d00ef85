import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from 'electron'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chooseWorkdir } from './workdir.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'workdir-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function choose(given: string, env: Record<string, string>): Map<string, string> {
  const paths = new Map([['userData', join(directory, 'default')]])
  const app = {
    commandLine: { getSwitchValue: () => given },
    getPath: (name: string) => paths.get(name),
    setPath: (name: string, path: string) => void paths.set(name, path),
  }
  chooseWorkdir(app as unknown as App, env)
  return paths
}

test.each([
  ['the system default', '', {}, 'default'],
  ['DK_DEBUG_WORKDIR', '', { DK_DEBUG_WORKDIR: 'env' }, 'env'],
  ['--workdir before DK_DEBUG_WORKDIR', 'given', { DK_DEBUG_WORKDIR: 'env' }, 'given'],
])('%s', (_name, given, env: Record<string, string>, expected) => {
  const inside = (path: string | undefined): string => (path ? join(directory, path) : '')
  const paths = choose(
    inside(given),
    Object.fromEntries(Object.entries(env).map(([name, path]) => [name, inside(path)])),
  )
  expect(paths.get('userData')).toBe(join(directory, expected))
  // The browser's profile stays apart from the agent's files, and both exist before Electron needs them.
  expect(paths.get('sessionData')).toBe(join(directory, expected, 'browser'))
  expect(existsSync(join(directory, expected, 'browser'))).toBe(true)
})
