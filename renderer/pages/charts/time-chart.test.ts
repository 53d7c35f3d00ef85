// @vitest-environment happy-dom
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { mountConsole, type MountedConsole } from '../../testing/mount-console.ts'
import { buildFrame, type Frame } from './frame.ts'
import { PANELS, type PanelId } from './panels.ts'
import type { PlotData, PlotOptions } from './plot.ts'
import TimeChart from './TimeChart.vue'

/** A page without layout has no canvas to draw on: what would be drawn is looked at instead. */
const plots = vi.hoisted(() => [] as { data: unknown; options: unknown; cursors: number[] }[])
vi.mock('./plot.ts', () => ({
  createPlot: (_host: HTMLElement, data: PlotData, options: PlotOptions) => {
    const plot = { data, options, cursors: [] as number[] }
    plots.push(plot)
    return {
      update: (next: PlotData) => (plot.data = next),
      resize: () => {},
      redraw: () => {},
      cancelDrag: () => {},
      moveCursor: (time: number) => plot.cursors.push(time),
      dispose: () => {},
    }
  },
}))
const drawn = (): PlotData => plots.at(-1)!.data as PlotData
const options = (): PlotOptions => plots.at(-1)!.options as PlotOptions

const S = 1000
const spec = (id: PanelId) => PANELS.find((one) => one.id === id)!
function frameOf(id: PanelId, groups: Record<string, number[][]>): Frame {
  const { measurement, lines, group, tags } = spec(id)
  const series = Object.entries(groups).flatMap(([name, columns]) =>
    columns.map((values, n) => ({
      measurement,
      field: lines[n]!.field,
      tags: { ...tags, ...(group ? { [group.tag]: name } : {}) },
      unit: '',
      times: values.map((_value, at) => at * S),
      values,
    })),
  )
  return buildFrame(spec(id), series, S)
}
const mountChart = (
  id: PanelId,
  frame: Frame,
  props: Record<string, unknown> = {},
): Promise<MountedConsole> =>
  mountConsole(TimeChart, {
    props: {
      spec: spec(id),
      frame,
      span: { from: 0, to: 3 * S },
      marks: [],
      loading: false,
      describedBy: 'help',
      group: undefined,
      ...props,
    },
  })
const cpu = (): Frame =>
  frameOf('cpu', {
    '': [
      [10, 20, 30],
      [1, 2, 3],
    ],
  })
const caption = ({ wrapper }: MountedConsole): string[] =>
  wrapper.findAll('figcaption .key, figcaption .picker').map((part) => part.text().replaceAll(/\s+/g, ' '))

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: () => {},
    removeEventListener: () => {},
  }))
})
beforeEach(() => void plots.splice(0))

