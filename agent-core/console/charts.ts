// Charts over the contract: series from the local store, or from the memory window where someone looked at 1 s.
import type { ContractHandlers } from '../contract/server.ts'
import type { MarkView } from '../contract/charts.ts'
import type { Agent } from '../agent.ts'
import type { TopProcesses } from './top-processes.ts'
import type { LiveSampler } from './live-sampler.ts'
import { overlayLive, unitsOf } from './series.ts'

const MARKS: Readonly<Record<string, MarkView['kind']>> = {
  agent_started: 'restart',
  config_applied: 'config',
  dataway_connected: 'config',
  elected: 'elected',
  defeated: 'defeated',
}

type ChartHandlers = Pick<
  ContractHandlers,
  'charts.query' | 'charts.live' | 'charts.marks' | 'charts.processes'
>

/** The window holds an hour: only spans that begin inside it can gain from it. */
const WINDOW_MS = 3_600_000

export function chartHandlers(agent: Agent, live: LiveSampler, processes: TopProcesses): ChartHandlers {
  const unit = unitsOf(agent.definitions)
  return {
    'charts.query': async (args) => {
      const stored = await agent.store.querySeries(args)
      if (!stored.ok) return stored
      const { stepMs } = stored.value
      const all =
        args.to - args.from > WINDOW_MS
          ? stored.value.series
          : overlayLive(stored.value.series, live.window.read(args).series, agent.tags.host)
      return { stepMs, series: all.map((s) => ({ ...s, unit: unit(s.measurement, s.field) })) }
    },
    'charts.live': ({ queries }, emit) =>
      live.listen(queries, (time, samples) => emit({ time, values: [...samples] })),
    'charts.marks': ({ from, to }) =>
      agent.events.between(from, to).flatMap((event) => {
        const kind = MARKS[event.kind]
        return kind ? [{ time: event.time, kind, event: event.kind, params: event.params }] : []
      }),
    'charts.processes': ({ limit }) => processes.read(limit),
  }
}
