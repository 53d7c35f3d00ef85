// Scripts in the data path of every category: what they do to points, and what the ledger says of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Agent } from './agent.ts'
import { CATEGORIES, type Category } from './point/category.ts'
import { keyValue, Kind, lookup, makePoint, tag, type Point } from './point/point.ts'
import { decodePoints } from './point/protobuf-decode.ts'
import { bareAgent } from './testing.ts'

const SCRIPT = `
  add_key(seen, 1)
  if n == 2 { drop() }
  if n == 3 { add_key(time, 1700000005000000000) }
  if n == 4 { add_key(broken, "a" + 1) }
  create_point("made", {"by": "script"}, {"n": n}, category="O")
  add_key(status, "W")
`
const NOW = BigInt(Date.now()) * 1_000_000n
const categories = CATEGORIES.map(({ name }) => name).filter((name) => name !== 'dynamic_dw')

/** Keys beside the name that a category's scripts are called after. */
const FEATURE: Partial<Record<Category, readonly [key: string, script: string]>> = {
  rum: ['app_id', 'f_f.p'],
  security: ['category', 'f.p'],
  tracing: ['service', 'f.p'],
  profiling: ['service', 'f.p'],
  keyevent: ['df_source', 'f.p'],
}

let dir: string
let agent: Agent
const kept: { readonly category: Category; readonly source: string; readonly point: Point }[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'categories-'))
  mkdirSync(join(dir, 'conf.d'))
  writeFileSync(
    join(dir, 'conf.d/datakit.conf'),
    '[http_api]\nlisten = "127.0.0.1:0"\n[io]\nauto_timestamp_correction = false\n',
  )
  for (const category of categories) {
    mkdirSync(join(dir, 'pipeline', category), { recursive: true })
    writeFileSync(join(dir, 'pipeline', category, FEATURE[category]?.[1] ?? 'f.p'), SCRIPT)
  }
  agent = bareAgent(dir)
  await agent.start()
  agent.dataPath.listeners.add((category, fragment, _, source) => {
    const points = decodePoints(fragment)
    if (points.ok) for (const point of points.value) kept.push({ category, source, point })
  })
})
afterAll(async () => {
  await agent.stop()
  rmSync(dir, { recursive: true, force: true })
})

describe('a script', () => {
  it.each(categories)(
    'in %s: writes, drops, sets the time, makes points; the ledger counts',
    async (category) => {
      kept.length = 0
      const account = agent.ledger.of(category)
      const before = structuredClone(account)
      const objects = structuredClone(agent.ledger.of('object'))
      const [key] = FEATURE[category] ?? ['other']
      const points = [1, 2, 3, 4].map((n) => makePoint('f', [tag(key, 'f'), keyValue('n', Kind.int, n)], NOW))
      await agent.feed(category, points, { source: 'test' })

      const own = kept.filter(({ source }) => source === 'test')
      expect(own.map(({ category: c, point }) => [c, lookup(point, 'n')?.value, point.time])).toEqual([
        [category, 1, NOW],
        [category, 3, 1_700_000_005_000_000_000n],
        // It failed: everything before stays, and it goes on.
        [category, 4, NOW],
      ])
      expect(own.map(({ point }) => lookup(point, 'seen')?.value)).toEqual([1, 1, 1])
      // Logs alone have their status in the product's words, and only where the script ended well.
      const status = own.map(({ point }) => lookup(point, 'status')?.value)
      expect(status).toEqual([
        category === 'logging' ? 'warning' : 'W',
        category === 'logging' ? 'warning' : 'W',
        undefined,
      ])
      expect(own.some(({ point }) => lookup(point, 'time'))).toBe(false)

      const made = kept.filter(({ source }) => source === 'pipeline/create_point')
      expect(made.map(({ category: c, point }) => [c, point.name, lookup(point, 'n')?.value])).toEqual([
        ['object', 'made', 1],
        ['object', 'made', 2],
        ['object', 'made', 3],
      ])
      const same = category === 'object'
      expect(account.fed - before.fed).toBe(4)
      expect((account.dropped.script ?? 0) - (before.dropped.script ?? 0)).toBe(1)
      expect(account.local - before.local).toBe(same ? 6 : 3)
      expect(agent.ledger.of('object').created - objects.created).toBe(3)
      for (const name of categories) expect([name, agent.ledger.difference(name)]).toEqual([name, 0])
      const text = await agent.metrics.text()
      const label = `{category="${category}",name="${FEATURE[category]?.[1] ?? 'f.p'}",namespace="default"}`
      expect(text).toContain(`datakit_pipeline_point_total${label} 4`)
      expect(text).toContain(`datakit_pipeline_drop_point_total${label} 1`)
      expect(text).toContain(`datakit_pipeline_error_point_total${label} 1`)
      expect(text).toContain(`datakit_pipeline_cost_seconds_count${label}`)
      expect(text).toContain(`datakit_pipeline_last_update_timestamp_seconds${label}`)
    },
  )
})
