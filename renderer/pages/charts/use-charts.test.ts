// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { contractError } from '../../../agent-core/contract/errors.ts'
import {
  mountConsole,
  setHidden,
  type ConsoleOptions,
  type MountedConsole,
} from '../../testing/mount-console.ts'
import { linesOf } from './lines.ts'
import { PANELS, type PanelId } from './panels.ts'
import { useCharts, type Charts } from './use-charts.ts'

const MINUTE = 60_000

async function withCharts(options: ConsoleOptions = {}): Promise<MountedConsole & { charts: Charts }> {
  let charts: Charts | undefined
  const Probe = defineComponent(() => {
    charts = useCharts()
    return () => h('p')
  })
  const mounted = await mountConsole(Probe, options)
  return { ...mounted, charts: charts! }
}
type Query = { from: number; to: number; points: number; queries: { measurement: string }[] }
const lastQuery = (mounted: MountedConsole): Query => mounted.calls('charts.query').at(-1) as Query
const spec = (id: PanelId) => PANELS.find((one) => one.id === id)!
const samples = (charts: Charts, id: PanelId): number => charts.frames[id].value.times.length

afterEach(() => setHidden(false))

describe('the charts', () => {
  it('begin with the last five minutes and follow second by second', async () => {
    const mounted = await withCharts()
    const { charts, advance, clock } = mounted
    expect(lastQuery(mounted).to - lastQuery(mounted).from).toBe(5 * MINUTE)
    expect(charts.loading.value).toBe(false)
    const before = charts.frames.cpu.value.times.at(-1)!
    await advance(3000)
    expect(charts.frames.cpu.value.times.at(-1)! - before).toBe(3000)
    expect(linesOf(spec('cpu'), charts.frames.cpu.value, undefined).length).toBe(3)
    expect(charts.span.value.to).toBeGreaterThan(clock.now() - 1500)
  })

  it('read again what is slower than a second', async () => {
    const mounted = await withCharts()
    for (let second = 0; second < 20; second++) await mounted.advance(1000)
    const asked = new Set(lastQuery(mounted).queries.map(({ measurement }) => measurement))
    expect([...asked].sort()).toEqual(['swap', 'system'])
  })

  it('zoom, go back, and follow again after the last zoom', async () => {
    const mounted = await withCharts()
    const { charts, open, settle, advance } = mounted
    const { to } = charts.span.value
    charts.zoomTo({ from: to - 2 * MINUTE, to: to - MINUTE })
    await settle()
    await advance(200)
    expect([lastQuery(mounted).from, lastQuery(mounted).to]).toEqual([to - 2 * MINUTE, to - MINUTE])
    expect(open('charts.live')).toBe(0)
    charts.zoomBy(0.5)
    await settle()
    expect(charts.span.value.to - charts.span.value.from).toBe(MINUTE / 2)
    charts.back()
    await settle()
    expect(charts.span.value).toEqual({ from: to - 2 * MINUTE, to: to - MINUTE })
    charts.back()
    await settle()
    expect([charts.zoom.value, open('charts.live')]).toEqual([undefined, 1])
  })

  it('keep one step to go back while a person walks', async () => {
    const { charts, advance, calls, settle } = await withCharts()
    const asked = calls('charts.query').length
    for (let n = 0; n < 5; n++) {
      charts.pan(-0.2)
      await settle()
      await advance(100)
    }
    expect(charts.zoom.value).toBeDefined()
    // Data is asked for once, at the end of the walk.
    expect(calls('charts.query').length).toBe(asked)
    await advance(100)
    expect(calls('charts.query').length).toBe(asked + 1)
    charts.back()
    expect(charts.zoom.value).toBeUndefined()
  })

  it('stand still while paused', async () => {
    const { charts, advance, open } = await withCharts()
    charts.paused.value = true
    await advance(0)
    const { to } = charts.span.value
    const before = samples(charts, 'cpu')
    await advance(20_000)
    expect([charts.span.value.to, samples(charts, 'cpu'), open('charts.live')]).toEqual([to, before, 0])
  })

  it('ask for stored ranges without a live stream and refresh them', async () => {
    const mounted = await withCharts()
    mounted.charts.choose('14d')
    await mounted.settle()
    expect(lastQuery(mounted).to - lastQuery(mounted).from).toBe(14 * 24 * 60 * MINUTE)
    expect([mounted.open('charts.live'), mounted.charts.stepMs.value]).toEqual([0, 3_600_000])
    const asked = mounted.calls('charts.query').length
    await mounted.advance(30_000)
    expect(mounted.calls('charts.query').length).toBe(asked + 1)
  })

  it('rest while nobody looks', async () => {
    const { charts, advance, open, calls } = await withCharts()
    setHidden(true)
    await advance(0)
    const asked = calls('charts.query').length
    await advance(2 * MINUTE)
    expect([open('charts.live'), calls('charts.query').length]).toEqual([0, asked])
    setHidden(false)
    await advance(0)
    expect([open('charts.live'), calls('charts.query').length]).toEqual([1, asked + 1])
    expect(charts.loading.value).toBe(false)
  })

  it('show the marks of their span', async () => {
    const { charts } = await withCharts()
    expect(charts.marks.value.map(({ kind }) => kind)).toEqual(['elected', 'restart', 'config', 'config'])
  })

  it('say what went wrong and recover', async () => {
    let broken = true
    const { charts, settle } = await withCharts({
      handlers: {
        'charts.marks': () => {
          if (broken) throw contractError('KERNEL_BUG', 'no store')
          return []
        },
      },
    })
    expect(String(charts.error.value)).toContain('no store')
    broken = false
    await charts.load()
    await settle()
    expect(charts.error.value).toBeUndefined()
  })
})
