// 200,000 bodies for the HTTP API, 20,000 in the short form: the fuzz test of agent-core/http, which takes 1,000 alone.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../scripts/bench/agent-process.ts'
import type { FaultCase } from './case.ts'

export const fuzz: FaultCase = {
  name: 'fuzzed bodies',
  async run({ short }) {
    const bodies = short ? 20_000 : 200_000
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    await promisify(execFile)(process.execPath, [vitest, 'run', 'agent-core/http/fuzz.test.ts'], {
      cwd: root,
      env: { ...process.env, FUZZ_BODIES: String(bodies) },
      maxBuffer: 64 * 1024 * 1024,
    })
    return `${bodies} bodies`
  },
}
