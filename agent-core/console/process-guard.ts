// Errors that nobody caught: a collector's own go to its runner as its crash; anything else is a defect of the agent,
// which is logged and handed to the host, because what ran may be half done.
import type { Disposable } from '../kernel/disposable.ts'
import { errorText } from '../kernel/errors.ts'
import type { HostedAgent } from './hosted-agent.ts'

type ProcessEvents = Pick<NodeJS.Process, 'on' | 'off'>

export function guardProcess(
  agent: Pick<HostedAgent, 'claim' | 'log'>,
  onDefect: (thrown: unknown) => void,
  source: ProcessEvents = process,
): Disposable {
  const receive = (thrown: unknown): void => {
    if (agent.claim(thrown)) return
    agent.log.error('uncaught error', { error: thrown instanceof Error ? thrown.stack : errorText(thrown) })
    onDefect(thrown)
  }
  source.on('uncaughtException', receive)
  source.on('unhandledRejection', receive)
  return {
    dispose() {
      source.off('uncaughtException', receive)
      source.off('unhandledRejection', receive)
    },
  }
}
