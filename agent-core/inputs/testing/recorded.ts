// Recorded files as one readable text, and a collector's context that remembers what it was given.
import { parse, type GenericSchema } from 'valibot'
import { onTestFinished } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import type { Diagnostic } from '../../kernel/diagnostic.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { Kind, type Point } from '../../point/point.ts'
import type { Collector, HostFacts, InputContext, InputDefinition } from '../define-input.ts'
import { hostFacts } from './fixtures.ts'
import { plantTree, type PlantedTree, type Tree } from './tree.ts'

const HEADING = /^-- (.+?)(?: -> (.+))? --$/

/**
 * A text of sections `-- path --`, each with the file's lines below it, and of links `-- path -> target --`.
 * A path may hold a colon, which a file of the repository may not.
 */
export function parseTree(text: string): Tree {
  const tree: Record<string, string | { link: string }> = {}
  let open: string | undefined
  for (const line of text.trimEnd().split('\n')) {
    const [, path, link] = HEADING.exec(line) ?? []
    if (path === undefined && open !== undefined) tree[open] = `${tree[open] as string}${line}\n`
    if (path === undefined) continue
    if (link === undefined) tree[(open = path)] = ''
    else tree[path] = { link }
  }
  return tree
}

export interface TestContext {
  readonly context: InputContext
  readonly clock: FakeClock
  /** Texts of the errors told since the last call. */
  errors(): string[]
  readonly diagnostics: Diagnostic[]
  /** One round at the given time; the points it fed, shown as plain objects. */
  round(collector: Collector, time?: bigint): Promise<PlainPoint[]>
}

export function testContext(name: string, facts: Partial<HostFacts> = {}): TestContext {
  const clock = new FakeClock()
  const diagnostics: Diagnostic[] = []
  let fed: Point[] = []
  const errors: string[] = []
  return {
    clock,
    diagnostics,
    errors: () => errors.splice(0),
    context: {
      name,
      instance: 0,
      signal: new AbortController().signal,
      clock,
      log: silentLogger,
      feed: async (_category, points) => void fed.push(...points),
      reportError: (error) => void errors.push((error as Error).message),
      diagnose: (diagnostic) => void diagnostics.push(diagnostic),
      protect: ({ interval }) => interval,
      host: hostFacts(facts),
    },
    async round(collector, time = clock.nowNs()) {
      await collector.collect(time)
      const points = fed
      fed = []
      return points.map(plainPoint)
    },
  }
}

export interface PlainPoint {
  readonly name: string
  readonly time: bigint
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, unknown>>
  /** Kind of each field's value. */
  readonly kinds: Readonly<Record<string, string>>
}

const KIND_NAMES = new Map(Object.entries(Kind).map(([name, kind]) => [kind, name]))

export function plainPoint({ name, time, kvs }: Point): PlainPoint {
  const fields = kvs.filter((kv) => !kv.isTag)
  return {
    name,
    time,
    tags: Object.fromEntries(kvs.filter((kv) => kv.isTag).map((kv) => [kv.key, String(kv.value)])),
    fields: Object.fromEntries(fields.map((kv) => [kv.key, kv.value])),
    kinds: Object.fromEntries(fields.map((kv) => [kv.key, KIND_NAMES.get(kv.kind)!])),
  }
}

export interface OnTree extends TestContext {
  readonly tree: PlantedTree
  readonly collector: Collector
  /** The next round, `ms` later, with some files replaced. */
  later(text?: string, ms?: number): Promise<PlainPoint[]>
}

/** A collector on a recorded Linux; the test's end disposes both. */
export function onTree<S extends GenericSchema>(
  definition: InputDefinition<S>,
  text: string,
  config: unknown = {},
): OnTree {
  const tree = plantTree(parseTree(text))
  const bench = testContext(definition.name, { root: tree.root })
  const collector = definition.create(parse(definition.schema, config), bench.context)
  onTestFinished(async () => {
    await collector.dispose?.()
    await tree.dispose()
  })
  return {
    ...bench,
    tree,
    collector,
    async later(replaced = '', ms = 10_000) {
      tree.plant(parseTree(replaced))
      await bench.clock.advance(ms)
      return bench.round(collector)
    },
  }
}

/** For tests against the running machine: it may do something between two looks. */
export const LIVE = { retry: 4 }
