// 200,000 bodies for the HTTP API: the fuzz test of agent-core/http in its long form.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../scripts/bench/agent-process.ts'
import type { FaultCase } from './case.ts'

export const fuzz: FaultCase = {
  name: 'fuzzed bodies',
  async run({ short }) {
    if (short) return 'skipped: 20,000 bodies run among the unit tests'
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    await promisify(execFile)(process.execPath, [vitest, 'run', 'agent-core/http/fuzz.test.ts'], {
      cwd: root,
      env: { ...process.env, FUZZ_BODIES: '200000' },
      maxBuffer: 64 * 1024 * 1024,
    })
    return '200000 bodies'
  },
}
