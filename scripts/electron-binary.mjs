// Electron's binary: where it is, and getting it. Never require('electron'): that starts a download by itself.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure.mjs'

const INSIDE_DIST = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }
const FETCH_LIMIT_MS = 180_000

/** @returns {string | undefined} */
export function electronBinary() {
  const named = process.env.ELECTRON_EXEC_PATH
  if (named) return existsSync(named) ? named : undefined
  const path = join(root, 'node_modules/electron/dist', INSIDE_DIST[process.platform] ?? 'electron')
  return existsSync(path) ? path : undefined
}

/** True where a window can be shown. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

/** Runs Electron's own installer, within a time limit. @returns {string | undefined} the binary */
export function fetchElectron() {
  console.error('Fetching Electron (once) …')
  spawnSync(process.execPath, [join(root, 'node_modules/electron/install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: FETCH_LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  return electronBinary()
}
