// Lanes side by side, in a process with the agent's flags (`node FLAGS lanes.ts BODIES_A_TURN`): bodies of 1,000 log lines go as they came through nginx.p in one lane and in two, in turns.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../agent-core/kernel/clock.ts'
import { setEngineFlags } from '../../agent-core/kernel/engine-flags.ts'
import { silentLogger } from '../../agent-core/kernel/logger.ts'
import { benchLines } from '../../agent-core/pipeline/bench-lines.ts'
import { LanePool } from '../../agent-core/pipeline/lanes/lane-pool.ts'
import { EMPTY_CONTEXT, scriptKey, type ScriptSource } from '../../agent-core/pipeline/scripts/script.ts'
import { root } from './agent-process.ts'

const BODY_LINES = 1000
const BODIES = 20
/** Short turns, many of them: what the machine does otherwise then meets both alike. */
const TURNS = 60
/** Each lane starts a thread and compiles for itself: these do not count. */
const WARM_TURNS = 10

export interface LaneFigures {
  readonly one: number
  readonly two: number
  /** Median of two over one, turn by turn. */
  readonly ratio: number
}

/** Points a second, medians. */
async function laneRates(bodiesATurn: number): Promise<LaneFigures> {
  const source = readFileSync(join(root, 'agent-core/pipeline/testdata/bench/nginx.p'), 'utf8')
  const script: ScriptSource = { category: 'logging', namespace: 'default', name: 'nginx.p', source }
  const lines = benchLines('nginx', BODIES * BODY_LINES)
  const bodies = Array.from({ length: BODIES }, (_, i) =>
    Buffer.from(
      lines
        .slice(i * BODY_LINES, (i + 1) * BODY_LINES)
        .map((line) => `nginx,host=web-01 message="${line.replaceAll('"', '\\"')}"`)
        .join('\n'),
    ),
  )
  const pools = [1, 2].map((lanes) => ({ lanes, pool: openPool(lanes, script), rates: [] as number[] }))
  for (let turn = 0; turn < WARM_TURNS + TURNS; turn++)
    for (const { lanes, pool, rates } of pools) {
      const rate = await measure(pool, lanes, script, bodies, bodiesATurn)
      if (turn >= WARM_TURNS) rates.push(rate)
    }
  const [one, two] = pools.map(({ rates }) => rates)
  for (const { pool } of pools) await pool.dispose()
  const ratios = two!.map((rate, turn) => rate / one![turn]!)
  return { one: median(one!), two: median(two!), ratio: median(ratios) }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

function openPool(lanes: number, script: ScriptSource): LanePool {
  return new LanePool(
    {
      clock: systemClock,
      log: silentLogger,
      lanes,
      budgetMs: 60_000,
      ask: () => Promise.resolve(undefined),
      onCreated: () => {},
      onBreach: () => {},
      onFilterBreach: () => {},
      onStateLost: () => {},
      onHeld: () => {},
    },
    { ...EMPTY_CONTEXT, version: 1, scripts: [script] },
  )
}

async function measure(
  pool: LanePool,
  lanes: number,
  script: ScriptSource,
  bodies: readonly Buffer[],
  count: number,
): Promise<number> {
  let next = 0
  const sender = async (): Promise<void> => {
    while (next < count) {
      const body = bodies[next++ % bodies.length]!
      const outcome = await pool.batch({
        category: 'logging',
        map: undefined,
        raw: { encoding: 'line-protocol', precision: 'n', now: systemClock.nowNs(), tags: {} },
        encode: () => body,
        scripts: new Set([scriptKey(script)]),
        stateful: false,
        filters: undefined,
        correctTo: systemClock.nowNs(),
        showPiped: false,
      })
      // On a busy machine a batch may take so long that others do not wait for it: sent again.
      if (outcome === 'left') next--
      else if (outcome === 'unprocessed' || 'fault' in outcome) throw new Error('a body was not processed')
      else void outcome.dispose()
    }
  }
  const started = systemClock.monotonic()
  // One body under way and one that waits, for each lane.
  await Promise.all(Array.from({ length: lanes * 2 }, sender))
  return (count * BODY_LINES * 1000) / (systemClock.monotonic() - started)
}

if (import.meta.main) {
  setEngineFlags()
  console.log(JSON.stringify(await laneRates(Number(process.argv[2]))))
}
