// What every fault case gets, and small tools they share: ports, waiting, the agent's ledger, posting points.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAgent, writeConfig, type AgentProcess } from '../../scripts/bench/agent-process.ts'

export interface CaseContext {
  /** The quick form, for `npm test`. */
  readonly short: boolean
  /** 0 to 1, from the seed that the run prints. */
  random(): number
  log(text: string): void
}

/** Resolves when all is well, with a sentence of figures; rejects when not. A text beginning with `skipped:` says why. */
export interface FaultCase {
  readonly name: string
  run(context: CaseContext): Promise<string>
}

/** mulberry32: small, good enough to choose moments, the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Polls until it holds; `what` names it in the error. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 180_000,
): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${ms / 1000} s: ${what}`)
    await pause(50)
  }
}

export function check(condition: boolean, text: string): void {
  if (!condition) throw new Error(text)
}

export interface Setup {
  readonly urls: readonly string[]
  /** Lines of [dataway]. */
  readonly dataway?: string
  readonly wal?: string
  readonly workdir?: string
}

export interface RunningAgent {
  readonly port: number
  readonly workdir: string
  process: AgentProcess
  start(): Promise<void>
  ledger(): Promise<Readonly<Record<string, number>>>
  post(lines: string, path?: string): Promise<number>
  dispose(): Promise<void>
}

/** The built agent with the given DataWays, no collectors, quick flushes. */
export async function agent(setup: Setup): Promise<RunningAgent> {
  const own = setup.workdir === undefined
  const workdir = setup.workdir ?? mkdtempSync(join(tmpdir(), 'datakit-faults-'))
  const port = await freePort()
  const urls = setup.urls.map((url) => JSON.stringify(url)).join(', ')
  writeConfig(
    workdir,
    [
      'default_enabled_inputs = []',
      `[http_api]\nlisten = "127.0.0.1:${port}"\nrequest_rate_limit = 0.0`,
      '[io]\nflush_interval = "100ms"',
      `[dataway]\nurls = [${urls}]\ntimeout_v2 = "2s"\nretry_delay = "100ms"\n${setup.dataway ?? ''}`,
      `[dataway.wal]\n${setup.wal ?? ''}`,
    ].join('\n'),
  )
  const running: RunningAgent = {
    port,
    workdir,
    process: await startAgent(workdir, port),
    async start() {
      running.process = await startAgent(workdir, port)
    },
    async ledger() {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const states = text.matchAll(/^datakit_ledger_points\{category="logging",state="(\w+)"\} (\S+)$/gm)
      return Object.fromEntries([...states].map(([, state, points]) => [state!, Number(points)]))
    },
    async post(lines, path = '/v1/write/logging') {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: lines })
      await answer.arrayBuffer()
      return answer.status
    },
    async dispose() {
      await running.process.end('SIGKILL')
      if (own) rmSync(workdir, { recursive: true, force: true })
    },
  }
  return running
}

/** In minus out: fed + created + recovered against everything else. */
export function difference(ledger: Readonly<Record<string, number>>): number {
  let sum = 0
  for (const [state, points] of Object.entries(ledger))
    sum += ['fed', 'created', 'recovered'].includes(state) ? points : -points
  return sum
}

/** Points `from` to `to`, each with its number as its message. */
export function numbered(from: number, to: number, extra = ''): string {
  return Array.from({ length: to - from }, (_, i) => `faults,k=v message="${from + i}${extra}"`).join('\n')
}
