// Scripts of the DataWay in a whole agent: pulled, in force over those on disk, changed, broken, deleted, and there at a
// start at which the DataWay says nothing.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { TOKEN } from '../e2e/fixtures/dataway.ts'
import type { Agent } from './agent.ts'
import { unpackTar } from './pipeline/scripts/tar.ts'
import { useLab } from './testdata/lab.ts'

const lab = useLab()
let agent: Agent

beforeEach(() =>
  lab.put(
    'conf.d/datakit.conf',
    `[http_api]\nlisten = "127.0.0.1:0"\n[dataway]\nurls = ["${lab.dataway.url}"]\n[io]\nflush_interval = "50ms"\n`,
  ),
)

async function start(): Promise<Agent> {
  agent = await lab.start({ definitions: [] })
  return agent
}

type Script = readonly [name: string, text: string, more?: { category?: string; asDefault?: boolean }]

/** What the next pulls are answered. */
function answer(
  updateTime: number,
  scripts: readonly Script[],
  relations: { time: number; list: readonly (readonly [source: string, name: string])[] } = {
    time: -1,
    list: [],
  },
): void {
  lab.dataway.replies['/v1/datakit/pull'] = {
    remote_pipelines: {
      update_time: updateTime,
      pipelines: scripts.map(([name, text, { category = 'logging', asDefault = false } = {}]) => ({
        name,
        base64text: Buffer.from(text).toString('base64'),
        category,
        asDefault,
      })),
      relation_update_time: relations.time,
      relation: relations.list.map(([source, name]) => ({ category: 'logging', source, name })),
    },
  }
}

const by = (text: string): string => `add_key(by, "${text}")`

/** `by` of a point of that name as the DataWay gets it. */
async function byOf(name: string, category = 'logging'): Promise<unknown> {
  const before = lab.dataway.points(category).filter((p) => p.name === name).length
  const response = await fetch(`http://127.0.0.1:${agent.http.port()}/v1/write/${category}`, {
    method: 'POST',
    body: `${name} message="m",n=1i`,
  })
  expect(response.status).toBe(200)
  const got = () => lab.dataway.points(category).filter((p) => p.name === name)
  await lab.dataway.until(() => got().length > before)
  return got()
    .at(-1)!
    .kvs.find(({ key }) => key === 'by')?.value
}

