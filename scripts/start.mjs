// `npm start`: builds what changed and starts the desktop app; without Electron or a display, the agent with its
// console in the browser. `npm start -- --headless [--workdir DIR] [--console-port N]` asks for the latter.
import { AGENT_FLAGS, agentEnv } from './agent-runtime.mjs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { electronBinary, fetchElectron, hasDisplay } from './electron-binary.mjs'
import { ensure, root } from './ensure.mjs'
import { runToEnd } from './run.mjs'

await ensure(import.meta.url)

const args = process.argv.slice(2)
const headless = args.includes('--headless')
const rest = args.filter((arg) => arg !== '--headless')

if (!(await build())) process.exit(1)
const electron = headless ? undefined : findElectron()
process.exitCode = await (electron ? startDesktop(electron) : startHeadless())

/** The binary, or undefined with one line that says why not. */
function findElectron() {
  if (!hasDisplay()) {
    console.error('No display: going on headless.')
    return undefined
  }
  const binary = electronBinary() ?? fetchElectron()
  if (!binary) console.error("Electron's binary is missing and cannot be fetched: going on headless.")
  return binary
}

function startDesktop(binary) {
  // Chromium's sandbox does not run as root.
  const asRoot = process.platform === 'linux' && process.getuid() === 0 ? ['--no-sandbox'] : []
  const options = { cwd: root, env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined } }
  return runToEnd(binary, [...asRoot, root, ...joinValues(rest)], options)
}

function startHeadless() {
  const args = [...AGENT_FLAGS, join(root, 'out/main/cli.js'), 'run', ...rest]
  return runToEnd(process.execPath, args, { env: agentEnv() })
}

/** Chromium's switches take their value after '=' only. */
function joinValues(list) {
  const joined = []
  for (const arg of list) {
    if (!arg.startsWith('--') && joined.at(-1)?.startsWith('--') && !joined.at(-1).includes('='))
      joined.push(`${joined.pop()}=${arg}`)
    else joined.push(arg)
  }
  return joined
}
