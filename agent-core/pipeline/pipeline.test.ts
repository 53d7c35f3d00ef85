import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Scope } from '../kernel/disposable.ts'
import type { Category } from '../point/category.ts'
import { keyValue, Kind, type Point } from '../point/point.ts'
import { fromPoint } from './conformance.ts'
import type { BatchReply } from './lanes/messages.ts'
import {
  field,
  log,
  points,
  runningPipeline,
  STEPS,
  until,
  writeScript,
  type PipelineFixture as Fixture,
  type PipelineFixtureOptions,
} from './testdata/running-pipeline.ts'

let dir = ''
let scope = new Scope()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pipeline-'))
  scope = new Scope()
})
afterEach(async () => {
  await scope.dispose()
  rmSync(dir, { recursive: true, force: true })
})

const fixture = (
  scripts: Readonly<Record<string, string>>,
  rest: PipelineFixtureOptions = {},
): Promise<Fixture> => runningPipeline(scope, dir, scripts, rest)
const write = (path: string, text: string): void => writeScript(dir, path, text)

describe('a batch', () => {
  it('goes through the script of its name, with status, time, drop and created points', async () => {
    const { run, metrics } = await fixture({
      'pipeline/nginx.p': `
        add_key(level, "W")
        rename(status, level)
        add_key(time, 1700000001000000000)
        if match("drop", _) { drop() }
        create_point("made", nil, {"n": 1}, category="M")
      `,
    })
    const reply = await run('logging', log('nginx', 'one'), log('nginx', 'drop me'), log('other', 'as is'))
    const [first, other] = points(reply)
    expect(reply?.dropped).toBe(1)
    expect(field(first, 'status')).toBe('warning')
    expect(first?.time).toBe('1700000001000000000')
    expect(other).toEqual(fromPoint(log('other', 'as is')))
    expect(reply?.created.map(({ category, source, points: n }) => [category, source, n])).toEqual([
      ['metric', 'pipeline/create_point', 2],
    ])
    const text = await metrics()
    expect(text).toContain(
      'datakit_pipeline_point_total{category="logging",name="nginx.p",namespace="default"} 2',
    )
    expect(text).toContain(
      'datakit_pipeline_drop_point_total{category="logging",name="nginx.p",namespace="default"} 1',
    )
  })

  it('is not touched where its category has no script for it', async () => {
    const { pipeline } = await fixture({ 'pipeline/nginx.p': 'drop()' })
    expect(pipeline.points('metric', [log('nginx', 'x')], STEPS)).toBeUndefined()
    expect(pipeline.points('logging', [log('apache', 'x')], STEPS)).toBeUndefined()
  })

  it('keeps its points when a script fails on one, and counts it', async () => {
    const { run, metrics } = await fixture({ 'pipeline/a.p': 'add_key(x, 1)\ndrop()\nadd_key(y, "a" + 1)' })
    const [point] = points(await run('logging', log('a', 'm')))
    expect(field(point, 'x')).toBe('1')
    expect(await metrics()).toContain(
      'datakit_pipeline_error_point_total{category="logging",name="a.p",namespace="default"} 1',
    )
  })

  it('keeps the state of a script from batch to batch and gives out what it aggregated', async () => {
    const { run, created, pipeline } = await fixture({
      'pipeline/a.p': `
        agg_create("b", on_interval="1h")
        agg_metric("b", "n", "sum", ["message"], "one")
        n = cache_get("seen")
        add_key(seen, n)
        cache_set("seen", "yes")
      `,
    })
    const one = (): Point => {
      const point = log('a', 'm')
      point.kvs.push(keyValue('one', Kind.int, 1))
      return point
    }
    await run('logging', one())
    for (let i = 0; i < 20; i++) {
      const replies = await Promise.all([run('logging', one()), run('logging', one())])
      expect(replies.map((reply) => field(points(reply)[0], 'seen'))).toEqual(['yes', 'yes'])
    }
    await pipeline.dispose()
    expect(created.map(({ source }) => source)).toEqual(['pl_agg/b'])
    expect(field(points(created[0])[0], 'n')).toBe(41)
  })
})

