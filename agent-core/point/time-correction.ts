// auto_timestamp_correction: a point more than 2 h off the corrected clock gets the present time, and its own in the
// int field `__orig_time` (ns) (spec points-io-http.md section 2.1).
import { Kind, integer, keyValue, setKeyValue, type Point } from './point.ts'

const LIMIT_NS = 2n * 3600n * 1_000_000_000n

/** Returns how many points were moved. */
export function correctTimes(points: readonly Point[], nowNs: bigint): number {
  let moved = 0
  for (const point of points) {
    const off = nowNs - point.time
    if (off <= LIMIT_NS && off >= -LIMIT_NS) continue
    setKeyValue(point, keyValue('__orig_time', Kind.int, integer(point.time)))
    point.time = nowNs
    moved++
  }
  return moved
}
