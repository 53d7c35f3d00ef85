// The Overview: is the agent well? One snapshot a second while someone looks.
import * as v from 'valibot'
import { method, stream } from './define.ts'
import { diagnostic, nothing, timestamp } from './common.ts'

export const agentInfo = v.object({
  version: v.string(),
  host: v.string(),
  os: v.string(),
  arch: v.string(),
  pid: v.number(),
  workdir: v.string(),
  node: v.string(),
  mode: v.picklist(['desktop', 'headless']),
  startedAt: timestamp,
  firstRun: v.boolean(),
})

export const collectorState = v.picklist([
  'ok',
  'starting',
  'degraded', // ran, but the last round reported an error or crashed
  'failing', // crashed, waits for its restart, or never fed
  'stopped', // 6 crashes: off until restarted by hand
  'paused', // not elected
  'not_loaded', // its file failed
  'finished',
])

export const collectorInstance = v.object({
  /** `<name>#<index>`; stable while the configuration stands. */
  id: v.string(),
  name: v.string(),
  instance: v.number(),
  state: collectorState,
  file: v.nullable(v.string()),
  interval: v.nullable(v.number()),
  feeds: v.number(),
  points: v.number(),
  lastFeed: v.nullable(timestamp),
  avgCostMs: v.nullable(v.number()),
  p90CostMs: v.nullable(v.number()),
  nextRun: v.nullable(timestamp),
  crashes: v.number(),
  errors: v.number(),
  lastError: v.nullable(v.object({ time: timestamp, message: v.string() })),
  /** Last 60 rounds, oldest first: o ok, e reported error, c crash. */
  history: v.string(),
})

/** One door of the flow: points a second and the history of the last minutes, oldest first. */
const door = v.object({ rate: v.number(), total: v.number(), history: v.array(v.number()) })

export const overview = v.object({
  time: timestamp,
  uptimeMs: v.number(),
  state: v.picklist(['starting', 'running', 'stopping']),
  vitals: v.object({
    cpuPercent: v.number(),
    rssBytes: v.number(),
    heapBytes: v.number(),
    loopDelayP99Ms: v.number(),
    openFiles: v.nullable(v.number()),
    /** Histories of the last 5 minutes at 1 s where someone looked, oldest first. */
    cpuHistory: v.array(v.number()),
    rssHistory: v.array(v.number()),
    loopHistory: v.array(v.number()),
  }),
  flow: v.object({
    collected: door,
    piped: door,
    filtered: door,
    queued: door,
    sent: door,
    dropped: v.array(v.object({ reason: v.string(), rate: v.number(), total: v.number() })),
    pendingPoints: v.number(),
  }),
  backlog: v.array(
    v.object({
      category: v.string(),
      points: v.number(),
      bytes: v.number(),
      oldest: v.nullable(timestamp),
      dropped: v.number(),
    }),
  ),
  dataway: v.object({
    mode: v.picklist(['local_only', 'sending']),
    endpoints: v.array(
      v.object({
        /** Host and path; the token is masked. */
        url: v.string(),
        state: v.picklist(['unknown', 'ok', 'failing']),
        latencyMs: v.nullable(v.number()),
        lastOk: v.nullable(timestamp),
        error: v.nullable(v.string()),
      }),
    ),
    calls: v.array(
      v.object({
        api: v.string(),
        calls: v.number(),
        latencyMs: v.nullable(v.number()),
        retries: v.number(),
      }),
    ),
  }),
  election: v.object({
    state: v.picklist(['off', 'candidate', 'leader', 'defeated', 'suspended']),
    namespace: v.string(),
    leader: v.nullable(v.string()),
    since: v.nullable(timestamp),
  }),
  http: v.object({
    listen: v.string(),
    state: v.picklist(['listening', 'retrying', 'off']),
    error: v.nullable(v.string()),
  }),
  store: v.object({
    state: v.picklist(['ok', 'off', 'failing']),
    bytes: v.number(),
    error: v.nullable(v.string()),
  }),
  collectors: v.array(collectorInstance),
  diagnostics: v.array(diagnostic),
  events: v.array(
    v.object({
      time: timestamp,
      /** A key of the locale files under `event.`; the rest are its parameters. */
      kind: v.string(),
      params: v.record(v.string(), v.union([v.string(), v.number()])),
      severity: v.picklist(['info', 'warning', 'error']),
    }),
  ),
})

export type AgentInfo = v.InferOutput<typeof agentInfo>
export type CollectorState = v.InferOutput<typeof collectorState>
export type CollectorInstanceView = v.InferOutput<typeof collectorInstance>
export type OverviewSnapshot = v.InferOutput<typeof overview>

export const overviewContract = {
  'agent.info': method(nothing, agentInfo),
  /** A snapshot at once, then one a second. */
  'overview.watch': stream(nothing, overview, 'latest'),
  /** Starts a stopped or waiting instance again, with its crash count cleared. */
  'inputs.restart': method(v.strictObject({ id: v.string() }), nothing),
  /** Runs a round now. */
  'inputs.runOnce': method(v.strictObject({ id: v.string() }), nothing),
  /** The configuration samples of all collectors of this system. */
  'inputs.samples': method(
    nothing,
    v.object({ samples: v.array(v.object({ name: v.string(), text: v.string(), configured: v.boolean() })) }),
  ),
  /** Desktop only: shows conf.d in the system's file manager. */
  'inputs.openFolder': method(nothing, nothing),
  /** Terminates inputs, rescans conf.d, runs inputs. */
  'agent.reload': method(nothing, v.object({ diagnostics: v.array(diagnostic) })),
}
