// uPlot set up for this console: no gutters, shared crosshair, drag gives a span instead of zooming by itself.
import uPlot from 'uplot'
import type { Times } from '../../format/times.ts'
import type { Sample } from './frame.ts'
import type { ChartTheme } from './chart-theme.ts'
import type { Span } from './ranges.ts'

/** All charts of the page share one crosshair. */
const SYNC_KEY = 'charts'
const AXIS_HEIGHT = 20
const QUARTERS = [0.25, 0.5, 0.75]
const DAY = 86_400_000

export interface PlotData {
  readonly times: readonly number[]
  /** As drawn: stacked where the chart stacks. */
  readonly drawn: readonly (readonly Sample[])[]
  readonly span: Span
  readonly top: number
}

interface PlotEvents {
  /** The pointer rests at this time of this chart; null when it left. */
  cursor(time: number | null): void
  /** What is being dragged, or undefined at its end. */
  selecting(span: Span | undefined): void
  select(span: Span): void
  /** A double click: to the range before the last zoom. */
  back(): void
}

export interface PlotOptions {
  readonly lines: number
  readonly filled: boolean
  readonly theme: () => ChartTheme
  readonly times: () => Times
  readonly events: PlotEvents
}

export interface Plot {
  update(data: PlotData): void
  resize(width: number, height: number): void
  redraw(): void
  /** Gives up the drag that is under way. */
  cancelDrag(): void
  moveCursor(time: number): void
  dispose(): void
}

/** The first line is drawn last, so its fill and stroke lie on top. */
const toUPlot = ({ times, drawn }: PlotData): uPlot.AlignedData =>
  [times, ...drawn.toReversed()] as unknown as uPlot.AlignedData

const spanOf = (u: uPlot): Span => ({
  from: u.posToVal(u.select.left, 'x'),
  to: u.posToVal(u.select.left + u.select.width, 'x'),
})

export function createPlot(host: HTMLElement, first: PlotData, options: PlotOptions): Plot {
  const { lines, filled, theme, times, events } = options
  let data = first
  let dragging = false
  let cancelled = false

  const onCursor = (u: uPlot): void => {
    const { left } = u.cursor
    // Only the chart under the pointer speaks: the others follow by the shared crosshair.
    if (u.cursor.event === undefined || u.cursor.event === null) return
    events.cursor(left === undefined || left < 0 ? null : u.posToVal(left, 'x'))
    if (dragging && !cancelled && u.select.width > 0) events.selecting(spanOf(u))
  }
  const onSelect = (u: uPlot): void => {
    const span = spanOf(u)
    const chosen = !cancelled && u.select.width > 3
    // Every chart draws what is dragged in one of them: each clears its own.
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (!dragging) return
    events.selecting(undefined)
    if (chosen) events.select(span)
  }
  const plot = new uPlot(
    {
      width: Math.max(1, host.clientWidth),
      height: Math.max(1, host.clientHeight),
      ms: 1,
      legend: { show: false },
      padding: [0, 0, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        sync: { key: SYNC_KEY, setSeries: false },
        points: { size: 7, width: 1.5 },
        bind: {
          dblclick: () => () => {
            events.back()
            return null
          },
        },
      },
      scales: {
        x: { time: true, auto: false, range: () => [data.span.from, data.span.to] },
        y: { auto: false, range: () => [0, data.top] },
      },
      axes: [
        {
          size: AXIS_HEIGHT,
          gap: 4,
          space: 72,
          stroke: () => theme().axis,
          font: theme().font,
          grid: { show: false },
          ticks: { show: false },
          values: (u, splits) => withoutCut(u, splits, tickTexts(splits, times())),
        },
        { show: false },
      ],
      series: [
        {},
        ...Array.from({ length: lines }, (_, drawnIndex): uPlot.Series => {
          const index = lines - 1 - drawnIndex
          return {
            width: 1.25,
            points: { show: false },
            stroke: () => theme().series[index]!,
            ...(filled ? { fill: () => theme().fills[index]! } : {}),
          }
        }),
      ],
      hooks: {
        drawAxes: [(u) => drawGrid(u, theme().grid)],
        setCursor: [onCursor],
        setSelect: [onSelect],
      },
    },
    toUPlot(first),
    host,
  )
  const press = (): void => {
    dragging = true
    cancelled = false
    // uPlot ends its drag in its own mouseup, before this one.
    window.addEventListener('mouseup', () => (dragging = false), { once: true })
  }
  plot.over.addEventListener('mousedown', press)
  const leave = (): void => events.cursor(null)
  plot.over.addEventListener('mouseleave', leave)

  return {
    update(next) {
      data = next
      plot.batch(() => {
        plot.setData(toUPlot(next), false)
        plot.setScale('x', { min: next.span.from, max: next.span.to })
        plot.setScale('y', { min: 0, max: next.top })
      })
    },
    resize: (width, height) => plot.setSize({ width: Math.max(1, width), height: Math.max(1, height) }),
    redraw: () => plot.redraw(false, true),
    cancelDrag() {
      if (!dragging) return
      cancelled = true
      // uPlot knows one way to end a drag, and tells the other charts of it.
      document.dispatchEvent(new MouseEvent('mouseup', { bubbles: true }))
    },
    moveCursor: (time) => plot.setCursor({ left: plot.valToPos(time, 'x'), top: 1 }),
    dispose() {
      plot.over.removeEventListener('mousedown', press)
      plot.over.removeEventListener('mouseleave', leave)
      plot.destroy()
    },
  }
}

function drawGrid(u: uPlot, colour: string): void {
  const { ctx } = u
  const { left, top, width, height } = u.bbox
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  for (const share of QUARTERS) {
    const y = Math.round(top + height * share) + (devicePixelRatio % 2) / 2
    ctx.moveTo(left, y)
    ctx.lineTo(left + width, y)
  }
  ctx.stroke()
  ctx.restore()
}

/** A label is centred on its tick: at the edges it would be cut. */
function withoutCut(u: uPlot, splits: readonly number[], texts: readonly string[]): string[] {
  const width = u.bbox.width / devicePixelRatio
  return splits.map((split, n) => {
    const at = u.valToPos(split, 'x')
    const half = texts[n]!.length * 3.2
    return at < half || at > width - half ? '' : texts[n]!
  })
}

/** Clock times; days where ticks are days apart; the day at midnight. */
function tickTexts(splits: readonly number[], times: Times): string[] {
  const step = splits.length > 1 ? splits[1]! - splits[0]! : 0
  return splits.map((split) => {
    if (step >= DAY) return times.day(split)
    if (step > 0 && step < 60_000) return times.clock(split)
    const minute = times.minute(split)
    return minute === '00:00' ? times.day(split) : minute
  })
}
