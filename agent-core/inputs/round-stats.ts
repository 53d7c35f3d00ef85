// What one collector instance did: feeds, points, costs and outcomes of its last rounds, as the Overview shows them.

/** o: fine, e: reported an error or came late, c: crashed. */
export type Outcome = 'o' | 'e' | 'c'

const KEPT_ROUNDS = 60

export interface LastError {
  readonly time: number
  readonly message: string
}

export class RoundStats {
  feeds = 0
  points = 0
  errors = 0
  crashes = 0
  rounds = 0
  lastFeed: number | null = null
  lastError: LastError | null = null
  #history = ''
  #costs: number[] = []

  round(outcome: Outcome, costMs: number): void {
    this.rounds++
    this.#mark(outcome)
    this.#costs.push(costMs)
    if (this.#costs.length > KEPT_ROUNDS) this.#costs.shift()
  }

  feed(points: number, time: number): void {
    this.feeds++
    this.points += points
    this.lastFeed = time
  }

  error(message: string, time: number): void {
    this.errors++
    this.lastError = { time, message }
  }

  crash(message: string, time: number): void {
    this.crashes++
    this.lastError = { time, message }
    this.#mark('c')
  }

  /** Last 60 outcomes, oldest first. */
  get history(): string {
    return this.#history
  }

  get avgCostMs(): number | null {
    if (this.#costs.length === 0) return null
    return this.#costs.reduce((sum, cost) => sum + cost, 0) / this.#costs.length
  }

  /** Nearest rank over the last 60 rounds. */
  get p90CostMs(): number | null {
    const sorted = this.#costs.toSorted((a, b) => a - b)
    return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? null
  }

  #mark(outcome: Outcome): void {
    this.#history = (this.#history + outcome).slice(-KEPT_ROUNDS)
  }
}
