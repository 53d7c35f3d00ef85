// Global tags on points: a point's own key wins (spec points-io-http.md section 2.1).
import { lookup, tag, type Point } from './point.ts'

export type Tags = Readonly<Record<string, string>>

/** Adds each tag that the point has neither as tag nor as field. */
export function addTags(points: readonly Point[], tags: Tags): void {
  const entries = Object.entries(tags)
  if (entries.length === 0) return
  for (const point of points)
    for (const [key, value] of entries) if (!lookup(point, key)) point.kvs.push(tag(key, value))
}
