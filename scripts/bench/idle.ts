// Bench `idle`: the built agent, headless, ten default collectors at their default intervals, nobody looking.
// CPU from /proc/PID/stat over the time after the first ping answer, RSS at its end, start counted from spawning node.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, BenchResult } from '../bench.ts'
import { startAgent, writeConfig } from './agent-process.ts'

const PORT = 19529
const SECONDS = 120
const SHORT_SECONDS = 15

export async function run(options: BenchOptions): Promise<BenchResult> {
  if (process.platform !== 'linux') throw new Error('bench idle reads /proc: it runs on Linux only')
  const workdir = mkdtempSync(join(tmpdir(), 'datakit-idle-'))
  writeConfig(workdir, `[http_api]\n  listen = "127.0.0.1:${PORT}"\n`)
  const started = performance.now()
  const agent = await startAgent(workdir, PORT, {
    console: true,
    // A bench stays on this machine.
    env: { ENV_INPUT_HOSTOBJECT_DISABLE_CLOUD_PROVIDER_SYNC: 'true' },
  })
  try {
    const startMs = performance.now() - started
    const cpuBefore = agent.cpuSeconds()
    const from = performance.now()
    await new Promise((done) => setTimeout(done, (options.short ? SHORT_SECONDS : SECONDS) * 1000))
    const elapsed = (performance.now() - from) / 1000
    const cpu = agent.cpuSeconds() - cpuBefore
    return {
      figures: {
        cpu_percent: (100 * cpu) / elapsed,
        rss_mib: agent.rssMib(),
        start_to_ping_ms: startMs,
      },
      aims: { cpu_percent: '<= 0.5', rss_mib: '<= 110', start_to_ping_ms: '<= 600' },
    }
  } finally {
    await agent.end('SIGINT')
    rmSync(workdir, { recursive: true, force: true })
  }
}
