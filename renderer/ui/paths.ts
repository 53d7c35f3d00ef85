// SVG paths of small histories, oldest first.

const round = (n: number): number => Math.round(n * 10) / 10

/** A line from edge to edge over its own range; a flat one lies in the middle. Empty below two values. */
export function linePath(values: readonly number[], width: number, height: number): string {
  if (values.length < 2) return ''
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  const y = (value: number): number => (span === 0 ? height / 2 : height - ((value - low) / span) * height)
  return values
    .map((value, n) => `${n === 0 ? 'M' : 'L'}${round((n / (values.length - 1)) * width)} ${round(y(value))}`)
    .join('')
}

/**
 * The area between two histories (the lower one defaults to zero), drawn over `top` as full height.
 * Both end at the right edge: a short history starts where its time starts.
 */
export function areaPath(
  upper: readonly number[],
  options: {
    readonly lower?: readonly number[]
    readonly top: number
    readonly length: number
    readonly width: number
    readonly height: number
  },
): string {
  const { lower, top, length, width, height } = options
  if (upper.length < 2 || top <= 0) return ''
  const x = (n: number, of: readonly number[]): number =>
    round(width - ((of.length - 1 - n) / (length - 1)) * width)
  const y = (value: number): number => round(height - Math.min(1, value / top) * height)
  const points = upper.map((value, n) => `${x(n, upper)} ${y(value)}`)
  const base = lower ?? upper.map(() => 0)
  const back = base.map((value, n) => `${x(n, base)} ${y(value)}`).toReversed()
  return `M${[...points, ...back].join('L')}Z`
}
