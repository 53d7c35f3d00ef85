// The live tap: shows points as they pass five places of the data path. Costs one property read a batch while closed;
// an open one shows at most so many points a second and counts the rest.
import type { Clock } from '../kernel/clock.ts'
import { AgentError } from '../kernel/errors.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { CATEGORIES, type Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { compileFilters, type Filters } from './filter/filter.ts'

/** collected = as fed; piped = with global tags, behind the pipeline; filtered = what the blacklist left; queued = in
 * the WAL (or the local store); sent = acknowledged by a DataWay. */
export const TAP_PLACES = ['collected', 'piped', 'filtered', 'queued', 'sent'] as const
export type TapPlace = (typeof TAP_PLACES)[number]

export interface TapRequest {
  readonly places: readonly TapPlace[]
  /** Empty: all. */
  readonly categories: readonly Category[]
  /** A filter rule, `{ source = 'nginx' }`; '' shows everything. */
  readonly filter: string
  /** Points a second. */
  readonly perSecond: number
}

export interface TappedPoint {
  readonly place: TapPlace
  readonly category: Category
  /** Who fed it; at `sent` the address it went to. */
  readonly source: string
  /** Points that matched and were not shown since the one before. */
  readonly skipped: number
  /** Shared with the data path: read it before the call returns. */
  readonly point: Point
}

interface Listener {
  readonly places: ReadonlySet<TapPlace>
  readonly categories: ReadonlySet<Category>
  readonly filters: Filters | undefined
  readonly perSecond: number
  readonly emit: (tapped: TappedPoint) => void
  tokens: number
  at: number
  skipped: number
}

export class Tap {
  /** Places that somebody looks at. */
  readonly open: Record<TapPlace, boolean> = {
    collected: false,
    piped: false,
    filtered: false,
    queued: false,
    sent: false,
  }
  #anyOpen = false
  readonly #clock: Clock
  readonly #listeners = new Set<Listener>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get anyOpen(): boolean {
    return this.#anyOpen
  }

  /** FILTER_SYNTAX for a filter that does not parse. */
  listen(request: TapRequest, emit: (tapped: TappedPoint) => void): Result<Disposable> {
    const filters = request.filter.trim() === '' ? undefined : filtersOf(request.filter)
    const problem = filters?.diagnostics[0]
    if (problem) return err(new AgentError('FILTER_SYNTAX', problem.message))
    const listener: Listener = {
      places: new Set(request.places),
      categories: new Set(request.categories),
      filters,
      perSecond: Math.max(1, request.perSecond),
      emit,
      tokens: Math.max(1, request.perSecond),
      at: this.#clock.monotonic(),
      skipped: 0,
    }
    this.#listeners.add(listener)
    this.#update()
    return ok({
      dispose: () => {
        this.#listeners.delete(listener)
        this.#update()
      },
    })
  }

  show(place: TapPlace, category: Category, points: readonly Point[], source: string): void {
    for (const listener of this.#listeners) {
      if (!listener.places.has(place)) continue
      if (listener.categories.size > 0 && !listener.categories.has(category)) continue
      this.#refill(listener)
      for (const point of points) {
        if (listener.tokens < 1 && !listener.filters) {
          listener.skipped++
          continue
        }
        if (listener.filters && !listener.filters.filter(category, point)) continue
        if (listener.tokens < 1) {
          listener.skipped++
          continue
        }
        listener.tokens--
        const { skipped } = listener
        listener.skipped = 0
        listener.emit({ place, category, source, skipped, point })
      }
    }
  }

  /** The same for a fragment of PBPoints; decoded only because somebody looks. */
  showEncoded(place: TapPlace, category: Category, fragment: Uint8Array, source: string): void {
    const points = decodePoints(fragment)
    if (points.ok) this.show(place, category, points.value, source)
  }

  #refill(listener: Listener): void {
    const now = this.#clock.monotonic()
    listener.tokens = Math.min(
      listener.perSecond,
      listener.tokens + ((now - listener.at) / 1000) * listener.perSecond,
    )
    listener.at = now
  }

  #update(): void {
    for (const place of TAP_PLACES)
      this.open[place] = [...this.#listeners].some((listener) => listener.places.has(place))
    this.#anyOpen = this.#listeners.size > 0
  }
}

const filtersOf = (text: string): Filters =>
  compileFilters(Object.fromEntries(CATEGORIES.map(({ name }) => [name, [text]])))
