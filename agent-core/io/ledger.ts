// The ledger: where every point is. Per category, at any moment:
//
//   fed + created + recovered = sent + local + dropped(reason) + filtered + offloaded + held + processing + pending
//
// `recovered` = found in the WAL when the agent started; `local` = kept in the local store only, because no DataWay is
// configured; `sent` = acknowledged by every configured DataWay; `processing` = between the door and the WAL, `pending` =
// in the WAL. `processing`, `pending` and `held` are gauges, the rest only grow.
import type { Metrics } from '../kernel/metrics.ts'
import { CATEGORIES, type Category } from '../point/category.ts'

export type DropReason =
  | 'script'
  | 'wal_full'
  | 'wal_error'
  | 'expired'
  | 'dead_letter'
  | 'too_large'
  | 'invalid'
  | 'damaged'
  /** The cap took it from a DataWay that lagged; another one has it. */
  | 'lagging'
  | 'shutdown'
  | 'state_lost'

export interface Account {
  fed: number
  created: number
  recovered: number
  sent: number
  local: number
  filtered: number
  offloaded: number
  held: number
  processing: number
  pending: number
  readonly dropped: Partial<Record<DropReason, number>>
}

export interface Ledger {
  readonly accounts: ReadonlyMap<Category, Account>
  of(category: Category): Account
  drop(category: Category, reason: DropReason, points: number): void
  /** Windows of scripts hold more or fewer points, and no batch tells: those gone are lost, those come are copies. */
  heldChanged(category: Category, change: number): void
  /** In minus out: 0 when every point is accounted for. */
  difference(category: Category): number
}

const emptyAccount = (): Account => ({
  fed: 0,
  created: 0,
  recovered: 0,
  sent: 0,
  local: 0,
  filtered: 0,
  offloaded: 0,
  held: 0,
  processing: 0,
  pending: 0,
  dropped: {},
})

export const droppedTotal = (account: Account): number =>
  Object.values(account.dropped).reduce((sum, n) => sum + n, 0)

export function createLedger(metrics: Metrics): Ledger {
  const accounts = new Map<Category, Account>(CATEGORIES.map((c) => [c.name, emptyAccount()]))
  const of = (category: Category): Account => accounts.get(category)!
  const gauge = metrics.gauge('datakit_ledger_points', 'Where every point is, per category', [
    'category',
    'state',
  ])
  metrics.beforeScrape(() => {
    gauge.reset()
    for (const [category, account] of accounts) {
      if (account.fed + account.created + account.recovered === 0) continue
      const { dropped, ...states } = account
      for (const [state, points] of Object.entries(states)) gauge.set({ category, state }, points)
      for (const [reason, points] of Object.entries(dropped))
        gauge.set({ category, state: `dropped_${reason}` }, points)
    }
  })
  function drop(category: Category, reason: DropReason, points: number): void {
    const { dropped } = of(category)
    dropped[reason] = (dropped[reason] ?? 0) + points
  }
  return {
    accounts,
    of,
    drop,
    heldChanged(category, change) {
      const account = of(category)
      account.held += change
      if (change > 0) account.created += change
      else drop(category, 'state_lost', -change)
    },
    difference(category) {
      const a = of(category)
      const out =
        a.sent + a.local + droppedTotal(a) + a.filtered + a.offloaded + a.held + a.processing + a.pending
      return a.fed + a.created + a.recovered - out
    },
  }
}
