// What scripts in real lanes use from outside: the address database, reference tables, HTTP.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock, systemClock, type Clock } from '../kernel/clock.ts'
import { Scope } from '../kernel/disposable.ts'
import { pullReferTables } from './scripts/refer-pull.ts'
import { loopbackServer } from './testdata/loopback-server.ts'
import {
  field,
  log,
  points,
  runningPipeline,
  until,
  type PipelineFixture,
  type PipelineFixtureOptions,
} from './testdata/running-pipeline.ts'
import { writeMmdb, type MmdbData } from './testdata/write-mmdb.ts'

let dir = ''
let scope = new Scope()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'outside-'))
  scope = new Scope()
})
afterEach(async () => {
  await scope.dispose()
  rmSync(dir, { recursive: true, force: true })
})

const fixture = (
  scripts: Readonly<Record<string, string>>,
  settings: PipelineFixtureOptions['settings'] = {},
  clock: Clock = systemClock,
): Promise<PipelineFixture> => runningPipeline(scope, dir, scripts, { settings, clock })

/** Fields of the point that a script makes of a message. */
async function fieldsOf(
  { run }: PipelineFixture,
  name: string,
  message: string,
): Promise<Record<string, unknown>> {
  const [point] = points(await run('logging', log(name, message)))
  return Object.fromEntries(Object.keys(point?.fields ?? {}).map((key) => [key, field(point, key)]))
}

describe('the address database', () => {
  const SCRIPT = { 'pipeline/a.p': 'grok(_, "%{NOTSPACE:ip}")\ngeoip(ip)\ndrop_key(ip)\ndrop_origin_data()' }
  const ipdb = (): string => join(dir, 'data/ipdb/geolite2')
  const place = (city: string): MmdbData => ({ city: { names: { en: city } }, country: { iso_code: 'FR' } })
  const install = (name: string, bytes: Buffer): void => {
    mkdirSync(ipdb(), { recursive: true })
    writeFileSync(join(ipdb(), name), bytes)
  }
  const EMPTY = { city: '', province: '', country: '', isp: '', status: 'info' }

  it('is that of the files, read again when they change, and empty without them', async () => {
    const running = await fixture(SCRIPT)
    const geo = () => running.pipeline.store.context.geo
    expect(await fieldsOf(running, 'a', '81.2.3.4')).toEqual(EMPTY)
    expect(running.pipeline.diagnostics()).toMatchObject([
      { code: 'PIPELINE_GEO', severity: 'notice', message: expect.stringContaining('a.p'), file: ipdb() },
    ])
    const asn = { '81.2.0.0/16': { autonomous_system_organization: 'Net' } }
    install('GeoLite2-ASN.mmdb', writeMmdb('GeoLite2-ASN', asn))
    install('GeoLite2-City.mmdb', writeMmdb('GeoLite2-City', { '81.0.0.0/8': place('Lyon') }))
    await until(() => geo()?.city !== undefined && geo()?.asn !== undefined)
    const found = { ...EMPTY, city: 'Lyon', country: 'FR', isp: 'Net' }
    expect(await fieldsOf(running, 'a', '81.2.3.4')).toEqual(found)
    expect(await fieldsOf(running, 'a', 'nowhere')).toEqual({ status: 'info' })
    expect(running.pipeline.diagnostics()).toEqual([])

    const before = geo()!.stamp
    install('GeoLite2-City.mmdb', writeMmdb('GeoLite2-City', { '81.0.0.0/8': place('Villeurbanne') }))
    await until(() => geo()!.stamp !== before)
    expect(await fieldsOf(running, 'a', '81.2.3.4')).toEqual({ ...found, city: 'Villeurbanne' })
    rmSync(ipdb(), { recursive: true })
    await until(() => geo()!.city === undefined)
    expect(await fieldsOf(running, 'a', '81.2.3.4')).toEqual(EMPTY)
  })

  it('that is damaged is told, and does not take the place of the one before', async () => {
    const good = writeMmdb('GeoLite2-City', { '81.0.0.0/8': place('Lyon') })
    install('GeoLite2-City.mmdb', good)
    const running = await fixture(SCRIPT)
    const city = async (): Promise<unknown> => (await fieldsOf(running, 'a', '81.2.3.4'))['city']
    expect(await city()).toBe('Lyon')
    install('GeoLite2-City.mmdb', good.subarray(0, good.length - 40))
    await until(() => running.pipeline.diagnostics().length > 0)
    expect(running.pipeline.diagnostics()).toMatchObject([
      {
        code: 'PIPELINE_GEO',
        severity: 'warning',
        message: expect.stringMatching(/GeoLite2-City\.mmdb: not a MaxMind database/),
      },
    ])
    expect(await city()).toBe('Lyon')
    install('GeoLite2-City.mmdb', good)
    await until(() => running.pipeline.diagnostics().length === 0)
  })

  it('is of the files that are configured, where some are', async () => {
    install('a.mmdb', writeMmdb('City', { '81.0.0.0/8': place('Lyon') }))
    install('b.mmdb', writeMmdb('City', { '81.0.0.0/8': place('Paris') }))
    const geo = { type: 'geolite2', dir: ipdb(), files: ['b.mmdb', 'c.mmdb'] } as const
    const running = await fixture(SCRIPT, { geo })
    expect((await fieldsOf(running, 'a', '81.2.3.4'))['city']).toBe('Paris')
    expect(running.pipeline.diagnostics()).toMatchObject([{ message: expect.stringContaining('c.mmdb') }])
  })
})

