// A Chromium for the e2e specs: CHROMIUM_PATH, the system's, or Debian's package when root.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const WINDOWS = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']

/** @returns {string | undefined} */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return executable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
  const known =
    process.platform === 'darwin'
      ? MAC
      : WINDOWS.flatMap((name) =>
          env[name] ? [join(env[name], 'Google/Chrome/Application/chrome.exe')] : [],
        )
  return [...onPath, ...known].find(executable)
}

/** Finds one, or installs Debian's. @returns {{ path: string } | { problem: string }} */
export function ensureChromium() {
  const found = findChromium()
  if (found) return { path: found }
  if (process.env.CHROMIUM_PATH)
    return { problem: `CHROMIUM_PATH names no program: ${process.env.CHROMIUM_PATH}` }
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.error('Installing Chromium (apt-get) …')
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'chromium')
    const installed = findChromium()
    if (installed) return { path: installed }
    return { problem: 'apt-get could not install chromium. Install it, or set CHROMIUM_PATH.' }
  }
  return { problem: 'No Chromium or Chrome found. Install one, or set CHROMIUM_PATH to its program.' }
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000, env })
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
