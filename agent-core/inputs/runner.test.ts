import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { FakeClock, type Clock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { createMetrics } from '../kernel/metrics.ts'
import type { InputDefinition } from './define-input.ts'
import { createRunner, type ConfiguredInput, type RunnerEvent, type RunnerOptions } from './runner.ts'
import { hostFacts, memorySink, onePoint, testInput } from './testing/fixtures.ts'

const START = Date.UTC(2026, 0, 1)
const configured = (name: string, index = 0, interval = 10_000): ConfiguredInput => ({
  name,
  index,
  file: `conf.d/${name}.conf`,
  config: { interval },
})

async function harness(definitions: readonly InputDefinition[], rest: Partial<RunnerOptions> = {}) {
  const clock = new FakeClock(START)
  const metrics = createMetrics()
  const { feed, fed } = memorySink()
  const events: RunnerEvent[] = []
  const runner = createRunner({
    definitions,
    clock,
    metrics,
    feed,
    log: silentLogger,
    host: hostFacts({ metrics }),
    random: () => 0.5,
    onEvent: (e) => void events.push(e),
    ...rest,
  })
  const start = async (inputs: readonly ConfiguredInput[]): Promise<void> => {
    await runner.replace(inputs)
    runner.start()
    await clock.advance(0)
  }
  const of = (id: string) => runner.snapshot().find((s) => s.id === id)!
  const value = async (name: string, labels: Record<string, string>): Promise<number | undefined> => {
    const found = await metrics.registry.getSingleMetric(name)?.get()
    return found?.values.find((v) => Object.entries(labels).every(([k, x]) => v.labels[k] === x))?.value
  }
  /** Ends the runner and proves that no timer stays. */
  const end = async (): Promise<void> => {
    const stopping = runner.stop()
    await clock.advance(20_000)
    await stopping
    expect(clock.pending).toBe(0)
  }
  return { clock, runner, fed, events, start, of, value, end }
}

/** Feeds one point a round and notes the times. */
function steady(name: string, rest: Parameters<typeof testInput>[2] = {}) {
  const times: bigint[] = []
  const definition = testInput(
    name,
    (ctx) => ({
      async collect(time) {
        times.push(time)
        await ctx.feed('metric', [onePoint(name, time)])
      },
    }),
    rest,
  )
  return { definition, times }
}
/** A collector whose round waits for a promise before it feeds. */
const waits = (name: string, until: Promise<void>): InputDefinition =>
  testInput(name, (ctx) => ({
    async collect(time) {
      await until
      await ctx.feed('metric', [onePoint(name, time)])
    },
  }))

const ns = (ms: number): bigint => BigInt(START + ms) * 1_000_000n

describe('rounds', () => {
  test('a local collector runs at once, then on the grid', async () => {
    const cpu = steady('cpu')
    const h = await harness([cpu.definition])
    await h.start([configured('cpu')])
    expect(cpu.times).toEqual([ns(0)])
    await h.clock.advance(20_000)
    expect(cpu.times).toEqual([ns(0), ns(10_000), ns(20_000)])
    expect(h.of('cpu#0')).toMatchObject({
      state: 'ok',
      feeds: 3,
      points: 3,
      interval: 10_000,
      history: 'ooo',
      nextRun: START + 30_000,
      lastFeed: START + 20_000,
    })
    expect(await h.value('datakit_inputs_instance', { input: 'cpu' })).toBe(1)
    expect(h.fed[0]?.options).toEqual({ source: 'cpu', election: false, cost: 0 })
    await h.end()
    await h.clock.advance(60_000)
    expect(cpu.times).toHaveLength(3)
  })

  test('a rate-based collector runs again after 1 s and keeps its grid', async () => {
    const net = steady('net', { rateBased: true })
    const h = await harness([net.definition])
    await h.start([configured('net')])
    await h.clock.advance(20_000)
    expect(net.times).toEqual([ns(0), ns(1_000), ns(10_000), ns(20_000)])
    await h.end()
  })

  test('only remote and elected collectors start with a jitter', async () => {
    const remote = steady('mysql', { local: false })
    const elected = steady('prom', { election: true })
    const h = await harness([remote.definition, elected.definition])
    await h.start([configured('mysql'), configured('prom')])
    await h.clock.advance(4_999)
    expect([remote.times, elected.times]).toEqual([[], []])
    expect(h.of('mysql#0').state).toBe('starting')
    await h.clock.advance(1)
    expect([remote.times, elected.times]).toEqual([[ns(5_000)], [ns(5_000)]])
    await h.end()
  })

  test('an elected collector pauses while another agent leads, and its points say so', async () => {
    let leader = false
    const prom = steady('prom', { election: true })
    const h = await harness([prom.definition], { elected: () => leader })
    await h.start([configured('prom')])
    await h.clock.advance(20_000)
    expect(h.of('prom#0')).toMatchObject({ state: 'paused', feeds: 0 })
    leader = true
    await h.clock.advance(10_000)
    expect(h.of('prom#0')).toMatchObject({ state: 'ok', feeds: 1 })
    expect(h.fed[0]?.options).toEqual({ source: 'prom', election: true, cost: 0 })
    await h.end()
  })

  test('the timestamp follows the tick when it is more than 10 % off, with the NTP offset added', async () => {
    let ntp = 0
    const cpu = steady('cpu')
    const h = await harness([cpu.definition], { ntpOffsetMs: () => ntp })
    await h.start([configured('cpu')])
    ntp = 1_000
    await h.clock.advance(10_000)
    ntp = 1_001
    await h.clock.advance(10_000)
    expect(cpu.times).toEqual([ns(0), ns(10_000), ns(21_001)])
    await h.end()
  })

  test('runOnce runs a round outside the rhythm', async () => {
    const cpu = steady('cpu')
    const h = await harness([cpu.definition])
    await h.start([configured('cpu')])
    await h.clock.advance(3_000)
    expect(await h.runner.runOnce('cpu#0')).toEqual({ ok: true, value: undefined })
    await h.clock.advance(7_000)
    expect(cpu.times).toEqual([ns(0), ns(3_000), ns(10_000)])
    expect(await h.runner.runOnce('cpu#7')).toMatchObject({ ok: false, error: { code: 'INPUT_UNKNOWN' } })
    await h.end()
  })

  test('a collector without rounds lives by its own events', async () => {
    const statsd = testInput('statsd', () => ({ collect: () => expect.unreachable('no rounds') }), {
      passive: true,
    })
    const h = await harness([statsd])
    await h.start([configured('statsd')])
    await h.clock.advance(60_000)
    expect(h.of('statsd#0')).toMatchObject({ state: 'ok', interval: null, nextRun: null })
    await h.end()
  })

  test('a collector that never feeds is shown as failing', async () => {
    const h = await harness([testInput('mute', () => ({ collect() {} }))])
    await h.start([configured('mute')])
    expect(h.of('mute#0').state).toBe('ok')
    await h.clock.advance(20_000)
    expect(h.of('mute#0')).toMatchObject({ state: 'failing', feeds: 0, history: 'ooo' })
    await h.end()
  })
})

describe('crashes', () => {
  const crashes: Record<string, (ctx: { readonly clock: Clock }) => unknown> = {
    'throws an Error': () => {
      throw new Error('boom')
    },
    'throws a string': () => {
      throw 'boom'
    },
    rejects: () => Promise.reject(new Error('boom')),
    'throws from its timer': ({ clock }) => void clock.after(1, () => crashes['throws a string']!({ clock })),
    'rejects from its timer': ({ clock }) => void clock.after(1, () => crashes.rejects!({ clock })),
  }

  test.each(Object.entries(crashes))(
    'a collector that %s: stopped at the 6th, the other never notices',
    async (_, crash) => {
      let created = 0
      let disposed = 0
      const bad = testInput('bad', (ctx) => {
        created++
        return {
          collect: () => crash(ctx) as Promise<void> | undefined,
          dispose: () => void disposed++,
        }
      })
      const good = steady('good')
      const h = await harness([bad, good.definition])
      await h.start([configured('bad'), configured('good')])
      await h.clock.advance(5)
      expect(h.of('bad#0')).toMatchObject({ state: 'failing', crashes: 1, lastError: { message: 'boom' } })
      await h.clock.advance(60_000)
      expect(h.of('bad#0')).toMatchObject({ state: 'stopped', crashes: 6, nextRun: null })
      expect(h.of('bad#0').history.replaceAll('o', '')).toBe('cccccc')
      expect([created, disposed]).toEqual([6, 6])
      expect(await h.value('datakit_inputs_crash_total', { input: 'bad' })).toBe(6)
      expect(await h.value('datakit_error_total', { source: 'bad', category: 'metric' })).toBe(6)
      expect(await h.value('datakit_last_err', { input: 'bad', error: 'boom' })).toBeGreaterThan(START / 1000)
      expect(h.runner.diagnostics().map((d) => d.code)).toEqual(['INPUT_STOPPED'])
      expect(h.events.map((e) => e.kind)).toEqual([
        ...Array.from({ length: 5 }, () => 'collector_crashed'),
        'collector_stopped',
      ])
      expect(good.times).toHaveLength(7)
      expect(h.of('good#0')).toMatchObject({ state: 'ok', history: 'ooooooo' })
      await h.end()
    },
  )

  test('back-off doubles from half a second, half of it random', async () => {
    const rounds: number[] = []
    const h = await harness([
      testInput('bad', ({ clock }) => ({
        collect() {
          rounds.push(clock.monotonic())
          throw new Error('boom')
        },
      })),
    ])
    await h.start([configured('bad')])
    await h.clock.advance(60_000)
    expect(rounds.map((at, i) => at - (rounds[i - 1] ?? 0))).toEqual([0, 375, 750, 1_500, 3_000, 6_000])
    await h.end()
  })

  test('create() that throws counts; restart clears the crashes', async () => {
    let broken = true
    const h = await harness([
      testInput('bad', (ctx) => {
        if (broken) throw new Error('no socket')
        return { collect: (time) => ctx.feed('metric', [onePoint('bad', time)]) }
      }),
    ])
    await h.start([configured('bad')])
    await h.clock.advance(60_000)
    expect(h.of('bad#0').state).toBe('stopped')
    expect(await h.runner.runOnce('bad#0')).toMatchObject({ ok: false, error: { code: 'INPUT_STOPPED' } })
    broken = false
    expect(await h.runner.restart('bad#0')).toMatchObject({ ok: true })
    await h.clock.advance(0)
    expect(h.of('bad#0')).toMatchObject({ state: 'ok', crashes: 0, feeds: 1 })
    expect(h.runner.diagnostics()).toEqual([])
    await h.end()
  })

  test('what escapes a collector as an uncaught error of the process is its crash', async () => {
    const script = join(import.meta.dirname, 'testing', 'stray-errors.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    expect(JSON.parse(stdout)).toEqual({
      claimed: {
        'timer string': true,
        'stray rejection': true,
        'event without listener': true,
        foreign: false,
      },
      crashes: { timer: 1, promise: 1, socket: 1, good: 0 },
    })
  })

  test('secrets in an error are masked', async () => {
    const h = await harness([
      testInput('bad', (ctx) => ({
        collect: () => ctx.reportError(new Error('https://x/?token=tkn_0123456789abcdef')),
      })),
    ])
    await h.start([configured('bad')])
    expect(h.of('bad#0')).toMatchObject({ state: 'degraded', errors: 1, crashes: 0, history: 'e' })
    expect(h.of('bad#0').lastError?.message).not.toContain('0123456789')
    await h.end()
  })
})

