// The invented agent's series.
import type { ContractHandlers } from '../../agent-core/contract/server.ts'
import type { MarkView, SeriesQuery, SeriesView } from '../../agent-core/contract/index.ts'
import type { Clock } from '../clock.ts'
import { noise } from './noise.ts'

const GIB = 2 ** 30
const MIB = 2 ** 20
const pos = (n: number): number => Math.max(0, n)
const burst = (s: number, seed: number): number => pos(noise(s / 9, seed)) ** 3

type Make = (s: number, seed: number) => number
const FIELDS: Readonly<Record<string, Make>> = {
  'cpu.usage_user': (s, n) => pos(14 + 9 * noise(s, n) + 50 * burst(s, 5)),
  'cpu.usage_system': (s, n) => pos(5 + 3 * noise(s, n + 1) + 14 * burst(s, 5)),
  'cpu.usage_iowait': (s, n) => pos(1 + noise(s, n + 2)),
  'system.load1': (s) => pos(2.4 + 1.4 * noise(s / 4, 3) + 4 * burst(s, 5)),
  'system.load5': (s) => pos(2.4 + 0.7 * noise(s / 12, 3) + 2 * burst(s / 2, 5)),
  'system.load15': (s) => pos(2.4 + 0.3 * noise(s / 30, 3)),
  'mem.used': (s) => 17 * GIB + GIB * noise(s / 20, 4),
  'mem.cached': (s) => 6 * GIB + 0.5 * GIB * noise(s / 30, 6),
  'mem.total': () => 31.8 * GIB,
  'swap.used': (s) => 0.9 * GIB + 0.2 * GIB * noise(s / 60, 8),
  'swap.total': () => 4 * GIB,
  'disk.used': (s, n) => (n % 2 === 0 ? 312 : 1693) * GIB + GIB * noise(s / 200, n),
  'disk.total': (_s, n) => (n % 2 === 0 ? 476 : 1863) * GIB,
  'disk.used_percent': (s, n) => (n % 2 === 0 ? 65.6 : 90.9) + 0.2 * noise(s / 200, n),
  'diskio.read_bytes/sec': (s, n) => MIB * (8 + 300 * burst(s, n)),
  'diskio.write_bytes/sec': (s, n) => MIB * (20 + 12 * noise(s, n + 3)),
  'net.bytes_recv/sec': (s, n) => MIB * pos(5 + 3 * noise(s, n) + 40 * burst(s, n)),
  'net.bytes_sent/sec': (s, n) => MIB * pos(1.2 + noise(s, n + 9)),
}
const SPLITS: Readonly<Record<string, { tag: string; values: string[] }>> = {
  diskio: { tag: 'name', values: ['/dev/nvme0n1', '/dev/sda'] },
  net: { tag: 'interface', values: ['eth0', 'wlan0', 'docker0'] },
  disk: { tag: 'mount_point', values: ['/', '/data'] },
}

function seriesOf(query: SeriesQuery): { tags: Record<string, string>; at: (ms: number) => number | null }[] {
  const make = FIELDS[`${query.measurement}.${query.field}`]
  if (!make) return []
  const split = SPLITS[query.measurement]
  const values = split?.values ?? ['']
  return values.map((value, n) => ({
    tags: { ...query.tags, ...(split ? { [split.tag]: value } : {}) },
    at: (ms) => make(Math.floor(ms / 1000), n + 10),
  }))
}

const UNITS: Readonly<Record<string, string>> = {
  cpu: 'percent',
  mem: 'B',
  swap: 'B',
  net: 'B/s',
  diskio: 'B/s',
}

export function chartHandlers(
  clock: Clock,
): Pick<ContractHandlers, 'charts.query' | 'charts.live' | 'charts.marks' | 'charts.processes'> {
  return {
    'charts.query': ({ queries, from, to, points }) => {
      const span = to - from
      const stepMs = [1000, 10_000, 60_000, 600_000].find((step) => span / step <= points) ?? 3_600_000
      const start = Math.ceil(from / stepMs) * stepMs
      const gap = start + span * 0.62
      const series = queries.flatMap((query): SeriesView[] => {
        const step =
          query.measurement === 'system' || query.measurement === 'swap' ? Math.max(stepMs, 10_000) : stepMs
        return seriesOf(query).map(({ tags, at }) => {
          const times: number[] = []
          const values: (number | null)[] = []
          for (let ms = Math.ceil(start / step) * step; ms <= to; ms += step) {
            const silent = span > 3_600_000 && ms >= gap && ms <= gap + span * 0.03
            if (silent && values.at(-1) === null) continue
            times.push(ms)
            values.push(silent ? null : at(ms))
          }
          return {
            measurement: query.measurement,
            field: query.field,
            tags,
            unit: UNITS[query.measurement] ?? '',
            times,
            values,
          }
        })
      })
      return { series, stepMs }
    },
    'charts.live': ({ queries }, emit) =>
      clock.every(1000, () => {
        const time = Math.floor(clock.now() / 1000) * 1000
        const fast = queries.filter(({ measurement }) =>
          ['cpu', 'mem', 'net', 'disk', 'diskio'].includes(measurement),
        )
        emit({
          time,
          values: fast.flatMap((query) =>
            seriesOf(query).map(({ tags, at }) => ({
              measurement: query.measurement,
              field: query.field,
              tags,
              value: at(time),
            })),
          ),
        })
      }),
    'charts.marks': ({ from, to }): MarkView[] => [
      {
        time: from + (to - from) * 0.12,
        kind: 'elected',
        event: 'elected',
        params: { namespace: 'prod-db' },
      },
      {
        time: from + (to - from) * 0.63,
        kind: 'restart',
        event: 'agent_started',
        params: { version: '0.1.0' },
      },
      {
        time: from + (to - from) * 0.71,
        kind: 'config',
        event: 'config_applied',
        params: { files: 12 },
      },
      {
        time: from + (to - from) * 0.92,
        kind: 'config',
        event: 'dataway_connected',
        params: { host: 'https://dataway.example' },
      },
    ],
    'charts.processes': ({ limit }) => ({
      time: clock.now(),
      processes: [
        ['postgres', 6012, 'postgres', 7.1, 5871],
        ['java', 18_836, 'kafka', 3.2, 3204],
        ['code', 4180, 'ops', 1.9, 812],
        ['chrome', 5220, 'ops', 1.4, 640],
        ['datakit', 9528, 'root', 0.9, 104],
        ['sshd', 812, 'root', 0.1, 9],
        ['dockerd', 1200, 'root', 0.1, 88],
        ['systemd', 1, 'root', 0, 12],
      ]
        .map(([name, pid, user, cpu, rss]) => ({
          pid: Number(pid),
          name: String(name),
          user: String(user),
          cpuPercent: pos(Number(cpu) * (1 + 0.4 * noise(clock.now() / 1000, Number(pid)))),
          memPercent: (Number(rss) / 32_563) * 100,
          rssBytes: Number(rss) * MIB,
          state: 'S',
          cmdline: `/usr/bin/${String(name)} --config /etc/${String(name)}.conf`,
        }))
        .slice(0, limit),
    }),
  }
}
