// The agent on a machine without a display, with its console in a browser.
import { consolePages } from '../console/web/pages.ts'
import { serveWebConsole, type WebConsole } from '../console/web/server.ts'
import { createHostedAgent, type HostedAgentOptions } from '../console/hosted-agent.ts'
import { guardProcess } from '../console/process-guard.ts'
import { systemClock } from '../kernel/clock.ts'
import { Scope, type Disposable } from '../kernel/disposable.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export interface HeadlessOptions extends Omit<HostedAgentOptions, 'mode'> {
  /** False: the agent alone. */
  readonly console: boolean
  /** 0 picks a free port. */
  readonly consolePort: number
  /** Directory of the built renderer. */
  readonly pages: string
}

export interface Headless extends Disposable {
  /** A fresh address that opens the console once; undefined without a console. */
  address(): string | undefined
}

/** Starts agent and console; dispose() flushes and closes both. */
export async function startHeadless(options: HeadlessOptions): Promise<Result<Headless>> {
  const agent = createHostedAgent({ ...options, mode: 'headless', ownProcess: true })
  const scope = new Scope()
  scope.defer(() => agent.stop())
  // A service manager starts the agent anew; what it accepted is in the WAL.
  scope.add(guardProcess(agent, () => void scope.dispose().finally(() => process.exit(1))))
  let web: WebConsole | undefined
  if (options.console) {
    const served = await serveWebConsole({
      host: agent.console,
      pages: consolePages(options.pages),
      clock: systemClock,
      log: agent.log,
      port: options.consolePort,
    })
    if (!served.ok) {
      await scope.dispose()
      return err(served.error)
    }
    web = scope.add(served.value)
  }
  await agent.start()
  return ok({ address: () => web?.address(), dispose: () => scope.dispose() })
}
