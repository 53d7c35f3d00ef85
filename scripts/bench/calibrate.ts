// A fixed loop that says how fast this machine is today, so that figures of different days can be compared.

/** Million steps a second of a fixed integer loop; the best of five. */
export function calibrate(): number {
  let best = 0
  for (let i = 0; i < 5; i++) {
    const started = performance.now()
    sink = loop(20_000_000)
    best = Math.max(best, 20 / ((performance.now() - started) / 1000))
  }
  return best
}

/** Keeps the loop from being optimised away. */
export let sink = 0

function loop(steps: number): number {
  let x = 1
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0
  return x
}
