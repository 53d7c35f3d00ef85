// What tests of collectors and of the runner stand on: host facts, a definition, a sink that remembers.
import * as v from 'valibot'
import { createMetrics } from '../../kernel/metrics.ts'
import type { Category } from '../../point/category.ts'
import { makePoint, type Point } from '../../point/point.ts'
import { defineInput, type Collector, type HostFacts, type InputContext } from '../define-input.ts'
import type { FeedSink } from '../runner.ts'

export function hostFacts(facts: Partial<HostFacts> = {}): HostFacts {
  return {
    platform: 'linux',
    hostname: () => 'vm',
    version: '1.84.1',
    root: '/',
    metrics: createMetrics(),
    offline: true,
    collectorStats: () => [],
    agentFacts: () => ({
      httpListen: '127.0.0.1:9529',
      loggingLevel: 'info',
      startedAt: 0,
      election: { namespace: 'default', elected: '', electedTime: 0, status: 'disabled' },
    }),
    ...facts,
  }
}

export interface Fed {
  readonly category: Category
  readonly points: readonly Point[]
  readonly options: Parameters<FeedSink>[2]
}

/** A feed sink and what it took. */
export function memorySink(): { readonly feed: FeedSink; readonly fed: Fed[] } {
  const fed: Fed[] = []
  return {
    fed,
    feed: async (category, points, options) => void fed.push({ category, points, options }),
  }
}

export const onePoint = (name: string, time: bigint): Point => makePoint(name, [], time)

const schema = v.looseObject({ interval: v.number() })

/** A collector for tests of the runner: 10 s, clamped to [1s, 1m]. */
export function testInput(
  name: string,
  create: (context: InputContext) => Collector,
  rest: {
    local?: boolean
    rateBased?: boolean
    singleton?: boolean
    election?: boolean
    platforms?: readonly ('linux' | 'darwin' | 'win32')[]
    passive?: boolean
  } = {},
) {
  return defineInput({
    name,
    catalog: 'test',
    platforms: rest.platforms ?? ['linux', 'darwin', 'win32'],
    election: rest.election ?? false,
    singleton: rest.singleton ?? false,
    default: false,
    schema,
    sample: '',
    measurements: [],
    ...(rest.local === undefined ? {} : { local: rest.local }),
    ...(rest.rateBased === undefined ? {} : { rateBased: rest.rateBased }),
    rhythm: ({ interval }) =>
      rest.passive ? { interval: 0, min: 0, max: 0 } : { interval, min: 1_000, max: 60_000 },
    create: (_config, context) => create(context),
  })
}
