import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import type { Agent } from './agent.ts'
import { usageTrace } from './usage.ts'

const agent = (limited: boolean, listening: boolean) =>
  ({
    facts: { host: 'ws-1', version: '1.2.3', mode: 'headless', startedAt: 10_000 },
    config: { resource_limit: { enable: limited, cpu_cores: 0.5 }, http_api: { listen: 'localhost:9529' } },
    clock: { now: () => 13_400 },
    http: { state: () => ({ state: listening ? 'listening' : 'failing' }) },
    instances: [{ name: 'cpu' }, { name: 'mem' }, { name: 'cpu' }],
  }) as unknown as Agent
const facts = { runtimeId: 'id', podName: undefined, container: false }

it('says what runs here and what it may use', () => {
  expect(usageTrace(agent(false, true), facts)).toMatchObject({
    hostname: 'ws-1',
    runtime_id: 'id',
    run_mode: 'headless',
    datakit_version: '1.2.3',
    uptime: 3,
    usage_cores: availableParallelism(),
    cpu_limites: undefined,
    server_listens: ['localhost:9529'],
    inputs: ['cpu', 'mem'],
  })
})

it('a limited agent names its limit, and at least one core', () => {
  const limited = usageTrace(agent(true, false), { ...facts, podName: 'pod-1' })
  expect(limited).toMatchObject({ cpu_limites: 0.5, usage_cores: 1, pod_name: 'pod-1', server_listens: [] })
})
