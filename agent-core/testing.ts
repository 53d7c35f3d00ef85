// An agent without collectors, without the environment's settings and without a way to other machines: for tests.
import { createAgent, type Agent } from './agent.ts'
import { systemClock, type Clock } from './kernel/clock.ts'

export const bareAgent = (workdir: string, clock: Clock = systemClock): Agent =>
  createAgent({ workdir, mode: 'headless', version: '0', env: {}, offline: true, definitions: [], clock })
