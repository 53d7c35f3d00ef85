// Smooth invented noise: the same second gives the same value, so history and live agree.

const hash = (n: number): number => {
  const x = Math.sin(n * 127.1) * 43_758.5453
  return x - Math.floor(x)
}

/** -1 to 1, two octaves, varying over some ten seconds. */
export function noise(second: number, seed: number): number {
  const octave = (period: number): number => {
    const at = second / period
    const from = Math.floor(at)
    const part = at - from
    const ease = part * part * (3 - 2 * part)
    return hash(from + seed * 71) * (1 - ease) + hash(from + 1 + seed * 71) * ease
  }
  return octave(23) * 1.3 + octave(3) * 0.5 - 0.9
}
