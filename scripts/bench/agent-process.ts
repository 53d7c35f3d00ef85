// The built agent as a process of its own, for benches and fault tests: started, pinged, measured, stopped.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join, resolve } from 'node:path'
import { AGENT_FLAGS, agentEnv } from '../agent-runtime.mjs'

export const root = resolve(import.meta.dirname, '../..')

export interface AgentProcess {
  readonly child: ChildProcess
  readonly port: number
  rssMib(): number
  /** CPU seconds used so far. */
  cpuSeconds(): number
  /** Resolves when it is gone. */
  end(signal: 'SIGINT' | 'SIGKILL'): Promise<void>
}

/** USER_HZ: what /proc counts CPU time in, on every Linux that Node runs on. */
const TICKS_A_SECOND = 100

export function writeConfig(workdir: string, text: string): void {
  mkdirSync(join(workdir, 'conf.d'), { recursive: true })
  writeFileSync(join(workdir, 'conf.d/datakit.conf'), text)
}

export interface StartOptions {
  readonly nodeFlags?: readonly string[]
  /** Default: without the web console. */
  readonly console?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Runs `datakit run`; resolves when it answers a ping. */
export async function startAgent(
  workdir: string,
  port: number,
  { nodeFlags = [], console = false, env = {} }: StartOptions = {},
): Promise<AgentProcess> {
  const child = spawn(
    process.execPath,
    [
      ...AGENT_FLAGS,
      ...nodeFlags,
      join(root, 'out/main/cli.js'),
      'run',
      ...(console ? [] : ['--no-console']),
      '--workdir',
      workdir,
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...agentEnv(), ...env },
    },
  )
  const { pid } = child
  const agent: AgentProcess = {
    child,
    port,
    rssMib: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024,
    cpuSeconds() {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
    },
    end: (signal) =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done()
        child.once('exit', () => done())
        child.kill(signal)
      }),
  }
  await firstPing(agent)
  return agent
}

async function firstPing({ child, port }: AgentProcess): Promise<void> {
  for (let i = 0; i < 5000; i++) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the agent left with ${child.exitCode ?? child.signalCode}`)
    if (await pings(port)) return
    await new Promise((done) => setTimeout(done, 3))
  }
  throw new Error('the agent did not answer a ping')
}

const pings = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const request = get({ host: '127.0.0.1', port, path: '/v1/ping', agent: false }, (response) => {
      response.resume()
      answer(response.statusCode === 200)
    })
    request.on('error', () => answer(false))
  })
