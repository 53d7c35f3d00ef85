// Where the window was: kept beside the agent's data, forgotten when it no longer fits a display.
import { readFileSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'

const length = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(20_000))
const coordinate = v.pipe(v.number(), v.integer(), v.minValue(-50_000), v.maxValue(50_000))
const windowState = v.object({
  x: v.optional(coordinate),
  y: v.optional(coordinate),
  width: length,
  height: length,
  maximized: v.boolean(),
})
export type WindowState = v.InferOutput<typeof windowState>

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const DEFAULT_WINDOW: WindowState = { width: 1280, height: 820, maximized: false }

// So much of the title bar must be on a display for a person to get hold of it.
const GRIP_WIDTH = 120
const GRIP_HEIGHT = 32

/** The stored state, or the default when there is none, it is broken, or its display is gone. */
export function readWindowState(file: string, displays: readonly Area[]): WindowState {
  const stored = parse(file)
  if (!stored) return DEFAULT_WINDOW
  const { x, y, ...rest } = stored
  if (x === undefined || y === undefined || !displays.some((area) => reachable(x, y, rest.width, area)))
    return rest
  return stored
}

/** Losing the window's place is not worth an error: failures are ignored. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state))
  } catch {
    // The next start opens at the default place.
  }
}

function parse(file: string): WindowState | undefined {
  try {
    const result = v.safeParse(windowState, JSON.parse(readFileSync(file, 'utf8')))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

function reachable(x: number, y: number, width: number, area: Area): boolean {
  const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return visible >= GRIP_WIDTH && y >= area.y && y <= area.y + area.height - GRIP_HEIGHT
}