describe('scripts', () => {
  it('are found by namespace, category directory, default script and map', async () => {
    const { run, pipeline } = await fixture(
      {
        'pipeline/a.p': 'add_key(by, "root")',
        'pipeline/logging/a.p': 'add_key(by, "logging")',
        'git/b.p': 'add_key(by, "git")',
        'pipeline/b.p': 'add_key(by, "default")',
        'pipeline/rest.p': 'add_key(by, "rest")',
        'pipeline/metric/cpu.p': 'add_key(by, "metric")',
      },
      { settings: { defaults: { logging: 'rest.p' } } },
    )
    const by = async (category: Category, name: string): Promise<unknown> =>
      field(points(await run(category, log(name, 'm')))[0], 'by')
    expect(await by('logging', 'a')).toBe('logging')
    expect(await by('logging', 'b')).toBe('git')
    expect(await by('logging', 'zzz')).toBe('rest')
    expect(await by('metric', 'cpu')).toBe('metric')
    expect(pipeline.points('logging', [log('a', 'm')], { ...STEPS, map: { a: '-' } })).toBeUndefined()
    const mapped = await pipeline.points('logging', [log('a', 'm')], { ...STEPS, map: { a: 'b.p' } })
    expect(field(points(mapped as BatchReply)[0], 'by')).toBe('git')
  })

  it('are taken again when a file changes; one that does not compile runs in its version before', async () => {
    const { run, pipeline } = await fixture({ 'pipeline/a.p': 'add_key(v, 1)' })
    const value = async (): Promise<unknown> => field(points(await run('logging', log('a', 'm')))[0], 'v')
    expect(await value()).toBe('1')
    const version = pipeline.store.context.version
    write('pipeline/a.p', 'add_key(v, 2)')
    await until(() => pipeline.store.context.version > version)
    await until(() => pipeline.store.get('default/logging/a.p')?.source.includes('2') === true)
    expect(await value()).toBe('2')
    write('pipeline/a.p', 'add_key(v, 3')
    await until(() => pipeline.store.get('default/logging/a.p')?.state === 'previous')
    expect(await value()).toBe('2')
    expect(pipeline.diagnostics()[0]).toMatchObject({ code: 'PIPELINE_CHECK' })
    expect(pipeline.store.events.at(-1)?.event).toBe('COMPILE_ERROR')
    rmSync(join(dir, 'pipeline/a.p'))
    await until(() => pipeline.store.entries.length === 0)
    expect(pipeline.points('logging', [log('a', 'm')], STEPS)).toBeUndefined()
  })

  it('are compiled anew when a file of grok patterns changes', async () => {
    const { run, pipeline } = await fixture({ 'pipeline/a.p': 'grok(_, "%{CODE:code}")' })
    expect(pipeline.store.get('default/logging/a.p')?.state).toBe('broken')
    const code = async (): Promise<unknown> =>
      field(points(await run('logging', log('a', 'x42y')))[0], 'code')
    write('pipeline/pattern/mine', '# my own\nCODE \\d+\n')
    await until(() => pipeline.store.get('default/logging/a.p')?.state === 'running')
    expect(await code()).toBe('42')
    const { version } = pipeline.store.context
    write('pipeline/pattern/mine', 'CODE [a-z]\\d\n')
    await until(() => pipeline.store.context.version > version)
    expect(await code()).toBe('x4')
  })

  it('run in their last good version after a restart too, until they compile or are removed', async () => {
    const kept = join(dir, 'data/pipeline_last_good.json')
    let updates = 1
    const remote = (source: string): string =>
      JSON.stringify({
        remote_pipelines: {
          update_time: ++updates,
          pipelines: [
            { name: 'r.p', base64text: Buffer.from(source).toString('base64'), category: 'logging' },
          ],
        },
      })
    const value = async ({ run }: Fixture, name: string): Promise<unknown> =>
      field(points(await run('logging', log(name, 'm')))[0], 'v')
    const state = ({ pipeline }: Fixture, key: string) => pipeline.store.get(key)?.state
    let pulled = remote('add_key(v, 1)')
    const pull = () => Promise.resolve(pulled)
    const first = await fixture(
      { 'pipeline/a.p': 'add_key(v, 1)', 'pipeline/b.p': 'add_key(v, 1)', 'pipeline/bad.p': 'add_key(' },
      { pull },
    )
    await until(() => state(first, 'remote/logging/r.p') === 'running')
    expect(existsSync(kept)).toBe(false)
    write('pipeline/a.p', 'add_key(v, 2')
    write('pipeline/b.p', 'add_key(v, 2')
    await first.pipeline.loadFiles()
    pulled = remote('add_key(v, 2')
    await first.pipeline.pullRemote()
    await first.pipeline.dispose()

    // The DataWay cannot be asked: its broken script is the one on disk.
    const second = await fixture({}, { pull: () => Promise.resolve(undefined) })
    const keys = ['default/logging/a.p', 'default/logging/b.p', 'remote/logging/r.p']
    expect(keys.map((key) => state(second, key))).toEqual(['previous', 'previous', 'previous'])
    expect(await Promise.all(['a', 'b', 'r'].map((name) => value(second, name)))).toEqual(['1', '1', '1'])
    expect(state(second, 'default/logging/bad.p')).toBe('broken')
    expect(second.pipeline.diagnostics()).toContainEqual(
      expect.objectContaining({
        code: 'PIPELINE_CHECK',
        file: join(dir, 'pipeline/a.p'),
        notes: ['The last good version is in force.'],
      }),
    )
    write('pipeline/a.p', 'add_key(v, 3)')
    rmSync(join(dir, 'pipeline/b.p'))
    await second.pipeline.loadFiles()
    expect(await value(second, 'a')).toBe('3')
    expect(Object.keys(JSON.parse(readFileSync(kept, 'utf8')) as object)).toEqual(['remote/logging/r.p'])
    await second.pipeline.dispose()

    write('pipeline/a.p', 'add_key(v, 4')
    pulled = remote('add_key(v, 3)')
    const third = await fixture({}, { pull })
    await until(() => state(third, 'remote/logging/r.p') === 'running')
    // What was good while nothing was wrong is not kept: the text changed while no agent ran.
    expect(state(third, 'default/logging/a.p')).toBe('broken')
    await until(() => !existsSync(kept))
  })

  it('say when their last good version cannot be kept', async () => {
    const { pipeline } = await fixture({ 'pipeline/a.p': 'add_key(v, 1)', data: 'a file in the way' })
    write('pipeline/a.p', 'add_key(v, 2')
    await pipeline.loadFiles()
    expect(pipeline.store.get('default/logging/a.p')?.state).toBe('previous')
    expect(pipeline.diagnostics()).toContainEqual(
      expect.objectContaining({ code: 'PIPELINE_FILE', message: expect.stringContaining('last_good') }),
    )
  })

  it('come from the DataWay, with relations, and are there at the next start without it', async () => {
    const b64 = (text: string): string => Buffer.from(text).toString('base64')
    const answer = JSON.stringify({
      remote_pipelines: {
        update_time: 5,
        pipelines: [
          { name: 'r.p', base64text: b64('add_key(by, "remote")'), category: 'logging', asDefault: true },
          { name: 'x.p', base64text: b64('add_key(by, "related")'), category: 'logging' },
        ],
        relation_update_time: 7,
        relation: [{ category: 'logging', source: 'ab*', name: 'x.p' }],
      },
    })
    const first = await fixture({}, { pull: () => Promise.resolve(answer) })
    await until(() => first.pipeline.store.context.relations.length === 1)
    const by = async ({ run }: Fixture, name: string): Promise<unknown> =>
      field(points(await run('logging', log(name, 'm')))[0], 'by')
    expect(await by(first, 'abc')).toBe('related')
    expect(await by(first, 'else')).toBe('remote')
    await first.pipeline.dispose()
    const second = await fixture({})
    expect(await by(second, 'abc')).toBe('related')
    expect(await by(second, 'else')).toBe('remote')
  })
})