describe('a chart', () => {
  it('draws its lines stacked on a scale to 100 % and names the latest values', async () => {
    const chart = await mountChart('cpu', cpu())
    expect(drawn().drawn).toEqual([
      [10, 20, 30],
      [11, 22, 33],
    ])
    expect(drawn().top).toBe(100)
    expect(caption(chart)).toEqual(['user 30.0 %', 'system 3.0 %'])
  })

  it('names the values under the pointer, and the latest again when it left', async () => {
    const chart = await mountChart('cpu', cpu())
    options().events.cursor(1.2 * S)
    await chart.settle()
    expect(caption(chart)).toEqual(['user 20.0 %', 'system 2.0 %'])
    options().events.cursor(null)
    await chart.settle()
    expect(caption(chart)).toContain('user 30.0 %')
  })

  it('sums all disks and shows one when it is picked', async () => {
    const frame = frameOf('diskio', { '/dev/sda': [[1024, 2048]], '/dev/sdb': [[1024, 1024]] })
    const all = await mountChart('diskio', frame)
    expect(caption(all)).toEqual(['read 3.0 KiB/s', 'All disks'])
    const one = await mountChart('diskio', frame, { group: '/dev/sdb' })
    expect(caption(one)).toEqual(['read 1.0 KiB/s', '/dev/sdb'])
  })

  it('draws again when samples came, and anew when a line came', async () => {
    const frame = cpu()
    const chart = await mountChart('cpu', frame)
    await chart.wrapper.setProps({ frame: { ...frame }, span: { from: S, to: 4 * S } })
    expect([plots.length, drawn().span]).toEqual([1, { from: S, to: 4 * S }])
    await chart.wrapper.setProps({ frame: frameOf('cpu', { '': [[1], [2], [3]] }) })
    expect([plots.length, options().lines]).toEqual([2, 3])
  })

  it('zooms, moves and goes back by keys, and leaves other keys alone', async () => {
    const { wrapper } = await mountChart('cpu', cpu())
    const plot = wrapper.find('.plot')
    for (const key of ['+', '-', 'ArrowLeft', 'Backspace', '0', 'x']) await plot.trigger('keydown', { key })
    await plot.trigger('keydown', { key: 'ArrowLeft', ctrlKey: true })
    const { zoom, pan, back, reset } = wrapper.emitted()
    expect([zoom, pan, back, reset]).toEqual([[[0.5], [2]], [[-0.2]], [[]], [[]]])
  })

  it('moves the crosshair by keys within the span', async () => {
    const chart = await mountChart('cpu', cpu())
    for (let n = 0; n < 20; n++)
      await chart.wrapper.find('.plot').trigger('keydown', { key: 'ArrowLeft', shiftKey: true })
    expect(plots[0]!.cursors.length).toBe(20)
    expect(plots[0]!.cursors.at(-1)).toBeCloseTo(1 * S)
    expect(caption(chart)).toContain('user 20.0 %')
  })

  it('is a table when asked, the newest first', async () => {
    const { wrapper, settle } = await mountChart('cpu', cpu())
    await wrapper.find('button[aria-label="Show CPU as a table"]').trigger('click')
    await settle()
    expect(wrapper.findAll('.as-table tbody td').map((cell) => cell.text())).toEqual([
      '30.0 %',
      '3.0 %',
      '20.0 %',
      '2.0 %',
      '10.0 %',
      '1.0 %',
    ])
    expect(wrapper.find('.plot').exists()).toBe(false)
  })

  it('tells a screen reader the latest, least, mean and most', async () => {
    const { wrapper } = await mountChart('cpu', cpu())
    const rows = wrapper.findAll('table.sr tbody tr').map((row) => row.text().replaceAll(/\s+/g, ' '))
    expect(rows).toEqual(['user30.0 %10.0 %20.0 %30.0 %', 'system3.0 %1.0 %2.0 %3.0 %'])
    expect(wrapper.find('.plot').attributes('aria-label')).toMatch(/^CPU, Jan 1 .* to Jan 1 /)
  })

  it('shows marks where they were, with what happened on hover', async () => {
    const marks = [
      { time: 1.5 * S, kind: 'config' as const, event: 'config_applied', params: { files: 3 } },
      { time: 99 * S, kind: 'restart' as const, event: 'agent_started', params: { version: '1' } },
    ]
    const { wrapper } = await mountChart('cpu', cpu(), { marks })
    const shown = wrapper.findAll('.mark')
    expect(shown.map((mark) => mark.attributes('style'))).toEqual(['left: 50%;'])
    await shown[0]!.trigger('pointerenter')
    expect(wrapper.find('.mark-tip').text()).toContain('Configuration')
    expect(wrapper.find('.mark-tip').text()).toContain('Configuration applied, 3 files')
  })

  it('says that there is nothing, and why', async () => {
    expect((await mountChart('load', frameOf('load', {}))).wrapper.text()).toContain(
      'The collector system gave nothing',
    )
    const swap = buildFrame(
      spec('swap'),
      ['used', 'total'].map((field) => ({
        measurement: 'swap',
        field,
        tags: {},
        unit: 'B',
        times: [S],
        values: [0],
      })),
      S,
    )
    expect((await mountChart('swap', swap)).wrapper.text()).toContain('This machine has none')
  })
})
