// An invented agent: figures that look like a workstation's, in the states that the pages must show.
import type { ContractHandlers } from '../../agent-core/contract/server.ts'
import type {
  CollectorInstanceView,
  CollectorState,
  ConsoleSettings,
  OverviewSnapshot,
} from '../../agent-core/contract/index.ts'
import type { Clock } from '../clock.ts'
import { chartHandlers } from './charts.ts'
import { noise } from './noise.ts'
import { pipelineHandlers } from './pipelines.ts'

export interface InventedOptions {
  readonly clock: Clock
  readonly state: string
  readonly theme: ConsoleSettings['theme']
  readonly language: ConsoleSettings['language']
}

const UP_MS = 76 * 3_600_000
const FAILING: Readonly<
  Record<string, { state: CollectorState; error: string; crashes: number; history: string }>
> = {
  mysql: {
    state: 'failing',
    error: "1045 (28000): Access denied for user 'datakit'@'10.20.1.7' (using password: YES)",
    crashes: 0,
    history: `${'o'.repeat(48)}${'e'.repeat(12)}`,
  },
  statsd: {
    state: 'stopped',
    error: 'bind udp 127.0.0.1:8125: address already in use by statsd.exe (7412)',
    crashes: 6,
    history: 'cccccc',
  },
  oracle: {
    state: 'not_loaded',
    error: 'oracle.conf:12 interval: expected a duration, got true',
    crashes: 0,
    history: '',
  },
  prom: {
    state: 'degraded',
    error: 'GET http://10.20.4.31:9100/metrics: 503 Service Unavailable',
    crashes: 2,
    history: `${'o'.repeat(20)}e${'o'.repeat(25)}c${'o'.repeat(11)}ee`,
  },
}
const QUIET = [
  'cpu',
  'mem',
  'swap',
  'disk',
  'diskio',
  'net',
  'system',
  'host_processes',
  'hostobject',
  'dk',
] as const

function instance(name: string, at: number, n: number): CollectorInstanceView {
  const failing = FAILING[name]
  const interval =
    name === 'hostobject' ? 300_000 : name === 'host_processes' || name === 'dk' ? 30_000 : 10_000
  const feeds = Math.floor(UP_MS / interval)
  const phase = (at + n * 1370) % interval
  const loaded = failing?.state !== 'not_loaded'
  const never = failing?.state === 'stopped' || !loaded
  return {
    id: `${name}#0`,
    name,
    instance: 0,
    state: failing?.state ?? 'ok',
    file: `conf.d/${name === 'mysql' || name === 'oracle' ? 'db' : 'host'}/${name}.conf`,
    interval: loaded ? interval : null,
    feeds: never ? 0 : feeds,
    points: never ? 0 : feeds * (1 + (n % 4)),
    lastFeed: never ? null : name === 'mysql' ? at - 604_000 : at - phase,
    avgCostMs: never ? null : [0.15, 0.84, 0.2, 0.37, 0.19, 0.49, 0.7, 63.9, 1013, 4.12][n % 10]!,
    p90CostMs: never ? null : [0.21, 0.97, 0.31, 0.44, 0.26, 0.61, 0.83, 81.4, 1240, 5.9][n % 10]!,
    nextRun: never ? null : at - phase + interval,
    crashes: failing?.crashes ?? 0,
    errors: failing && loaded ? 121 : 0,
    lastError: failing ? { time: at - 1_000 * (n + 4), message: failing.error } : null,
    history: failing?.history ?? 'o'.repeat(60),
  }
}

function namesOf(state: string): string[] {
  if (state === 'empty') return []
  if (state === 'many') return Array.from({ length: 800 }, (_, n) => `prom_${n}`)
  return state === 'failing' ? [...Object.keys(FAILING), ...QUIET] : [...QUIET]
}

