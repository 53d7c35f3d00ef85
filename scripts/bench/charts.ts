// Bench `charts`: frames of the built Charts page in Chromium while a person looks at an hour of 1 s data that goes on
// live, moves the crosshair, drags, zooms and pans. The data is invented (renderer/dev), the page and the way of its
// messages are real. `blank` is the same count on an empty page: what this machine can do. `main_ms` is CPU time of the
// page's main thread for each frame that came: it hardly depends on what else runs.
import { join } from 'node:path'
import { chromium, type CDPSession, type Page } from '@playwright/test'
import { consolePages } from '../../agent-core/console/web/pages.ts'
import { serveWebConsole } from '../../agent-core/console/web/server.ts'
import { serveContract } from '../../agent-core/contract/server.ts'
import { systemClock } from '../../agent-core/kernel/clock.ts'
import { silentLogger } from '../../agent-core/kernel/logger.ts'
import { chromiumOptions } from '../../e2e/harness/chromium.ts'
import { inventedAgent } from '../../renderer/dev/agent.ts'
import type { BenchOptions, BenchResult } from '../bench.ts'
import { build } from '../build.mjs'
import { root } from './agent-process.ts'

const FRAME_MS = 1000 / 60

export async function run(options: BenchOptions): Promise<BenchResult> {
  if (!(await build())) throw new Error('the build failed')
  const handlers = inventedAgent({ clock: systemClock, state: 'local', theme: 'light', language: 'en' })
  const served = await serveWebConsole({
    host: { connect: (send) => serveContract(handlers, send) },
    pages: consolePages(join(root, 'out/renderer')),
    clock: systemClock,
    log: silentLogger,
  })
  if (!served.ok) throw served.error
  const browser = await chromium.launch(chromiumOptions())
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 820 } })
    const seconds = options.short ? 2 : 6
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const blank = await frames(page, session, () => page.waitForTimeout(seconds * 1000))
    await page.goto(served.value.address())
    await page.getByRole('link', { name: 'Charts' }).click()
    await page.getByRole('radio', { name: '1 h', exact: true }).click()
    const plots = page.locator('.plot')
    await plots.first().locator('canvas').waitFor()
    // The first load and its drawing are over when a live second was drawn.
    await page.waitForTimeout(3000)
    const scenes: Record<string, () => Promise<void>> = {
      live: () => page.waitForTimeout(seconds * 1000),
      crosshair: () => sweep(page, seconds),
      drag: async () => {
        for (let n = 0; n < seconds; n++) {
          await page.mouse.down()
          await sweep(page, 1)
          await page.keyboard.press('Escape')
          await page.mouse.up()
        }
      },
      zoom: () => keys(page, seconds, ['+', '+', '+', '-', '-', '-']),
      pan: async () => {
        await page.keyboard.press('+')
        await keys(page, seconds, ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowRight'])
      },
    }
    const figures: Record<string, number> = figuresOf('blank', blank)
    await plots.first().focus()
    for (const [name, scene] of Object.entries(scenes))
      Object.assign(figures, figuresOf(name, await frames(page, session, scene)))
    const aims = Object.keys(scenes).flatMap((name) => [
      [`${name}_fps`, '>= 58'],
      [`${name}_main_ms`, '<= 8'],
    ])
    return { figures, aims: Object.fromEntries(aims) as Record<string, string> }
  } finally {
    await browser.close()
    await served.value.dispose()
  }
}

/** The pointer goes to and fro over the second chart, a step a frame. */
async function sweep(page: Page, seconds: number): Promise<void> {
  const box = (await page.locator('.plot').nth(1).boundingBox())!
  const steps = Math.round((seconds * 1000) / FRAME_MS)
  const end = performance.now() + seconds * 1000
  for (let n = 0; n < steps && performance.now() < end; n++) {
    const share = Math.abs(((n / 60) % 2) - 1)
    await page.mouse.move(box.x + 10 + (box.width - 20) * share, box.y + box.height / 2)
    await page.waitForTimeout(Math.max(0, FRAME_MS - 4))
  }
}

/** Ten key presses a second, as a held key repeats. */
async function keys(page: Page, seconds: number, round: readonly string[]): Promise<void> {
  await page.locator('.plot').first().focus()
  const end = performance.now() + seconds * 1000
  for (let n = 0; performance.now() < end; n++) {
    await page.keyboard.press(round[n % round.length]!)
    await page.waitForTimeout(100)
  }
}

interface Frames {
  /** Distances of animation frames, ms. */
  readonly distances: readonly number[]
  /** CPU time of the page's main thread, ms. */
  readonly cpuMs: number
}

async function frames(page: Page, session: CDPSession, scene: () => Promise<void>): Promise<Frames> {
  const before = await taskMs(session)
  await page.evaluate(() => {
    const times: number[] = []
    const state = { times, on: true }
    ;(window as unknown as { frames: typeof state }).frames = state
    const next = (time: number): void => {
      times.push(time)
      if (state.on) requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })
  await scene()
  const times = await page.evaluate(() => {
    const { frames: state } = window as unknown as { frames: { times: number[]; on: boolean } }
    state.on = false
    return state.times
  })
  return {
    distances: times.slice(1).map((time, n) => time - times[n]!),
    cpuMs: (await taskMs(session)) - before,
  }
}

async function taskMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000
}

function figuresOf(name: string, { distances, cpuMs }: Frames): Record<string, number> {
  const sorted = distances.toSorted((a, b) => a - b)
  const total = distances.reduce((sum, ms) => sum + ms, 0)
  return {
    [`${name}_fps`]: (distances.length / total) * 1000,
    [`${name}_p99_ms`]: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    [`${name}_worst_ms`]: sorted.at(-1) ?? 0,
    [`${name}_main_ms`]: cpuMs / distances.length,
  }
}
