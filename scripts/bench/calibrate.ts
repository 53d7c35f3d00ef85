// A fixed loop that says how fast this machine is today, so that figures of different days can be compared.

/** Million steps a second of a fixed integer loop; the best of five. */
export function calibrate(): number {
  let best = 0
  for (let i = 0; i < 5; i++) {
    const started = performance.now()
    // Read, so that the loop is not optimised away.
    if (loop(20_000_000) === 0) throw new Error('the loop went wrong')
    best = Math.max(best, 20 / ((performance.now() - started) / 1000))
  }
  return best
}

function loop(steps: number): number {
  let x = 1
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0
  return x
}