describe('slow rounds', () => {
  test('a round that hangs never overlaps itself, is late after 30 s, and ends the lateness when it ends', async () => {
    const hang = Promise.withResolvers<void>()
    let rounds = 0
    const h = await harness([
      testInput('slow', (ctx) => ({
        async collect(time) {
          rounds++
          if (rounds === 1) await hang.promise
          await ctx.feed('metric', [onePoint('slow', time)])
        },
      })),
    ])
    await h.start([configured('slow')])
    await h.clock.advance(29_999)
    expect(h.of('slow#0').state).toBe('starting')
    await h.clock.advance(1)
    expect(h.of('slow#0')).toMatchObject({ state: 'degraded', errors: 1, history: '' })
    expect(await h.runner.runOnce('slow#0')).toMatchObject({ ok: false, error: { code: 'INPUT_LATE' } })
    await h.clock.advance(30_000)
    expect([rounds, h.of('slow#0').errors]).toEqual([1, 1])
    hang.resolve()
    await h.clock.advance(0)
    expect(h.of('slow#0')).toMatchObject({ state: 'degraded', history: 'e', feeds: 1 })
    await h.clock.advance(10_000)
    expect(h.of('slow#0')).toMatchObject({ state: 'ok', history: 'eo', feeds: 2 })
    await h.end()
  })

  test('stop waits for a running round, takes its points, and gives up on one that hangs', async () => {
    const first = Promise.withResolvers<void>()
    const ending = await harness([waits('ends', first.promise)])
    await ending.start([configured('ends')])
    const stopping = ending.runner.stop()
    await ending.clock.advance(1_000)
    first.resolve()
    await stopping
    expect([ending.fed.length, ending.clock.pending]).toEqual([1, 0])

    const second = Promise.withResolvers<void>()
    const hanging = await harness([waits('hangs', second.promise)])
    await hanging.start([configured('hangs')])
    await hanging.end()
    second.resolve()
    await hanging.clock.advance(0)
    expect(hanging.fed).toEqual([])
  })

  test('timers and sleeps of an instance end with it, without a crash', async () => {
    let ticks = 0
    const h = await harness([
      testInput('timer', ({ clock }) => {
        clock.every(1_000, () => ticks++)
        return { collect: () => clock.sleep(8_000) }
      }),
    ])
    await h.start([configured('timer')])
    await h.clock.advance(2_000)
    await h.end()
    expect(ticks).toBe(2)
    expect(h.events).toEqual([])
  })
})

