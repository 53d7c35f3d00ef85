// A lane whose thread is gone in the middle of a batch: another takes the batch, nothing is lost, lost state is counted.
import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Scope } from '../../kernel/disposable.ts'
import { loopbackServer } from '../testdata/loopback-server.ts'
import { field, log, points, runningPipeline, until } from '../testdata/running-pipeline.ts'

let dir = ''
let scope = new Scope()
let workers: Worker[] = []
const started = (worker: Worker): void => void workers.push(worker)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'crash-'))
  scope = new Scope()
  workers = []
  process.on('worker', started)
})
afterEach(async () => {
  process.off('worker', started)
  await scope.dispose()
  rmSync(dir, { recursive: true, force: true })
})

/** A script that waits for a server, which answers when told. */
async function waiting(more: string) {
  const asked: ServerResponse[] = []
  const { url } = await loopbackServer(scope, (_, response) => void asked.push(response))
  const script = `${more}\nr = http_request("GET", "${url}")\nadd_key(code, r["status_code"])`
  const running = await runningPipeline(
    scope,
    dir,
    { 'pipeline/a.p': script },
    { settings: { budgetMs: 20_000 } },
  )
  return { asked, ...running }
}

it('gives its batch to another lane, once', async () => {
  const { asked, run, suspended, metrics } = await waiting('add_key(x, 1)')
  const batch = run('logging', log('a', 'one'), log('other', 'two'))
  await until(() => asked.length === 1)
  await Promise.all(workers.map((worker) => worker.terminate()))
  await until(() => asked.length === 2)
  asked[1]!.end('ok')
  const kept = points(await batch)
  expect(kept.map((point) => field(point, 'message'))).toEqual(['one', 'two'])
  expect(field(kept[0], 'code')).toBe('200')
  expect(await metrics()).not.toContain('datakit_pipeline_breach_total{')

  // Twice under the same batch: it goes on as it is, and the script is named.
  const next = run('logging', log('a', 'three'))
  for (const requests of [3, 4]) {
    await until(() => asked.length === requests)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  expect(await next).toBeUndefined()
  expect(await metrics()).toMatch(/datakit_pipeline_breach_total\{.*name="a.p".*\} 1/)
  expect(suspended).toEqual([])
}, 20_000)

it('counts the state that is gone with it', async () => {
  const { asked, run, metrics } = await waiting('cache_set("k", "v")')
  const batch = run('logging', log('a', 'one'))
  await until(() => asked.length === 1)
  asked[0]!.end('ok')
  await batch
  await Promise.all(workers.map((worker) => worker.terminate()))
  expect(await metrics()).toContain('datakit_pipeline_state_lost_total 1')
  const again = run('logging', log('a', 'two'))
  await until(() => asked.length === 2)
  asked[1]!.end('ok')
  expect(field(points(await again)[0], 'code')).toBe('200')
}, 20_000)
