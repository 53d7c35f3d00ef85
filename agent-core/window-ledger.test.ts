// Points that context windows hold, in a whole agent: the ledger balances at every moment, whatever becomes of them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Agent } from './agent.ts'
import type { Account } from './io/ledger.ts'
import { keyValue, Kind, makePoint, tag, type Point } from './point/point.ts'
import { bareAgent } from './testing.ts'

const SCRIPT = `
  point_window(3, 2, ["stream"])
  if match("hit", message) { window_hit() }
  if match("create", message) { create_point("made", nil, {"n": 1}) }
  if match("log", message) { create_point("made", nil, {"message": "m"}, category="L") }
  if match("drop", message) { drop() }
  if match("fail", message) { x = "a" + 1 }
  if match("hang", message) { for ;; {} }
`

let dir: string
let agent: Agent
const unbalanced: string[] = []
const over = new AbortController()
let watch: Promise<void>

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'window-'))
  for (const folder of ['conf.d', 'pipeline/network']) mkdirSync(join(dir, folder), { recursive: true })
  writeFileSync(
    join(dir, 'conf.d/datakit.conf'),
    '[http_api]\nlisten = "127.0.0.1:0"\n[pipeline]\nbatch_timeout = "300ms"\n',
  )
  writeFileSync(join(dir, 'pipeline/w.p'), SCRIPT)
  writeFileSync(join(dir, 'pipeline/network/w.p'), SCRIPT)
  agent = bareAgent(dir)
  await agent.start()
  watch = (async () => {
    while (!over.signal.aborted) {
      for (const category of agent.ledger.accounts.keys()) {
        const difference = agent.ledger.difference(category)
        if (difference !== 0) unbalanced.push(`${category}: ${difference}`)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
})
afterAll(async () => {
  over.abort()
  await watch
  await agent.stop()
  rmSync(dir, { recursive: true, force: true })
})

const point = (stream: string, message: string): Point =>
  makePoint(
    'w',
    [tag('stream', stream), keyValue('message', Kind.string, message)],
    1_700_000_000_000_000_000n,
  )

const feed = (category: 'logging' | 'network', ...points: Point[]): Promise<void> =>
  agent.feed(category, points, { source: 'test' })

/** What changes in an account while something runs. */
async function changes(run: () => Promise<unknown>): Promise<Partial<Account>> {
  const flat = (): Record<string, number> => {
    const { dropped, ...states } = agent.ledger.of('logging')
    return { ...states, ...dropped }
  }
  const before = flat()
  await run()
  return Object.fromEntries(
    Object.entries(flat())
      .map(([key, value]) => [key, value - (before[key] ?? 0)] as const)
      .filter(([, change]) => change !== 0),
  )
}

let texts = 0
/** Another text, the same script: its state goes. */
async function changeScript(): Promise<void> {
  for (const folder of ['', 'network/'])
    writeFileSync(join(dir, 'pipeline', `${folder}w.p`), `# ${++texts}\n${SCRIPT}`)
  await agent.pipeline.loadFiles()
}

describe('points in a window', () => {
  it('are held, released or gone, and booked as that', async () => {
    const [drop, keep, hit] = ['drop', 'keep', 'hit'].map((message) => point('one', message)) as [
      Point,
      Point,
      Point,
    ]
    expect(await changes(() => feed('logging', drop, drop))).toEqual({ fed: 2, held: 2 })
    // A window of three lets go of the oldest.
    expect(await changes(() => feed('logging', drop, drop))).toEqual({ fed: 2, held: 1, script: 1 })
    // A kept point takes a place.
    expect(await changes(() => feed('logging', keep))).toEqual({ fed: 1, held: -1, script: 1, local: 1 })
    expect(await changes(() => feed('logging', hit))).toEqual({ fed: 1, held: -2, local: 3 })
    // Open for two points, the hit among them.
    expect(await changes(() => feed('logging', drop))).toEqual({ fed: 1, local: 1 })
    expect(await changes(() => feed('logging', drop, point('two', 'drop')))).toEqual({ fed: 2, held: 2 })
  })

  it('are lost with the version of the script that held them', async () => {
    const { held } = agent.ledger.of('logging')
    expect(held).toBeGreaterThan(0)
    expect(
      await changes(async () => {
        await changeScript()
        await feed('logging', point('one', 'hit'))
      }),
    ).toEqual({ fed: 1, local: 1, held: -held, state_lost: held })
  })

  it('are lost with a batch that is stopped, whose points go on', async () => {
    await feed('logging', point('one', 'drop'), point('one', 'drop'))
    const { held } = agent.ledger.of('logging')
    const stopped = await changes(() => feed('logging', point('one', 'drop'), point('one', 'hang')))
    expect(stopped).toEqual({ fed: 2, local: 2, held: -held, state_lost: held })
    await changeScript()
  })

  it('are never missing from the ledger', async () => {
    const message = fc
      .uniqueArray(fc.constantFrom('hit', 'create', 'log', 'drop', 'fail', 'keep'), {
        minLength: 1,
        maxLength: 3,
      })
      .map((words) => words.join(' '))
    const batch = fc.record({
      category: fc.constantFrom('logging' as const, 'network' as const),
      points: fc.array(fc.record({ stream: fc.constantFrom('one', 'two'), message }), { maxLength: 8 }),
    })
    const step = fc.oneof(
      { weight: 8, arbitrary: batch },
      { weight: 1, arbitrary: fc.constant('change' as const) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, atOnce) => {
        const run = (one: (typeof steps)[number]): Promise<void> =>
          one === 'change'
            ? changeScript()
            : feed(one.category, ...one.points.map((p) => point(p.stream, p.message)))
        if (atOnce) await Promise.all(steps.map(run))
        else for (const one of steps) await run(one)
        for (const [category, account] of agent.ledger.accounts) {
          expect([category, agent.ledger.difference(category)]).toEqual([category, 0])
          expect(account.held).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 25 },
    )
    expect(unbalanced).toEqual([])
  }, 60_000)

  it('are lost when the agent stops', async () => {
    // Streams of their own: what the others have left open may let go of points at once.
    await feed('logging', point('three', 'drop'), point('four', 'drop'))
    const { held } = agent.ledger.of('logging')
    expect(held).toBeGreaterThan(1)
    const { state_lost: before = 0 } = agent.ledger.of('logging').dropped
    await agent.stop()
    expect(agent.ledger.of('logging')).toMatchObject({
      held: 0,
      processing: 0,
      dropped: { state_lost: before + held },
    })
    expect(agent.ledger.difference('logging')).toBe(0)
    expect(unbalanced).toEqual([])
  })
})
