// Rounds that ended alike, joined: sixty slots, the newest at the right.

export interface StripRun {
  /** o ok, e reported an error, c crashed. */
  readonly kind: 'o' | 'e' | 'c'
  readonly from: number
  readonly length: number
}

const SLOTS = 60

export function stripRuns(history: string): StripRun[] {
  const rounds = history.slice(-SLOTS)
  return [...rounds.matchAll(/o+|e+|c+/g)].map((run) => ({
    kind: run[0][0] as StripRun['kind'],
    from: SLOTS - rounds.length + run.index,
    length: run[0].length,
  }))
}
