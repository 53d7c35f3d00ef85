// What a time of a body means (spec points-io-http.md section 1.4).

/** Units of the `precision` parameter in ns. */
const UNITS: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/**
 * A time other than 0 in ns. Without a precision its size tells the unit: below 1e10 seconds, 1e13 ms, 1e16 us, else
 * ns. An unknown precision is ns. What leaves int64 wraps around, as it does in the Go agent.
 */
export function scaleTime(time: bigint, precision: string): bigint {
  const unit = precision === '' ? guessUnit(time) : (UNITS[precision] ?? 1n)
  return unit === 1n ? time : BigInt.asIntN(64, time * unit)
}

function guessUnit(time: bigint): bigint {
  if (time >= 10_000_000_000_000_000n) return 1n
  if (time < 10_000_000_000n) return 1_000_000_000n
  return time < 10_000_000_000_000n ? 1_000_000n : 1_000n
}

/** As `scaleTime`, for encodings that take a time of 0 or below as "now" (line protocol, JSON). */
export const positiveTime = (time: bigint, precision: string, now: bigint): bigint =>
  time > 0n ? scaleTime(time, precision) : now
