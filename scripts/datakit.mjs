// `npm run datakit -- ARGS`: the datakit command line.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AGENT_FLAGS, agentEnv } from './agent-runtime.mjs'
import { build } from './build.mjs'
import { ensure, fail, root } from './ensure.mjs'
import { runToEnd } from './run.mjs'

await ensure(import.meta.url)
if (!(await build())) process.exit(1)
const cli = join(root, 'out/main/cli.js')
if (!existsSync(cli)) fail('This version has no command line yet.')
process.exitCode = await runToEnd(process.execPath, [...AGENT_FLAGS, cli, ...process.argv.slice(2)], {
  env: agentEnv(),
})
