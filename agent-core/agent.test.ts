// The whole agent in one process: real collectors on this machine, a fixture DataWay on loopback.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { TOKEN } from '../e2e/fixtures/dataway.ts'
import type { Agent } from './agent.ts'
import { OverviewWatch } from './console/overview.ts'
import { overview } from './contract/overview.ts'
import { defineInput, type InputDefinition } from './inputs/define-input.ts'
import { inputs } from './inputs/index.ts'
import { systemClock, type Clock } from './kernel/clock.ts'
import { Kind, type KeyValue, type Point } from './point/point.ts'
import { useLab } from './testdata/lab.ts'

const TEN = ['cpu', 'disk', 'diskio', 'dk', 'host_processes', 'hostobject', 'mem', 'net', 'swap', 'system']

const lab = useLab()

const conf = (name: string, text: string): void => lab.put(`conf.d/${name}`, text)
const main = (rest = ''): void =>
  conf(
    'datakit.conf',
    `[http_api]\nlisten = "127.0.0.1:0"\n[dataway]\nurls = ["${lab.dataway.url}"]\n[io]\nflush_interval = "200ms"\n[global_host_tags]\nsite = "lab"\n${rest}`,
  )

/** Runs ten times as fast: waits of seconds pass in tenths, in the same order. */
function fastClock(): Clock {
  const SPEED = 10
  const began = Date.now()
  const passed = (): number => systemClock.monotonic() * SPEED
  const zero = passed()
  const clock: Clock = {
    now: () => began + passed() - zero,
    nowNs: () => BigInt(Math.round(clock.now() * 1e6)),
    monotonic: passed,
    after: (ms, run) => systemClock.after(ms / SPEED, run),
    every: (ms, run) => systemClock.every(ms / SPEED, run),
    sleep: (ms, signal) => systemClock.sleep(ms / SPEED, signal),
  }
  return clock
}

const start = (definitions: readonly InputDefinition[] = inputs, clock = systemClock): Promise<Agent> =>
  lab.start({ definitions, clock })

const states = (a: Agent): Record<string, string> =>
  Object.fromEntries(a.runner.snapshot().map((i) => [i.name, i.state]))
const metricsText = async (a: Agent): Promise<string> =>
  (await fetch(`http://127.0.0.1:${a.http.port()}/metrics`)).text()

describe('a first start on an empty directory', () => {
  it('runs all ten collectors within 3 s and feeds every one of them', async () => {
    rmSync(join(lab.dir, 'conf.d'), { recursive: true })
    const a = lab.agent({ env: { ENV_HTTP_LISTEN: '127.0.0.1:0' } })
    const started = performance.now()
    await a.start()
    await vi.waitFor(() => expect(Object.values(states(a))).toEqual(TEN.map(() => 'ok')), { timeout: 3000 })
    expect(performance.now() - started).toBeLessThan(3000)
    expect(Object.keys(states(a)).toSorted()).toEqual(TEN)
    expect(a.facts.firstRun).toBe(true)
    for (const name of TEN)
      expect(readFileSync(join(lab.dir, `conf.d/${name}.conf`), 'utf8')).toContain(`inputs.${name}`)
    await vi.waitFor(
      async () => {
        const text = await metricsText(a)
        for (const name of TEN)
          expect(text).toMatch(new RegExp(`datakit_io_feed_total\\{name="${name}[^}]*\\} [1-9]`))
      },
      { timeout: 15_000, interval: 500 },
    )
    // Local-only: nothing is sent, nothing waits, everything is in the store.
    expect(a.dataPath.clients).toEqual([])
    expect(a.dataPath.ledger.of('metric')).toMatchObject({ pending: 0, sent: 0 })
    expect(a.diagnostics().map((d) => d.code)).toContain('CONFIG_LOCAL_ONLY')
    await a.store.flush()
    const stored = await a.store.querySeries({
      queries: [{ measurement: 'mem', field: 'used_percent' }],
      from: Date.now() - 60_000,
      to: Date.now() + 1000,
      points: 100,
    })
    expect(stored.ok && stored.value.series[0]?.values.length).toBeGreaterThan(0)
  }, 30_000)
})