// How an agent bears with them is measured in hostile-script.test.ts.
describe('a hostile script', () => {
  it.each([
    ['takes too long', 'for ;; {}'],
    ['makes too much', 's = "0123456789"\nfor i = 0; i < 22; i = i + 1 { s = s + s }\nadd_key(big, s)'],
  ])('that %s is named, suspended after two batches, and runs again when it changes', async (_, text) => {
    const { run, suspended, pipeline, metrics } = await fixture({ 'pipeline/bad.p': text })
    const bad = log('bad', 'm')
    expect(await run('logging', bad)).toBeUndefined()
    expect(suspended).toEqual([])
    expect(await run('logging', bad)).toBeUndefined()
    expect(suspended).toEqual(['default/logging/bad.p'])
    // Suspended: its points pass at once.
    expect(pipeline.points('logging', [bad], STEPS)).toBeUndefined()
    expect(pipeline.diagnostics()).toMatchObject([{ code: 'PIPELINE_SUSPENDED' }])
    expect(await metrics()).toMatch(/datakit_pipeline_breach_total\{category="logging",name="bad.p".*\} 2/)
    write('pipeline/bad.p', 'add_key(fixed, 1)')
    await until(() => pipeline.store.get('default/logging/bad.p')?.state === 'running')
    expect(field(points(await run('logging', bad))[0], 'fixed')).toBe('1')
  })

  it('that takes for ever to compile is refused, the others run', async () => {
    const doubling = Array.from({ length: 40 }, (_, i) => `add_pattern("p${i + 1}", "%{p${i}}%{p${i}}")`)
    const { run, pipeline } = await fixture({
      'pipeline/bomb.p': ['add_pattern("p0", "x")', ...doubling, 'grok(_, "%{p40}")'].join('\n'),
      'pipeline/good.p': 'add_key(ok, 1)',
    })
    expect(field(points(await run('logging', log('good', 'm')))[0], 'ok')).toBe('1')
    expect(pipeline.store.get('default/logging/bomb.p')?.state).toBe('broken')
  }, 30_000)
})
