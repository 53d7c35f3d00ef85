// Context windows: the dropped points around a hit come back. One window a stream, keyed by the stream's tags.
import type { Point } from '../../point/point.ts'

interface Stream {
  readonly before: number
  readonly after: number
  /** The last points, oldest first; a kept point takes a place without being held. */
  recent: (Point | undefined)[]
  /** Points for which the window stays open, the hit among them. */
  open: number
}

export class ContextWindows {
  readonly #streams = new Map<string, Stream>()
  #held = 0

  /** The first registration of a stream fixes its sizes. */
  register(stream: string, before: number, after: number): void {
    if (!this.#streams.has(stream)) this.#streams.set(stream, { before, after, recent: [], open: 0 })
  }

  /** Takes the point that a run has finished with; gives the dropped points that the window lets through. */
  after(key: string, hit: boolean, dropped: boolean, point: Point): Point[] {
    const stream = this.#streams.get(key)
    if (!stream) return []
    if (hit) stream.open = stream.after
    if (stream.open <= 0) {
      if (stream.before <= 0) return []
      stream.recent.push(dropped ? point : undefined)
      if (dropped) this.#held++
      if (stream.recent.length > stream.before && stream.recent.shift()) this.#held--
      return []
    }
    stream.open--
    const released = stream.recent.filter((p) => p !== undefined)
    stream.recent = []
    this.#held -= released.length
    if (dropped) released.push(point)
    return released
  }

  /** Dropped points that are held back now. */
  get held(): number {
    return this.#held
  }
}