describe('what a DataWay receives', () => {
  it('has the keys and types of every measurement', async () => {
    main()
    conf(
      'host_processes.conf',
      '[[inputs.host_processes]]\nopen_metric = true\nmetric_interval = "10s"\nmin_run_time = "0s"\nenable_listen_ports = true\n',
    )
    await start()
    const wanted = JSON.parse(
      readFileSync(join(import.meta.dirname, 'testdata/measurements.json'), 'utf8'),
    ) as Record<string, Record<string, string>>
    await vi.waitFor(
      () => {
        const got = seen()
        expect(Object.keys(wanted).filter((name) => !got.has(name))).toEqual([])
      },
      { timeout: 25_000, interval: 300 },
    )
    // Rates come with the second sample, one interval after the first.
    await vi.waitFor(() => expect(seen().get('metric/net')).toHaveProperty('bytes_sent/sec'), {
      timeout: 15_000,
      interval: 300,
    })
    const got = seen()
    for (const [name, keys] of Object.entries(wanted)) {
      const missing = Object.keys(keys).filter((key) => !(key in got.get(name)!) && !ABSENT_HERE(name, key))
      const extra = Object.keys(got.get(name)!).filter((key) => !(key in keys) && !EXTRA_HERE(name, key))
      expect({ name, missing, extra }).toEqual({ name, missing: [], extra: [] })
      const shared = Object.entries(got.get(name)!).filter(([key]) => key in keys)
      expect({ name, types: Object.fromEntries(shared) }).toEqual({
        name,
        types: Object.fromEntries(shared.map(([key]) => [key, keys[key]])),
      })
    }
  }, 60_000)

  /** Keys and types of all points so far, by category/measurement. */
  function seen(): Map<string, Record<string, string>> {
    const all = new Map<string, Record<string, string>>()
    for (const write of lab.dataway.writes)
      for (const point of write.points) {
        const keys = all.get(`${write.category}/${point.name}`) ?? {}
        for (const kv of point.kvs) keys[kv.key] = kindName(kv)
        all.set(`${write.category}/${point.name}`, keys)
      }
    return all
  }
})

/** What the recording machine had and this one may not: each with its reason. */
function ABSENT_HERE(name: string, key: string): boolean {
  // A container's scheduler may hide the machine's block devices, then no rate of them can come.
  if (name === 'metric/diskio') return key.endsWith('/sec')
  // Only processes in a container have one; /proc/<pid>/io of others needs root.
  return key === 'container_id' || (name.endsWith('host_processes') && key.startsWith('proc_'))
}

/** What this machine has and the recording one did not. */
function EXTRA_HERE(name: string, key: string): boolean {
  return key === 'container_id' || (name === 'metric/cpu' && (key === 'core_temperature' || key === 'load5s'))
}

const NAMES = ['nil', 'int', 'uint', 'float', 'bool', 'string', 'bytes', 'array', 'map']
const kindName = (kv: KeyValue): string => (kv.isTag ? 'tag' : NAMES[kv.kind]!)