describe('configuration', () => {
  test('protect mode clamps with a notice, without it the file is obeyed', async () => {
    const cpu = steady('cpu')
    const h = await harness([cpu.definition])
    await h.start([configured('cpu', 0, 1)])
    expect(h.of('cpu#0').interval).toBe(1_000)
    expect(h.runner.diagnostics()).toMatchObject([
      {
        code: 'CONFIG_CLAMPED',
        severity: 'notice',
        file: 'conf.d/cpu.conf',
        path: 'inputs.cpu[0].interval',
        message: 'cpu: interval = 1ms is outside 1s to 1m; it runs every 1s',
      },
    ])
    await h.end()

    const fast = steady('cpu')
    const free = await harness([fast.definition], { protectMode: false })
    await free.start([configured('cpu', 0, 1)])
    await free.clock.advance(5)
    expect([fast.times.length, free.runner.diagnostics()]).toEqual([6, []])
    await free.end()
  })

  test('refuses what cannot run and says why', async () => {
    const cpu = steady('cpu', { singleton: true })
    const iis = steady('iis', { platforms: ['win32'] })
    const h = await harness([cpu.definition, iis.definition])
    await h.start([configured('cpu'), configured('cpu', 1), configured('iis'), configured('cpuu')])
    expect(h.runner.snapshot().map((s) => s.id)).toEqual(['cpu#0'])
    expect(h.runner.diagnostics().map((d) => [d.code, d.path])).toEqual([
      ['CONFIG_SINGLETON', 'inputs.cpu[1]'],
      ['CONFIG_PLATFORM', 'inputs.iis[0]'],
      ['CONFIG_UNKNOWN_INPUT', 'inputs.cpuu[0]'],
    ])
    await h.end()
  })

  test('a reload leaves equal instances alone, ends the removed and starts the new', async () => {
    const [a, b, c] = [steady('a'), steady('b'), steady('c')]
    const h = await harness([a.definition, b.definition, c.definition])
    await h.start([configured('a'), configured('b')])
    await h.clock.advance(4_000)
    await h.runner.replace([configured('a'), configured('c'), configured('c', 1)])
    await h.clock.advance(6_000)
    expect([a.times, b.times, c.times]).toEqual([[ns(0), ns(10_000)], [ns(0)], [ns(4_000), ns(4_000)]])
    expect(await h.value('datakit_inputs_instance', { input: 'b' })).toBeUndefined()
    expect(await h.value('datakit_inputs_instance', { input: 'c' })).toBe(2)
    expect(h.runner.collectorStats()).toEqual([
      { name: 'a', count: 2, lastTime: START + 10_000 },
      { name: 'c', count: 2, lastTime: START + 4_000 },
    ])
    await h.end()
  })

  test('a reload starts a stopped instance again, even with the same configuration', async () => {
    let broken = true
    const bad = testInput('bad', (ctx) => ({
      collect(time) {
        if (broken) throw new Error('boom')
        return ctx.feed('metric', [onePoint('bad', time)])
      },
    }))
    const h = await harness([bad])
    await h.start([configured('bad')])
    await h.clock.advance(60_000)
    expect(h.of('bad#0').state).toBe('stopped')
    broken = false
    await h.runner.replace([configured('bad')])
    await h.clock.advance(0)
    expect(h.of('bad#0')).toMatchObject({ state: 'ok', crashes: 0, feeds: 1 })
    await h.end()
  })

  test('a clock jump is told once, and the rounds go on at the new time', async () => {
    const [a, b] = [steady('a'), steady('b')]
    const h = await harness([a.definition, b.definition])
    await h.start([configured('a'), configured('b')])
    await h.clock.advance(5_000)
    h.clock.jump(3_600_000)
    await h.clock.advance(15_000)
    expect(a.times).toEqual([ns(0), ns(3_610_000), ns(3_620_000)])
    expect(h.runner.diagnostics()).toMatchObject([{ code: 'INPUT_CLOCK_JUMP', severity: 'notice' }])
    expect(h.runner.diagnostics()[0]?.message).toContain('forward by 1h')
    expect(h.events.map((e) => e.kind)).toEqual(['clock_jump'])
    expect(h.of('a#0')).toMatchObject({ state: 'ok', history: 'ooo' })
    await h.end()
  })
})
