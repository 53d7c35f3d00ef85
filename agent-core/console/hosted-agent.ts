// An agent as its hosts see it (Electron's main process, `datakit run`): start, stop, a console to connect to.
import { join } from 'node:path'
import { createAgent, type AgentOptions } from '../agent.ts'
import { serveContract } from '../contract/server.ts'
import type { ConsoleSettings } from '../contract/settings.ts'
import type { Disposable } from '../kernel/disposable.ts'
import type { Logger } from '../kernel/logger.ts'
import { serveControl } from './control.ts'
import { createHandlers, type HostActions } from './handlers.ts'
import type { ConsoleHost } from './host.ts'
import { SettingsFile } from './settings-file.ts'

export type HostedAgentOptions = Pick<
  AgentOptions,
  'workdir' | 'mode' | 'version' | 'commit' | 'container' | 'ownProcess'
> &
  HostActions

export interface HostedAgent {
  readonly console: ConsoleHost
  readonly log: Logger
  readonly settings: HostSettings
  start(): Promise<void>
  /** Flushes and closes everything. Safe to call twice. */
  stop(): Promise<void>
  /** Takes an uncaught error that a collector caused as that collector's crash; false when none did. */
  claim(thrown: unknown): boolean
}

/** Settings of the person at this machine that the desktop obeys itself. */
export interface HostSettings {
  read(): ConsoleSettings
  /** Called after each change. */
  watch(changed: (settings: ConsoleSettings) => void): Disposable
}

/** In the work directory: where commands find the running agent. */
export const CONTROL_FILE = 'data/control.json'

export function createHostedAgent(options: HostedAgentOptions): HostedAgent {
  const agent = createAgent(options)
  const settings = new SettingsFile(join(options.workdir, 'data/console.json'))
  const handlers = createHandlers(agent, settings, options)
  let control: Disposable | undefined
  const onBug = (thrown: unknown, name: string): void =>
    agent.log.error('a console handler failed', { name, err: thrown })
  return {
    console: { connect: (send) => serveContract(handlers.handlers, send, { onBug }) },
    log: agent.log,
    settings,
    async start() {
      await agent.start()
      control = await serveControl(agent, join(options.workdir, CONTROL_FILE))
    },
    async stop() {
      await control?.dispose()
      await handlers.dispose()
      await agent.stop()
    },
    claim: (thrown) => agent.runner.claim(thrown),
  }
}
