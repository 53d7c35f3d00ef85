// Points as they pass, for the studio: the next ones of a category and source that an expression holds for.
import type { CapturedSample } from '../../contract/pipelines.ts'
import type { Tap, TapPlace } from '../../io/tap.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import type { Result } from '../../kernel/result.ts'
import type { Category } from '../../point/category.ts'
import { encodePbJson } from '../../point/json-encode.ts'
import type { Point } from '../../point/point.ts'
import { maskPoint, summaryOf } from './points.ts'
import { sourceOf } from './reach.ts'

export interface CaptureArgs {
  readonly category: Category
  readonly place: TapPlace
  /** Of this source only; null = of every one. */
  readonly source: string | null
  /** A filter rule; '' holds for all. */
  readonly filter: string
}

/** The most that a tap gives. */
const PER_SECOND = 1000

/** Keys that hold a category's source where that is a key or stands for the name; a rule spares the tap the others. */
const SOURCE_KEYS: Readonly<Partial<Record<Category, string>>> = {
  metric: 'measurement',
  object: 'class',
  custom_object: 'class',
  logging: 'source',
  network: 'source',
  tracing: 'service',
  profiling: 'service',
}

/** FILTER_SYNTAX when the expression is none. A point is the data path's own: read it before the call returns. */
export function capture(
  tap: Pick<Tap, 'listen'>,
  { category, place, source, filter }: CaptureArgs,
  take: (point: Point, skipped: number) => void,
): Result<Disposable> {
  const rule = filter.trim() === '' ? sourceRule(category, source) : inBraces(filter.trim())
  return tap.listen(
    { places: [place], categories: [category], filter: rule, perSecond: PER_SECOND },
    ({ point, skipped }) => {
      if (source === null || sourceOf(category, point) === source) take(point, skipped)
    },
  )
}

const inBraces = (filter: string): string => (filter.startsWith('{') ? filter : `{ ${filter} }`)

function sourceRule(category: Category, source: string | null): string {
  const key = SOURCE_KEYS[category]
  if (source === null || key === undefined || /['\\]/.test(source)) return ''
  return `{ ${key} = '${source}' }`
}

/** A point as a sample, its secrets hidden. */
export function captured(category: Category, point: Point, time: number): CapturedSample {
  const shown = maskPoint(point)
  return {
    time,
    source: sourceOf(category, point),
    summary: summaryOf(shown),
    sample: { format: 'json', text: encodePbJson([shown]) },
  }
}