function snapshot(at: number, state: string): OverviewSnapshot {
  const bad = state === 'failing'
  const local = state === 'local' || state === 'first' || state === 'empty'
  const names = namesOf(state)
  const seconds = Array.from({ length: 300 }, (_, n) => Math.floor(at / 1000) - 299 + n)
  const base = local ? 42 : 4700
  const wave = (keep: number): number[] => seconds.map((s) => base * keep * (1 + 0.12 * noise(s, 7)))
  const door = (keep: number) => {
    const history = wave(keep)
    return { rate: history.at(-1)!, total: history.at(-1)! * 90_000, history }
  }
  const ms = (n: number): number => at - n * 1000
  return {
    time: at,
    uptimeMs: UP_MS + (at % 3_600_000),
    state: 'running',
    vitals: {
      cpuPercent: 0.9 + 0.4 * noise(at / 1000, 1),
      rssBytes: 104 * 2 ** 20 + 2 ** 20 * noise(at / 1000, 2),
      heapBytes: 40 * 2 ** 20,
      loopDelayP99Ms: 3.1 + noise(at / 1000, 3),
      openFiles: 84,
      cpuHistory: seconds.map((s) => 0.9 + 0.4 * noise(s, 1)),
      rssHistory: seconds.map((s) => 104 + noise(s, 2)),
      loopHistory: seconds.map((s) => 3.1 + noise(s, 3)),
    },
    flow: {
      collected: door(1),
      piped: door(bad ? 0.94 : 1),
      filtered: door(bad ? 0.84 : 1),
      queued: door(bad ? 0.84 : 1),
      sent: local ? { rate: 0, total: 0, history: seconds.map(() => 0) } : door(0.84),
      dropped: bad
        ? [
            { reason: 'script', rate: 38, total: 3_420_000 },
            { reason: 'filtered', rate: 212, total: 19_080_000 },
          ]
        : [],
      pendingPoints: local ? 0 : 18_402,
    },
    backlog: [
      {
        category: 'logging',
        points: local ? 0 : 1284,
        bytes: local ? 0 : 6_081_741,
        oldest: local ? null : ms(4),
        dropped: bad ? 12 : 0,
      },
      {
        category: 'metric',
        points: local ? 0 : 212,
        bytes: local ? 0 : 314_572,
        oldest: local ? null : ms(1),
        dropped: 0,
      },
      { category: 'object', points: 0, bytes: 0, oldest: null, dropped: 0 },
    ],
    dataway: local
      ? { mode: 'local_only', endpoints: [], calls: [] }
      : {
          mode: 'sending',
          endpoints: [
            {
              url: 'https://dataway.corp.example?token=tkn_***',
              state: 'ok',
              latencyMs: 42.4,
              lastOk: ms(1),
              error: null,
            },
            ...(bad
              ? [
                  {
                    url: 'https://dataway-2.corp.example?token=tkn_***',
                    state: 'failing' as const,
                    latencyMs: null,
                    lastOk: ms(3900),
                    error: 'connect ETIMEDOUT 10.20.9.4:443',
                  },
                ]
              : []),
          ],
          calls: [
            { api: '/v1/write/logging', calls: 84_112, latencyMs: 42.4, retries: 3 },
            { api: '/v1/write/metric', calls: 27_440, latencyMs: 38.1, retries: 1 },
            { api: '/v1/election/heartbeat', calls: 6355, latencyMs: 18.2, retries: 0 },
            { api: '/v1/datakit/pull', calls: 9144, latencyMs: 21, retries: 0 },
          ],
        },
    election: local
      ? { state: 'off', namespace: '', leader: null, since: null }
      : { state: 'leader', namespace: 'prod-db', leader: 'ops-ws-07', since: ms(19_020) },
    http: bad
      ? {
          listen: '127.0.0.1:9529',
          state: 'retrying',
          error:
            'Port in use: 127.0.0.1:9529, held by datakit (pid 4180). Stop the other program or change http_api.listen; the agent retries.',
        }
      : { listen: '127.0.0.1:9529', state: 'listening', error: null },
    store: { state: 'ok', bytes: 212 * 2 ** 20, error: null },
    collectors: names.map((name, n) => instance(name, at, bad ? n + 6 : n)),
    diagnostics: bad ? DIAGNOSTICS : [],
    events:
      state === 'empty'
        ? []
        : [
            { time: ms(277), kind: 'config_applied', params: { files: 14 }, severity: 'info' },
            {
              time: ms(604),
              kind: 'collector_crashed',
              params: { id: 'mysql#0', error: 'access denied' },
              severity: 'error',
            },
            {
              time: ms(1615),
              kind: 'dataway_connected',
              params: { host: 'dataway.corp.example' },
              severity: 'info',
            },
            { time: ms(19_020), kind: 'elected', params: { namespace: 'prod-db' }, severity: 'info' },
            {
              time: ms(39_720),
              kind: 'defeated',
              params: { namespace: 'prod-db', leader: 'build-mac-02' },
              severity: 'warning',
            },
            { time: ms(UP_MS / 1000), kind: 'agent_started', params: { version: '0.1.0' }, severity: 'info' },
          ],
  }
}

