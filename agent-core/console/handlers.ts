// The contract implemented on an Agent.
import { join } from 'node:path'
import type { ContractHandlers } from '../contract/server.ts'
import type { Agent } from '../agent.ts'
import { ioSettings } from '../io-settings.ts'
import { testDataway } from '../io/dataway/probe.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { AgentError } from '../kernel/errors.ts'
import { err } from '../kernel/result.ts'
import { compareText } from '../point/text.ts'
import { chartHandlers } from './charts.ts'
import { LiveSampler } from './live-sampler.ts'
import { OverviewWatch, viewDiagnostic } from './overview.ts'
import { pipelineHandlers } from './pipelines.ts'
import type { SettingsFile } from './settings-file.ts'
import { watchTap } from './tap.ts'
import { TopProcesses } from './top-processes.ts'

export interface Handlers extends Disposable {
  readonly handlers: ContractHandlers
}

/** What only some hosts can do. */
export interface HostActions {
  /** Shows a directory in the system's file manager; rejects with the system's reason. */
  openFolder?(path: string): Promise<void>
}

export function createHandlers(agent: Agent, settings: SettingsFile, host: HostActions = {}): Handlers {
  const overview = new OverviewWatch(agent)
  const processes = new TopProcesses(agent)
  const live = new LiveSampler({
    definitions: agent.definitions,
    config: (name) => agent.instances.find((instance) => instance.name === name)?.config,
    host: agent.host,
    clock: agent.clock,
    log: agent.log,
  })
  return {
    handlers: {
      'agent.info': () => {
        const { commit: _commit, ...facts } = agent.facts
        return { ...facts, pid: process.pid, node: process.versions.node }
      },
      'overview.watch': (_args, emit) => overview.watch(emit),
      'inputs.restart': async ({ id }) => {
        const result = await agent.runner.restart(id)
        return result.ok ? {} : result
      },
      'inputs.runOnce': async ({ id }) => {
        const result = await agent.runner.runOnce(id)
        return result.ok ? {} : result
      },
      'inputs.samples': () => {
        const configured = new Set(agent.instances.map(({ name }) => name))
        const here = agent.definitions.filter(({ platforms }) => platforms.includes(agent.host.platform))
        return {
          samples: here
            .map(({ name, sample: text }) => ({ name, text, configured: configured.has(name) }))
            .toSorted((a, b) => compareText(a.name, b.name)),
        }
      },
      'inputs.openFolder': async () => {
        if (!host.openFolder) return err(new AgentError('CONSOLE_UNKNOWN_METHOD', 'inputs.openFolder'))
        await host.openFolder(join(agent.facts.workdir, 'conf.d'))
        return {}
      },
      'agent.reload': async () => {
        await agent.reload()
        return { diagnostics: agent.diagnostics().map(viewDiagnostic) }
      },
      'tap.watch': (args, emit) => {
        const tap = watchTap(agent, args, emit)
        // A stream's handler says no by throwing: the session turns an AgentError into its end.
        if (!tap.ok) throw tap.error
        return tap.value
      },
      ...chartHandlers(agent, live, processes),
      ...pipelineHandlers(agent),
      'settings.read': () => settings.read(),
      'settings.write': (change) => settings.write(change),
      'dataway.test': ({ url }, { signal }) =>
        testDataway(url, {
          settings: ioSettings(agent.config).dataway,
          clock: agent.clock,
          facts: agent.clientFacts,
          signal,
        }),
      'dataway.save': async ({ url }) => {
        const result = await agent.connectDataway(url)
        return result.ok ? {} : result
      },
    },
    dispose() {
      overview.dispose()
      live.dispose()
      processes.dispose()
    },
  }
}
