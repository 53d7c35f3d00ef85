// One collector run by the real runner under a fake clock, for the tests of collectors.
import { parse, type GenericSchema, type InferInput } from 'valibot'
import { FakeClock } from '../../kernel/clock.ts'
import type { Diagnostic } from '../../kernel/diagnostic.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { Kind, type Point } from '../../point/point.ts'
import type { HostFacts, InputDefinition } from '../define-input.ts'
import { createRunner, type InstanceSnapshot } from '../runner.ts'
import { hostFacts, memorySink, type Fed } from './fixtures.ts'

export interface RunningCollector {
  readonly clock: FakeClock
  readonly fed: Fed[]
  /** Points fed since the last call. */
  take(): Point[]
  /** Moves the clock and waits until no round runs. */
  advance(ms: number): Promise<void>
  snapshot(): InstanceSnapshot
  diagnostics(): Diagnostic[]
  /** Ends it; throws when a timer stays. */
  stop(): Promise<void>
}

/** Starts `definition` with `config` as its file would give it, and waits for the first round. */
export async function runCollector<S extends GenericSchema>(
  definition: InputDefinition<S>,
  config: InferInput<S>,
  facts: Partial<HostFacts> = {},
  clock = new FakeClock(),
): Promise<RunningCollector> {
  const host = hostFacts(facts)
  const { feed, fed } = memorySink()
  let round: Promise<void> = Promise.resolve()
  const watched: InputDefinition<S> = {
    ...definition,
    create(parsed, context) {
      const collector = definition.create(parsed, context)
      return {
        collect: (time) => (round = (async () => collector.collect(time))()),
        dispose: () => collector.dispose?.(),
      }
    },
  }
  const runner = createRunner({
    definitions: [watched as unknown as InputDefinition],
    clock,
    feed,
    host,
    log: silentLogger,
    metrics: host.metrics,
    random: () => 0,
  })
  await runner.replace([
    { name: definition.name, index: 0, file: null, config: parse(definition.schema, config) },
  ])
  const snapshot = (): InstanceSnapshot => runner.snapshot()[0]!
  async function advance(ms: number): Promise<void> {
    await clock.advance(ms)
    // A round that waits for the system, not for the clock, ends in its own time.
    await round.catch(() => {})
    await clock.advance(0)
  }
  runner.start()
  await advance(0)
  let taken = 0
  return {
    clock,
    fed,
    advance,
    snapshot,
    take: () => fed.slice(taken, (taken = fed.length)).flatMap((f) => f.points),
    diagnostics: () => runner.diagnostics(),
    async stop() {
      await runner.stop()
      if (clock.pending > 0) throw new Error(`${definition.name} left ${clock.pending} timers`)
    },
  }
}

const KIND_NAMES = new Map(Object.entries(Kind).map(([name, kind]) => [kind, name]))

/** key -> `tag` or the kind of its value, as recorded samples list them. */
export function keysOf(points: readonly Point[]): Record<string, string> {
  const keys: Record<string, string> = {}
  for (const point of points) {
    for (const kv of point.kvs) keys[kv.key] = kv.isTag ? 'tag' : KIND_NAMES.get(kv.kind)!
  }
  return keys
}

/** key -> value of a point, tags and fields. */
export const valuesOf = (point: Point): Record<string, unknown> =>
  Object.fromEntries(point.kvs.map((kv) => [kv.key, kv.value]))
