// What tests of a whole agent stand in: a work directory and a fixture DataWay of their own, and agents on them. After
// each test all of it is gone.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { startDataway, type DatawayFixture } from '../../e2e/fixtures/dataway.ts'
import { createAgent, type Agent, type AgentOptions } from '../agent.ts'

export class Lab {
  dir = ''
  dataway!: DatawayFixture
  #agents: Agent[] = []

  async open(): Promise<void> {
    this.dir = mkdtempSync(join(tmpdir(), 'agent-'))
    mkdirSync(join(this.dir, 'conf.d'))
    this.dataway = await startDataway()
  }

  async close(): Promise<void> {
    for (const agent of this.#agents.splice(0)) await agent.stop()
    await this.dataway.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Writes a file of the work directory. */
  put(path: string, text: string): void {
    const file = join(this.dir, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  /** An agent that has not started yet, without the environment's settings. */
  agent(options: Partial<AgentOptions> = {}): Agent {
    const given = { workdir: this.dir, mode: 'headless', version: '0.0.0', env: {}, offline: true } as const
    const agent = createAgent({ ...given, ...options })
    this.#agents.push(agent)
    return agent
  }

  async start(options: Partial<AgentOptions> = {}): Promise<Agent> {
    const agent = this.agent(options)
    await agent.start()
    return agent
  }
}

/** A lab for each test of the file. */
export function useLab(): Lab {
  const lab = new Lab()
  beforeEach(() => lab.open())
  afterEach(() => lab.close())
  return lab
}
