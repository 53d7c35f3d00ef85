// The Overview over the contract: one snapshot a second, shared by everyone who looks, and nothing when nobody does.
import type { CollectorInstanceView, OverviewSnapshot } from '../contract/overview.ts'
import type { Agent } from '../agent.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { maskSecrets } from '../kernel/secrets.ts'
import { droppedTotal } from '../io/ledger.ts'
import { Rate, VitalsSampler } from './vitals.ts'

type Door = 'collected' | 'piped' | 'filtered' | 'queued' | 'sent'

const PERIOD_MS = 1000
const EVENTS = 20

export class OverviewWatch implements Disposable {
  readonly #agent: Agent
  readonly #vitals: VitalsSampler
  readonly #doors: Readonly<Record<Door, Rate>> = {
    collected: new Rate(),
    piped: new Rate(),
    filtered: new Rate(),
    queued: new Rate(),
    sent: new Rate(),
  }
  readonly #drops = new Map<string, Rate>()
  readonly #watchers = new Set<(snapshot: OverviewSnapshot) => void>()
  #timer: Disposable | undefined

  constructor(agent: Agent) {
    this.#agent = agent
    this.#vitals = new VitalsSampler(agent.clock)
  }

  /** Emits at once, then each second. */
  watch(emit: (snapshot: OverviewSnapshot) => void): Disposable {
    this.#watchers.add(emit)
    this.#timer ??= this.#agent.clock.every(PERIOD_MS, () => {
      const snapshot = this.snapshot()
      for (const watcher of this.#watchers) watcher(snapshot)
    })
    emit(this.snapshot())
    return {
      dispose: () => {
        this.#watchers.delete(emit)
        if (this.#watchers.size === 0) this.#pause()
      },
    }
  }

  dispose(): void {
    this.#watchers.clear()
    this.#pause()
  }

  snapshot(): OverviewSnapshot {
    const agent = this.#agent
    const now = agent.clock.now()
    const http = agent.http.state()
    const store = agent.store.stats()
    return {
      time: now,
      uptimeMs: now - agent.facts.startedAt,
      state: agent.state,
      vitals: this.#vitals.sample(),
      flow: this.#flow(now),
      backlog: agent.dataPath
        .backlog()
        .filter((b) => b.points > 0 || b.bytes > 0 || dropped(agent, b.category) > 0)
        .map((b) => ({ ...b, oldest: b.oldest ?? null, dropped: dropped(agent, b.category) })),
      dataway: this.#dataway(),
      election: { state: 'off', namespace: agent.config.election.namespace, leader: null, since: null },
      http: {
        listen: http.listen,
        state: http.state,
        error: http.error ? `${http.error.message}. ${http.error.hint}` : null,
      },
      store: { state: store.state, bytes: store.bytes, error: store.error },
      collectors: collectors(agent),
      diagnostics: agent.diagnostics().map(viewDiagnostic),
      events: agent.events.recent(EVENTS).map((e) => ({ ...e, params: { ...e.params } })),
    }
  }

  #flow(now: number): OverviewSnapshot['flow'] {
    const totals = { collected: 0, piped: 0, filtered: 0, queued: 0, sent: 0, pending: 0 }
    const reasons = new Map<string, number>([['filtered', 0]])
    for (const account of this.#agent.dataPath.ledger.accounts.values()) {
      const lost = account.dropped.script ?? 0
      const gone = droppedTotal(account)
      totals.collected += account.fed
      totals.piped += account.fed + account.created - lost
      totals.filtered += account.fed + account.created - lost - account.filtered
      totals.queued +=
        account.fed + account.created - lost - account.filtered - (account.dropped.wal_full ?? 0)
      totals.sent += account.sent + account.local
      totals.pending += account.pending
      reasons.set('filtered', reasons.get('filtered')! + account.filtered)
      if (gone > 0)
        for (const [reason, points] of Object.entries(account.dropped))
          reasons.set(reason, (reasons.get(reason) ?? 0) + points)
    }
    const door = (name: Door) => {
      const rate = this.#doors[name]
      rate.sample(totals[name], now)
      return { rate: rate.rate, total: totals[name], history: rate.history.values }
    }
    const drops = [...reasons].map(([reason, total]) => {
      const rate = this.#drops.get(reason) ?? new Rate()
      this.#drops.set(reason, rate)
      rate.sample(total, now)
      return { reason, rate: rate.rate, total }
    })
    return {
      collected: door('collected'),
      piped: door('piped'),
      filtered: door('filtered'),
      queued: door('queued'),
      sent: door('sent'),
      dropped: drops.filter((d) => d.total > 0),
      pendingPoints: totals.pending,
    }
  }

  #dataway(): OverviewSnapshot['dataway'] {
    const { clients } = this.#agent.dataPath
    return {
      mode: clients.length === 0 ? 'local_only' : 'sending',
      endpoints: clients.map((c) => ({ ...c.health })),
      calls: clients.flatMap((c) => [...c.calls.values()].map((call) => ({ ...call }))),
    }
  }

  #pause(): void {
    this.#timer?.dispose()
    this.#timer = undefined
    this.#vitals.dispose()
    for (const rate of [...Object.values(this.#doors), ...this.#drops.values()]) rate.pause()
  }
}

const dropped = (agent: Agent, category: Parameters<Agent['dataPath']['ledger']['of']>[0]): number =>
  droppedTotal(agent.dataPath.ledger.of(category))

/** Running instances, then a row for each file that yields none because it failed. */
function collectors(agent: Agent): CollectorInstanceView[] {
  const running = agent.runner.snapshot().map((instance) => ({
    ...instance,
    lastError: instance.lastError
      ? { time: instance.lastError.time, message: maskSecrets(instance.lastError.message) }
      : null,
  }))
  const failed = agent.files.flatMap((file) => {
    if (file.state !== 'failed' && file.state !== 'type_error' && file.state !== 'unknown_input') return []
    const names = file.inputs.filter((input) => input.state !== 'loaded').map((input) => input.name)
    const name = names[0] ?? file.file.replace(/^.*\//, '').replace(/\.conf$/, '')
    return [notLoaded(`file:${file.file}`, name, file.file, maskSecrets(file.reason), agent.facts.startedAt)]
  })
  return [...running, ...failed]
}

const notLoaded = (
  id: string,
  name: string,
  file: string,
  message: string,
  time: number,
): CollectorInstanceView => ({
  id,
  name,
  instance: 0,
  state: 'not_loaded',
  file,
  interval: null,
  feeds: 0,
  points: 0,
  lastFeed: null,
  avgCostMs: null,
  p90CostMs: null,
  nextRun: null,
  crashes: 0,
  errors: 1,
  lastError: { time, message },
  history: '',
})

type DiagnosticView = OverviewSnapshot['diagnostics'][number]

export function viewDiagnostic(d: ReturnType<Agent['diagnostics']>[number]): DiagnosticView {
  return {
    ...d,
    message: maskSecrets(d.message),
    labels: d.labels.map((label) => ({ ...label, text: maskSecrets(label.text) })),
    notes: d.notes.map(maskSecrets),
    fixes: d.fixes.map((fix) => ({ title: fix.title, edits: fix.edits.map((edit) => ({ ...edit })) })),
  }
}