describe('faults', () => {
  const faulty = defineInput({
    ...inputs.find((i) => i.name === 'mem')!,
    name: 'faulty',
    sample: '[[inputs.faulty]]\n',
    singleton: false,
    default: false,
    schema: v.object({}),
    rhythm: () => ({ interval: 20, min: 0, max: 0 }),
    create: () => ({
      collect() {
        throw new Error('the sensor is on fire')
      },
    }),
  }) as InputDefinition

  it('stops a collector after 6 crashes, counts them, shows the error, and leaves the others alone', async () => {
    main('')
    conf('faulty.conf', '[[inputs.faulty]]\n')
    const a = await start([...inputs, faulty], fastClock())
    await vi.waitFor(() => expect(states(a)['faulty']).toBe('stopped'), { timeout: 60_000, interval: 50 })
    expect(await metricsText(a)).toContain('datakit_inputs_crash_total{input="faulty"} 6')
    const watch = new OverviewWatch(a)
    const shown = watch.snapshot().collectors.find((c) => c.name === 'faulty')
    watch.dispose()
    expect(shown).toMatchObject({
      state: 'stopped',
      crashes: 6,
      lastError: { message: 'the sensor is on fire' },
    })
    await vi.waitFor(() => expect(a.clock.now() - a.facts.startedAt).toBeGreaterThan(31_000), {
      timeout: 10_000,
    })
    const others = a.runner.snapshot().filter((i) => i.name !== 'faulty')
    expect(others.map((i) => [i.name, i.crashes, i.state])).toEqual(others.map((i) => [i.name, 0, 'ok']))
    // At their rhythm all the time: at once, then every ten seconds.
    const rounds = others.filter((i) => i.interval === 10_000).map((i) => [i.name, i.history])
    expect(rounds.length).toBeGreaterThan(5)
    for (const [name, history] of rounds) expect(`${name}: ${history}`).toMatch(/: o{3,}$/)
  }, 90_000)

  it('runs interval = "1ms" at 1 s with a notice, and obeys the file without protect mode', async () => {
    main()
    conf('mem.conf', '[[inputs.mem]]\ninterval = "1ms"\n')
    const a = await start()
    expect(a.runner.snapshot().find((i) => i.name === 'mem')).toMatchObject({ interval: 1000 })
    expect(a.diagnostics()).toContainEqual(
      expect.objectContaining({ code: 'CONFIG_CLAMPED', severity: 'notice' }),
    )
    await a.stop()
    conf('datakit.conf', 'protect_mode = false\n[http_api]\nlisten = "127.0.0.1:0"\n')
    conf('mem.conf', '[[inputs.mem]]\ninterval = "100ms"\n')
    const b = await start()
    expect(b.runner.snapshot().find((i) => i.name === 'mem')).toMatchObject({ interval: 100 })
  })

  it('shows a broken file, an unknown key and a wrong type with file, line and column, and runs the rest', async () => {
    main()
    conf('cpu.conf', '[[inputs.cpu]]\ninterval = \n')
    conf('mem.conf', '[[inputs.mem]]\n  intervall = "10s"\n')
    conf('swap.conf', '[[inputs.swap]]\n\n  interval = true\n')
    const a = await start()
    const watch = new OverviewWatch(a)
    const snapshot = watch.snapshot()
    watch.dispose()
    expect(v.is(overview, snapshot)).toBe(true)
    const place = (file: string) =>
      snapshot.diagnostics
        .filter((d) => d.file === `conf.d/${file}`)
        .map((d) => [d.code, d.labels[0]?.line, d.labels[0]?.column])
    expect(place('cpu.conf')).toEqual([['CONFIG_SYNTAX', 2, expect.any(Number)]])
    expect(place('mem.conf')).toEqual([['CONFIG_UNKNOWN_KEY', 2, 3]])
    expect(place('swap.conf')).toEqual([['CONFIG_TYPE', 3, expect.any(Number)]])
    expect(snapshot.collectors.filter((c) => c.state === 'not_loaded').map((c) => c.file)).toEqual([
      'conf.d/cpu.conf',
      'conf.d/swap.conf',
    ])
    await vi.waitFor(() => {
      const running = states(a)
      for (const name of TEN.filter((n) => n !== 'swap' && n !== 'cpu'))
        expect([name, running[name]]).toEqual([name, 'ok'])
    })
  })

  it('sends to a DataWay that is connected while it runs, and never shows the token', async () => {
    conf(
      'datakit.conf',
      '# my own comment\n[http_api]\nlisten = "127.0.0.1:0"\n[io]\nflush_interval = "200ms"\n',
    )
    const a = await start()
    expect(a.dataPath.clients).toEqual([])
    expect(await a.connectDataway(lab.dataway.url)).toMatchObject({ ok: true })
    expect(readFileSync(join(lab.dir, 'conf.d/datakit.conf'), 'utf8')).toContain('# my own comment\n')
    await a.runner.runOnce('mem#0')
    await lab.dataway.until((d) => d.points('metric').some((p: Point) => p.name === 'mem'))
    const watch = new OverviewWatch(a)
    const shown = JSON.stringify([watch.snapshot(), a.diagnostics(), a.events.recent(100)])
    watch.dispose()
    expect(shown).not.toContain(TOKEN)
    expect(await metricsText(a)).not.toContain(TOKEN)
  }, 30_000)

  it('leaves nothing behind when it stops', async () => {
    main()
    const before = process.getActiveResourcesInfo().toSorted()
    const a = await start()
    await vi.waitFor(() => expect(states(a)['cpu']).toBe('ok'))
    await a.stop()
    await vi.waitFor(() => {
      const left = process.getActiveResourcesInfo().toSorted()
      for (const kind of new Set(before))
        expect(left.filter((k) => k === kind).length).toBeLessThanOrEqual(
          before.filter((k) => k === kind).length,
        )
    })
  })
})

// Kind is imported for its numbering: a change of it must break this file, not silently rename kinds.
if (NAMES[Kind.map] !== 'map') throw new Error('kind names are out of step')