const label = (line: number, column: number, text: string) => ({ from: 0, to: 1, line, column, text })
const DIAGNOSTICS: OverviewSnapshot['diagnostics'] = [
  {
    code: 'CONFIG_CLAMPED',
    severity: 'notice',
    message: 'Interval out of range: 1ms runs at 1s',
    file: 'conf.d/host/cpu.conf',
    labels: [label(3, 14, '')],
    notes: ['Set protect_mode = false to obey the file.'],
    fixes: [],
  },
  {
    code: 'CONFIG_TYPE',
    severity: 'error',
    message: 'Wrong type: inputs.oracle.interval expects a duration, got true',
    file: 'conf.d/db/oracle.conf',
    labels: [label(12, 14, '')],
    notes: ['Give the value the type that is shown.'],
    fixes: [],
  },
  {
    code: 'CONFIG_UNKNOWN_KEY',
    severity: 'warning',
    message: 'Unknown setting: percpuu',
    file: 'conf.d/host/cpu.conf',
    labels: [label(9, 3, '')],
    notes: ['Did you mean percpu?'],
    fixes: [],
  },
  {
    code: 'CONFIG_SYNTAX',
    severity: 'error',
    message: 'TOML syntax error: unterminated string',
    file: 'conf.d/db/redis.conf',
    labels: [label(4, 11, '')],
    notes: ['Correct the line; the other files are loaded.'],
    fixes: [],
  },
  {
    code: 'CONFIG_UNSUPPORTED',
    severity: 'notice',
    message: 'Known, not supported yet: git_repos',
    file: 'datakit.conf',
    labels: [label(118, 1, '')],
    notes: [],
    fixes: [],
  },
]

export function inventedAgent(options: InventedOptions): ContractHandlers {
  const { clock, state } = options
  let settings: ConsoleSettings = {
    theme: options.theme,
    language: options.language,
    keepInTray: true,
    firstRunDone: state !== 'first',
  }
  return {
    'agent.info': () => ({
      version: '0.1.0',
      host: 'ops-ws-07',
      os: 'Debian GNU/Linux 13',
      arch: 'x64',
      pid: 4180,
      workdir: '/usr/local/datakit',
      node: 'v24.21.0',
      mode: 'headless',
      startedAt: clock.now() - UP_MS,
      firstRun: state === 'first',
    }),
    'overview.watch': (_args, emit) => {
      if (state === 'loading') return { dispose: () => {} }
      emit(snapshot(clock.now(), state))
      return clock.every(1000, () => emit(snapshot(clock.now(), state)))
    },
    'inputs.restart': () => ({}),
    'inputs.runOnce': () => ({}),
    'inputs.samples': () => ({
      samples: [
        { name: 'cpu', text: '[[inputs.cpu]]\n  interval = "10s"\n', configured: true },
        { name: 'mysql', text: '[[inputs.mysql]]\n  host = "localhost"\n', configured: false },
      ],
    }),
    'inputs.openFolder': () => ({}),
    'agent.reload': () => ({ diagnostics: DIAGNOSTICS }),
    'settings.read': () => settings,
    'settings.write': (change) => (settings = { ...settings, ...change }),
    'dataway.test': ({ url }) => {
      const ok = url.startsWith('https://')
      return {
        ok,
        latencyMs: ok ? 42 : null,
        steps: [
          {
            name: 'address',
            ok,
            text: ok ? 'dataway.corp.example resolves to 10.20.9.3' : 'Write it as https://host?token=tkn_…',
          },
          {
            name: 'reach',
            ok: ok ? true : null,
            text: ok ? 'TLS 1.3, certificate valid until 2027-03-01' : '',
          },
          { name: 'token', ok: ok ? true : null, text: ok ? 'accepted' : '' },
        ],
      }
    },
    'dataway.save': () => ({}),
    ...chartHandlers(clock),
    ...pipelineHandlers(),
    'tap.watch': () => ({ dispose: () => {} }),
  }
}