describe('reference tables', () => {
  const table = (rows: readonly (readonly unknown[])[], type = 'int') => [
    { table_name: 'users', column_name: ['uid', 'name'], column_type: [type, 'string'], row_data: rows },
  ]
  const SCRIPT = {
    'pipeline/a.p': 'grok(_, "%{INT:id:int}")\nquery_refer_table("users", "uid", id)\ndrop_origin_data()',
  }
  let answers: readonly { status: number; body: unknown }[] = []
  let asked = 0
  /** Answers in turn, the last one for ever. */
  const tables = async (): Promise<string> => {
    asked = 0
    const { url } = await loopbackServer(scope, (_, response) => {
      const { status, body } = answers[Math.min(asked++, answers.length - 1)]!
      response.statusCode = status
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
    return `${url}/tables?password=hush`
  }
  /** Lets the interval pass as often as it takes. */
  async function pullAgain(clock: FakeClock, done: () => boolean): Promise<void> {
    await until(() => done() || (void clock.advance(1000), false))
  }
  const sqliteFiles = (): string[] => readdirSync(join(dir, 'data/reftable_sqlite'))

  it.each(['memory', 'sqlite', 'file'] as const)(
    'in %s: pulled, typed, and a bad update changes nothing',
    async (store) => {
      const next = {
        status: 200,
        body: table([
          ['7', 'seven'],
          [8, 'eight'],
        ]) as unknown,
      }
      answers = [next]
      const settings = { referTableUrl: await tables(), referTablePullMs: 1000, referTableStore: store }
      const clock = new FakeClock()
      const running = await fixture(SCRIPT, settings, clock)
      const stamp = () => running.pipeline.store.context.referTables?.stamp
      await until(() => stamp() !== undefined)
      expect(await fieldsOf(running, 'a', '7')).toEqual({ id: '7', uid: '7', name: 'seven', status: 'info' })
      expect(await fieldsOf(running, 'a', '9')).toEqual({ id: '9', status: 'info' })

      const first = stamp()
      next.body = [...table([[7, 'changed']]), { ...table([['x', 'bad']])[0], table_name: 'bad' }]
      await pullAgain(clock, () => running.pipeline.diagnostics().length > 0)
      const [problem] = running.pipeline.diagnostics()
      expect(problem).toMatchObject({ code: 'PIPELINE_REFER', severity: 'warning' })
      expect(problem!.message).toContain('table bad, row 0: uid is no int')
      expect(problem!.message).not.toContain('hush')
      expect(stamp()).toBe(first)
      expect((await fieldsOf(running, 'a', '7'))['name']).toBe('seven')

      next.body = table([[7, 'changed']])
      await pullAgain(clock, () => stamp() !== first)
      await until(() => running.pipeline.diagnostics().length === 0)
      expect((await fieldsOf(running, 'a', '7'))['name']).toBe('changed')
      expect(await fieldsOf(running, 'a', '8')).toEqual({ id: '8', status: 'info' })
    },
  )

  it('on disk are there at the next start without their server; older files go', async () => {
    answers = [{ status: 200, body: table([[7, 'seven']]) }]
    const settings = {
      referTableUrl: await tables(),
      referTablePullMs: 1000,
      referTableStore: 'file',
    } as const
    const clock = new FakeClock()
    const first = await fixture(SCRIPT, settings, clock)
    for (const times of [1, 2, 3, 4]) await pullAgain(clock, () => asked > times)
    await first.pipeline.dispose()
    expect(sqliteFiles().length).toBeLessThanOrEqual(2)
    answers = [{ status: 404, body: '' }]
    const second = await fixture(SCRIPT, settings)
    expect((await fieldsOf(second, 'a', '7'))['name']).toBe('seven')
    rmSync(join(dir, 'data/reftable_sqlite'), { recursive: true })
  })

  describe('pulled', () => {
    /** Waits take no time and are noted. */
    class QuickClock extends FakeClock {
      readonly slept: number[] = []
      override sleep(ms: number): Promise<void> {
        this.slept.push(ms)
        return Promise.resolve()
      }
    }
    const pull = (url: string, clock: FakeClock) => pullReferTables(url, clock, new AbortController().signal)

    it('are asked for four times, 1, 2 and 4 s apart', async () => {
      answers = [503, 500, 502, 200].map((status) => ({ status, body: table([]) }))
      const clock = new QuickClock()
      const url = await tables()
      expect(await pull(url, clock)).toEqual({ ok: true, value: table([]) })
      expect(clock.slept).toEqual([1000, 2000, 4000])
      answers = [{ status: 503, body: '' }]
      asked = 0
      expect(await pull(url, clock)).toEqual({ ok: false, error: 'the reference tables: status 503' })
      expect(asked).toBe(4)
      expect(clock.pending).toBe(0)
    })

    it('have 60 s a try to come whole', async () => {
      asked = 0
      const { url } = await loopbackServer(scope, (_, response) => {
        asked++
        response.write('[')
      })
      const clock = new QuickClock()
      const result = pull(url, clock)
      for (const attempt of [1, 2, 3, 4]) {
        await until(() => asked === attempt)
        await clock.advance(59_999)
        expect([asked, clock.slept.length]).toEqual([attempt, attempt - 1])
        await clock.advance(1)
      }
      expect(await result).toEqual({ ok: false, error: 'the reference tables: no answer within 60 s' })
      expect(clock.pending).toBe(0)
    })

    it.each([
      ['no list', '{}', 'the reference tables are no list of tables'],
      ['no tables', '[{"table_name":"t"}]', 'the reference tables are no list of tables'],
      ['no JSON', '<html>', 'the reference tables: the answer is not JSON'],
      ['a bad cell', table([['x', 'y']]), 'the reference tables: table users, row 0: uid is no int'],
      [
        'a type that is none',
        table([[1, 'y']], 'date'),
        'the reference tables: table users, row 0: uid is no date',
      ],
    ])('are refused when they are %s', async (_, body, message) => {
      answers = [{ status: 200, body }]
      expect(await pull(await tables(), new QuickClock())).toEqual({ ok: false, error: message })
    })

    it('need no more than an address with a password, and an error does not tell it', async () => {
      const credentials: unknown[] = []
      const { url, server: listening } = await loopbackServer(scope, (request, response) => {
        credentials.push(request.headers.authorization)
        response.end('[]')
      })
      const address = url.replace('//', '//user:hu%20sh@')
      expect(await pull(address, new QuickClock())).toEqual({ ok: true, value: [] })
      expect(credentials).toEqual([`Basic ${Buffer.from('user:hu sh').toString('base64')}`])
      listening.closeAllConnections()
      await new Promise((resolve) => listening.close(resolve))
      const refused = { ok: false, error: 'the reference tables: ECONNREFUSED' }
      expect(await pull(address, new QuickClock())).toEqual(refused)
    })
  })
})