const pulls = (): string[] =>
  lab.dataway.requests.filter(({ url }) => url.includes('remote_pipelines')).map(({ url }) => url)

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('scripts of the DataWay', () => {
  it('come in force over others, change, and go', async () => {
    lab.put('pipeline/r.p', by('default'))
    lab.put('pipeline/local.p', by('default'))
    lab.put('pipeline_confd/local.p', by('confd'))
    lab.put('gitrepos/one/pipeline/r.p', by('gitrepo'))
    lab.put('gitrepos/one/pipeline/local.p', by('gitrepo'))
    lab.put('pipeline/used.p', by('default used'))
    answer(
      5,
      [
        ['r.p', by('remote 1')],
        ['x.p', by('related')],
        ['rest.p', by('rest'), { asDefault: true }],
        ['uses.p', 'use("used.p")'],
        ['used.p', by('remote used')],
        ['cpu.p', 'add_key(by, 7)', { category: 'metric' }],
      ],
      { time: 7, list: [['ab*', 'x.p']] },
    )
    const a = await start()
    await until(() => a.pipeline.store.context.relations.length === 1)
    expect(pulls()).toEqual([`/v1/datakit/pull?relation_ts=0&remote_pipelines=true&token=${TOKEN}&ts=0`])
    expect(await byOf('r')).toBe('remote 1')
    expect(await byOf('abc')).toBe('related')
    expect(await byOf('anything')).toBe('rest')
    // A script uses those of its own namespace.
    expect(await byOf('uses')).toBe('remote used')
    expect(await byOf('local')).toBe('confd')
    expect(await byOf('cpu', 'metric')).toBe(7)

    const kept = unpackTar(gunzipSync(readFileSync(join(lab.dir, 'pipeline_remote/scripts.tar.gz'))))
    expect([...kept.keys()].toSorted()).toEqual([
      'default.json',
      ...['r.p', 'rest.p', 'used.p', 'uses.p', 'x.p'].map((name) => `logging/${name}`),
      'metric/cpu.p',
    ])
    expect(readFileSync(join(lab.dir, 'pipeline_remote/pull_config.json'), 'utf8')).toBe(
      '{"update_time":5,"relation_update_time":7}',
    )

    // The same time: nothing changed, whatever else is in the answer.
    const { version } = a.pipeline.store.context
    answer(5, [])
    await a.pipeline.pullRemote()
    expect(pulls().at(-1)).toBe(`/v1/datakit/pull?relation_ts=7&remote_pipelines=true&token=${TOKEN}&ts=5`)
    expect(a.pipeline.store.context.version).toBe(version)

    answer(6, [['r.p', by('remote 2')]], { time: 8, list: [['anything', 'r.p']] })
    await a.pipeline.pullRemote()
    expect(await byOf('r')).toBe('remote 2')
    expect(await byOf('anything')).toBe('remote 2')
    expect(await byOf('abc')).toBeUndefined()
    expect(a.pipeline.store.events.slice(-5).map(({ event, script }) => [event, script])).toContainEqual([
      'INDEX_DELETE_AND_BACK',
      'remote/logging/used.p',
    ])

    answer(1, [])
    await a.pipeline.pullRemote()
    expect(await byOf('r')).toBe('gitrepo')
    rmSync(join(lab.dir, 'gitrepos'), { recursive: true })
    await a.pipeline.loadFiles()
    expect(await byOf('r')).toBe('default')
  }, 30_000)

  it('that do not compile leave their last good version in force, over a restart without the DataWay too', async () => {
    lab.put('pipeline/r.p', by('default'))
    answer(
      5,
      [
        ['r.p', by('good')],
        ['never.p', 'add_key('],
      ],
      { time: 7, list: [['abc', 'r.p']] },
    )
    const first = await start()
    await until(() => first.pipeline.store.context.relations.length === 1)
    expect(await byOf('r')).toBe('good')
    answer(6, [['r.p', 'add_key(by, "worse"']])
    await first.pipeline.pullRemote()
    const shown = {
      code: 'PIPELINE_CHECK',
      file: 'remote/logging/r.p',
      notes: ['The last good version is in force.'],
    }
    expect(first.diagnostics()).toContainEqual(expect.objectContaining(shown))
    expect(await byOf('r')).toBe('good')
    await first.stop()

    lab.dataway.replies['/v1/datakit/pull'] = '<html>'
    const second = await start()
    await until(() => second.diagnostics().some(({ code }) => code === 'PIPELINE_REMOTE'))
    expect(second.diagnostics()).toContainEqual(expect.objectContaining(shown))
    expect([await byOf('r'), await byOf('abc')]).toEqual(['good', 'good'])
    // The first pull after a start asks for everything.
    expect(pulls().at(-1)).toContain('ts=0')

    answer(6, [['r.p', by('better')]])
    await second.pipeline.pullRemote()
    expect(await byOf('r')).toBe('better')
    expect(second.diagnostics().map(({ code }) => code)).not.toContain('PIPELINE_CHECK')
  }, 30_000)

  it('are not asked for where there are several DataWays', async () => {
    lab.put(
      'conf.d/datakit.conf',
      `[http_api]\nlisten = "127.0.0.1:0"\n[dataway]\nurls = ["${lab.dataway.url}", "http://127.0.0.1:1?token=${TOKEN}"]\n`,
    )
    const a = await start()
    await a.pipeline.pullRemote()
    expect(pulls()).toEqual([])
  })

  it('give way to the default script that this machine is configured with', async () => {
    lab.put(
      'conf.d/datakit.conf',
      `${readFileSync(join(lab.dir, 'conf.d/datakit.conf'), 'utf8')}[pipeline.default_pipeline]\nlogging = "own.p"\n`,
    )
    lab.put('pipeline/own.p', by('own'))
    answer(5, [['rest.p', by('rest'), { asDefault: true }]])
    const a = await start()
    await until(() => a.pipeline.store.get('remote/logging/rest.p') !== undefined)
    expect(await byOf('anything')).toBe('own')
  }, 15_000)
})
