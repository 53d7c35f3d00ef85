// Which time the charts show: the chosen range, and zooms upon it.

export interface Span {
  /** ms since the Unix epoch. */
  readonly from: number
  readonly to: number
}

export const RANGE_IDS = ['5m', '15m', '1h', '6h', '24h', '14d'] as const
export type RangeId = (typeof RANGE_IDS)[number]

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface RangeSpec {
  readonly ms: number
  /** Every second while somebody looks; the rest comes from the local store. */
  readonly live: boolean
}

export const RANGES: Readonly<Record<RangeId, RangeSpec>> = {
  '5m': { ms: 5 * MINUTE, live: true },
  '15m': { ms: 15 * MINUTE, live: true },
  '1h': { ms: HOUR, live: true },
  '6h': { ms: 6 * HOUR, live: false },
  '24h': { ms: 24 * HOUR, live: false },
  '14d': { ms: 14 * 24 * HOUR, live: false },
}

const SHORTEST_ZOOM_MS = 10_000

/** A span within the kept past, not shorter than ten seconds and not in the future. */
export function clampSpan(span: Span, now: number): Span {
  const longest = RANGES['14d'].ms
  const length = Math.min(longest, Math.max(SHORTEST_ZOOM_MS, span.to - span.from))
  const middle = (span.from + span.to) / 2
  const to = Math.min(now, middle + length / 2)
  return { from: to - length, to }
}

/** Around its middle: a factor below 1 shows less time. */
export function zoomed(span: Span, factor: number, now: number): Span {
  const half = ((span.to - span.from) / 2) * factor
  const middle = (span.from + span.to) / 2
  return clampSpan({ from: middle - half, to: middle + half }, now)
}

/** By a share of its length: below 0 goes into the past. */
export function panned(span: Span, share: number, now: number): Span {
  const by = (span.to - span.from) * share
  return clampSpan({ from: span.from + by, to: span.to + by }, now)
}
