// A full disk: 503 and nothing accepted is lost. The disk is a tmpfs of 24 MiB, so this needs root on Linux; elsewhere
// the injected ENOSPC of the WAL's own tests stands for it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDataway } from '../fixtures/dataway.ts'
import { agent, check, difference, numbered, until, type FaultCase, type RunningAgent } from './case.ts'
import { arrivals } from './kill.ts'

export const diskFull: FaultCase = {
  name: 'a full disk',
  async run() {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return 'skipped: mounting a tmpfs needs root on Linux'
    const mount = mkdtempSync(join(tmpdir(), 'datakit-full-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mount], { stdio: 'pipe' })
    } catch (error) {
      rmSync(mount, { recursive: true })
      return `skipped: no tmpfs can be mounted here (${(error as Error).message.split('\n')[0]})`
    }
    const dataway = await startDataway()
    dataway.otherwise = 503
    let running: RunningAgent | undefined
    try {
      running = await agent({ urls: [dataway.url], wal: `path = "${mount}/wal"` })
      return await fill(running, dataway)
    } finally {
      await running?.dispose()
      await dataway.close()
      execFileSync('umount', ['-l', mount])
      rmSync(mount, { recursive: true })
    }
  },
}

async function fill(
  running: RunningAgent,
  dataway: Awaited<ReturnType<typeof startDataway>>,
): Promise<string> {
  const padding = 'x'.repeat(2000)
  const accepted: number[] = []
  let refused = 0
  for (let body = 0; refused < 5; body++) {
    check(body < 1000, 'the disk never became full')
    const status = await running.post(numbered(body * 100, body * 100 + 100, padding))
    check(status === 200 || status === 503, `a write was answered ${status}`)
    if (status === 200) accepted.push(body)
    else refused++
  }
  dataway.otherwise = 200
  await until('what was accepted arrives', () => arrivals(dataway.points()).size >= accepted.length * 100)
  const seen = arrivals(dataway.points())
  for (const body of accepted)
    for (let n = body * 100; n < body * 100 + 100; n++)
      check(seen.has(`${n}${padding}`), `point ${n} was accepted and lost`)
  // Room again: the next write is taken.
  await until('the agent takes data again', async () => (await running.post(numbered(0, 1))) === 200)
  await until('nothing is pending', async () => (await running.ledger())['pending'] === 0)
  const ledger = await running.ledger()
  check(difference(ledger) === 0, `the ledger is off: ${JSON.stringify(ledger)}`)
  return `${accepted.length} bodies accepted and delivered, ${refused} answered 503`
}
