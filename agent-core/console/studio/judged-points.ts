// Where the points come from on which a draft is compared: back through the local store, or on from now as they pass.
import type { Tap } from '../../io/tap.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { ok, type Result } from '../../kernel/result.ts'
import { fromPoint, type CasePoint } from '../../pipeline/conformance.ts'
import type { Category } from '../../point/category.ts'
import type { Point } from '../../point/point.ts'
import type { Store } from '../../store/store.ts'
import { capture, type CaptureArgs } from './capture.ts'
import type { NextPoints } from './measure.ts'

type Wanted = (point: Point) => boolean

/** Newest first. */
export function storedPoints(
  store: Pick<Store, 'recentPoints'>,
  category: Category,
  wanted: Wanted,
): NextPoints {
  let before: number | undefined
  return async (limit) => {
    const page = await store.recentPoints({ category, limit, before })
    if (!page.ok) return page
    const { points, next } = page.value
    before = next ?? undefined
    const mine = points.flatMap(({ point }) => (wanted(point) ? [fromPoint(point)] : []))
    return ok({ points: mine, scanned: points.length, last: next === null })
  }
}

/** What has passed meanwhile is judged together. */
const EVERY_MS = 250

/** The next `limit` points before the scripts; the tap stays open until disposed. */
export function collectedPoints(
  tap: Pick<Tap, 'listen'>,
  clock: Pick<Clock, 'sleep'>,
  args: Omit<CaptureArgs, 'place'> & { readonly limit: number; readonly wanted: Wanted },
  signal: AbortSignal,
): Result<{ readonly next: NextPoints } & Disposable> {
  const held: (CasePoint | undefined)[] = []
  let left = args.limit
  const opened = capture(tap, { ...args, place: 'collected' }, (point) => {
    if (left-- > 0) held.push(args.wanted(point) ? fromPoint(point) : undefined)
  })
  if (!opened.ok) return opened
  const next: NextPoints = async (most) => {
    do await clock.sleep(EVERY_MS, signal).catch(() => {})
    while (held.length === 0 && !signal.aborted)
    const batch = held.splice(0, most)
    return ok({ points: batch.filter((one) => one !== undefined), scanned: batch.length, last: false })
  }
  return ok({ next, dispose: () => opened.value.dispose() })
}
