// The busiest processes now, for the Charts page: read when asked, at most once a second for all who ask.
import type { ContractHandlers } from '../contract/server.ts'
import type { Agent } from '../agent.ts'
import { openProcesses } from '../inputs/host/open-processes.ts'
import { ProcessUsage, type Usage } from '../inputs/host_processes/usage.ts'
import type { ProcessReading, ProcessScan } from '../inputs/host/processes.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { maskSecrets } from '../kernel/secrets.ts'

type Handler = ContractHandlers['charts.processes']
type Reply = Exclude<Awaited<ReturnType<Handler>>, { ok: boolean }>

const FRESH_MS = 900
/** The reader is released when nobody asked for this long. */
const IDLE_MS = 30_000
const EVERYTHING = {
  minAge: 0,
  onlyContainers: false,
  metricsOnly: false,
  matches: () => true,
  details: false,
  listenPorts: false,
}

export class TopProcesses implements Disposable {
  readonly #agent: Agent
  readonly #usage = new ProcessUsage()
  #reader: ReturnType<typeof openProcesses> | undefined
  #idle: Disposable | undefined
  #last: { at: number; scan: Promise<Reply> } | undefined

  constructor(agent: Agent) {
    this.#agent = agent
  }

  async read(limit: number): Promise<Reply> {
    const { clock } = this.#agent
    if (!this.#last || clock.monotonic() - this.#last.at > FRESH_MS)
      this.#last = { at: clock.monotonic(), scan: this.#scan() }
    this.#idle?.dispose()
    this.#idle = clock.after(IDLE_MS, () => this.#release())
    const reply = await this.#last.scan
    return { ...reply, processes: reply.processes.slice(0, limit) }
  }

  dispose(): void {
    this.#idle?.dispose()
    this.#release()
  }

  async #scan(): Promise<Reply> {
    const { clock, host } = this.#agent
    this.#reader ??= openProcesses({ host, clock })
    const scan = await this.#reader.read(EVERYTHING)
    this.#usage.begin(clock.monotonic())
    const rows = scan.processes.map((process) => row(process, this.#usage.of(process, scan.processors), scan))
    this.#usage.end()
    rows.sort((a, b) => b.cpuPercent - a.cpuPercent || b.rssBytes - a.rssBytes)
    return { time: clock.now(), processes: rows }
  }

  #release(): void {
    this.#reader?.dispose()
    this.#reader = undefined
  }
}

const row = (process: ProcessReading, usage: Usage, scan: ProcessScan): Reply['processes'][number] => ({
  pid: process.pid,
  name: process.name,
  user: process.username,
  cpuPercent: usage.top,
  memPercent: scan.memoryTotal > 0 ? (100 * Number(process.rss)) / scan.memoryTotal : 0,
  rssBytes: Number(process.rss),
  state: process.state ?? '',
  cmdline: maskSecrets(process.commandLine),
})
