// The development tools of node_modules, run under this Node by their entry file (no shell, no .cmd on Windows).
import { join } from 'node:path'
import { root } from './ensure.mjs'
import { runToEnd } from './run.mjs'

const ENTRIES = {
  'electron-vite': 'electron-vite/bin/electron-vite.js',
  oxfmt: 'oxfmt/bin/oxfmt',
  oxlint: 'oxlint/bin/oxlint',
  playwright: '@playwright/test/cli.js',
  tsc: 'typescript/bin/tsc',
  vitest: 'vitest/vitest.mjs',
  'vue-tsc': 'vue-tsc/bin/vue-tsc.js',
}

/**
 * @param {keyof typeof ENTRIES} name
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to ours
 * @returns {Promise<number>} exit code
 */
export const runTool = (name, args, env = {}) =>
  runToEnd(process.execPath, [join(root, 'node_modules', ENTRIES[name]), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  })
