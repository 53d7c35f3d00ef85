// A pipeline that runs in a directory of its own, with real lanes: what its tests share.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../kernel/clock.ts'
import type { Scope } from '../../kernel/disposable.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { createMetrics } from '../../kernel/metrics.ts'
import type { Category } from '../../point/category.ts'
import { keyValue, Kind, makePoint, type Point } from '../../point/point.ts'
import { decodePoints } from '../../point/protobuf-decode.ts'
import { fromPoint, type CasePoint } from '../conformance.ts'
import type { BatchReply, EncodedBatch } from '../lanes/messages.ts'
import { Pipeline, type LaneSteps, type PipelineParts, type PipelineSettings } from '../pipeline.ts'

export const STEPS: LaneSteps = {
  scripts: true,
  map: undefined,
  filters: undefined,
  regExp: false,
  correctTo: undefined,
  showPiped: false,
}
const NO_RULES = { disabled: false, hosts: [], networks: [], noInternal: false }

export interface PipelineFixture {
  readonly pipeline: Pipeline
  readonly created: EncodedBatch[]
  readonly suspended: string[]
  metrics(): Promise<string>
  run(category: Category, ...points: Point[]): Promise<BatchReply | undefined>
}

export interface PipelineFixtureOptions {
  readonly settings?: Partial<PipelineSettings>
  readonly pull?: () => Promise<string | undefined>
  readonly clock?: Clock
  /** Where its points and breaches go instead. */
  readonly doors?: Partial<Pick<PipelineParts, 'onCreated' | 'onFilterBreach'>>
}

/** `scripts`: text by path inside `dir`, e.g. `pipeline/nginx.p`. */
export async function runningPipeline(
  scope: Scope,
  dir: string,
  scripts: Readonly<Record<string, string>>,
  rest: PipelineFixtureOptions = {},
): Promise<PipelineFixture> {
  for (const [path, text] of Object.entries(scripts)) writeScript(dir, path, text)
  const created: EncodedBatch[] = []
  const suspended: string[] = []
  const metrics = createMetrics()
  const pipeline = new Pipeline({
    settings: {
      dir: join(dir, 'pipeline'),
      confdDir: join(dir, 'pipeline_confd'),
      gitrepoDir: join(dir, 'git'),
      remoteDir: join(dir, 'pipeline_remote'),
      dataDir: join(dir, 'data'),
      remotePullMs: 60_000,
      referTableUrl: '',
      referTablePullMs: 300_000,
      referTableStore: 'memory',
      geo: { type: 'geolite2', dir: join(dir, 'data/ipdb/geolite2'), files: [] },
      defaults: {},
      debugFields: false,
      lanes: 2,
      budgetMs: 400,
      requests: NO_RULES,
      ...rest.settings,
    },
    hostTags: {},
    clock: rest.clock ?? systemClock,
    log: silentLogger,
    metrics,
    pull: rest.pull ?? (() => Promise.resolve(undefined)),
    onCreated: (batches) => void created.push(...batches),
    onSuspended: (script) => void suspended.push(script),
    onFilterBreach: () => {},
    onHeld: () => {},
    ...rest.doors,
  })
  scope.add(pipeline)
  await pipeline.start()
  return {
    pipeline,
    created,
    suspended,
    metrics: () => metrics.text(),
    run: async (category, ...points) => {
      const reply = await pipeline.points(category, points, STEPS)
      return reply === 'unprocessed' ? undefined : reply
    },
  }
}

export function writeScript(dir: string, path: string, text: string): void {
  mkdirSync(join(dir, path, '..'), { recursive: true })
  writeFileSync(join(dir, path), text)
}

export const log = (name: string, message: string): Point =>
  makePoint(name, [keyValue('message', Kind.string, message)], 1_700_000_000_000_000_000n)

export function points(reply: { readonly fragment: Uint8Array } | undefined): CasePoint[] {
  const decoded = decodePoints(reply?.fragment ?? new Uint8Array())
  if (!decoded.ok) throw decoded.error
  return decoded.value.map(fromPoint)
}

export const field = (point: CasePoint | undefined, key: string): unknown => point?.fields[key]?.v

/** Waits for what a file change or a lane brings about. */
export async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5))
}

