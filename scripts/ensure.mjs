// Runs first in every command, on whatever Node the machine has: installs what is missing, then goes on under the
// pinned Node of node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd } from './run.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = [20, 19]

/** Path of the pinned Node. */
export const pinnedNode = join(
  root,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

/**
 * Returns under the pinned Node with node_modules complete; otherwise makes it so, runs the same script there and
 * exits with its code.
 * @param {string} script import.meta.url of the command
 */
export async function ensure(script) {
  const version = process.versions.node.split('.').map(Number)
  if (version[0] < OLDEST_NODE[0] || (version[0] === OLDEST_NODE[0] && version[1] < OLDEST_NODE[1]))
    fail(
      `Node ${process.versions.node} is too old. Install Node ${OLDEST_NODE.join('.')} or newer from nodejs.org.`,
    )
  install()
  const pinned = lockedVersion('node')
  if (process.versions.node === pinned) return
  if (!existsSync(pinnedNode))
    fail(
      `node_modules has no Node ${pinned}: npm ran with --ignore-scripts.\n` +
        'Run: npm rebuild node --ignore-scripts=false',
    )
  const found = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout?.trim()
  if (found !== `v${pinned}`)
    fail(`${pinnedNode} is ${found || 'broken'}, not v${pinned}.\nRun: npm ci --ignore-scripts=false`)
  process.exit(await runToEnd(pinnedNode, [fileURLToPath(script), ...process.argv.slice(2)]))
}

/** `npm ci` when a locked package is missing or another version. */
function install() {
  const problem = installProblem(root)
  if (problem === undefined) return
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(`${problem}, and node_modules is a link: it is left as it is.`)
    return
  }
  console.error(`${problem}: running npm ci`)
  const npm = process.env.npm_execpath
  const result =
    npm && /\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, 'ci'], { cwd: root, stdio: 'inherit' })
      : spawnSync('npm', ['ci'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (result.status !== 0)
    fail(
      'npm ci failed: see its messages above. Check the network and the registry (npm config get registry).',
    )
}

/**
 * What is wrong with node_modules, in a few words; undefined when it holds what the lock says.
 * @param {string} directory
 * @returns {string | undefined}
 */
export function installProblem(directory) {
  const installedFile = join(directory, 'node_modules/.package-lock.json')
  if (!existsSync(installedFile)) return 'node_modules is missing'
  const locked = readPackages(join(directory, 'package-lock.json'))
  const installed = readPackages(installedFile)
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '') continue
    const present = installed[path]
    // Optional packages of other platforms are locked but not installed.
    if (!present && (entry.optional || entry.devOptional || entry.peer)) continue
    if (present?.version !== entry.version)
      return `${path} is ${present?.version ?? 'missing'}, not ${entry.version}`
  }
  return undefined
}

const readPackages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {}

const lockedVersion = (name) => readPackages(join(root, 'package-lock.json'))[`node_modules/${name}`].version

/** @returns {never} */
export function fail(message) {
  console.error(message)
  process.exit(1)
}
