// Bench `io`: logging points over HTTP into the WAL of the built agent (workload in docs/performance.md), the codecs
// alone, and the memory of ten million points with the sender on.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decodeBody, type Encoding } from '../../agent-core/point/decode.ts'
import { encodeJson, encodePbJson } from '../../agent-core/point/json-encode.ts'
import { encodeLineProtocol } from '../../agent-core/point/line-protocol.ts'
import type { Point } from '../../agent-core/point/point.ts'
import { encodePoints } from '../../agent-core/point/protobuf.ts'
import type { BenchOptions, BenchResult } from '../bench.ts'
import { root, startAgent, writeConfig, type AgentProcess } from './agent-process.ts'
import { startSink } from './dataway-sink.ts'

const run_ = promisify(execFile)
const PORT = 19531
/** As much as the WAL's cap of 2 GiB holds. */
const INGEST_POINTS = 3_000_000
/** Refuses connections. */
const NOBODY = 'http://127.0.0.1:1?token=tkn_0123456789abcdef0123456789abcdef'

export async function run(options: BenchOptions): Promise<BenchResult> {
  if (process.platform !== 'linux') throw new Error('bench io reads /proc: it runs on Linux only')
  const ingest = await ingestRate(options.short ? 600_000 : INGEST_POINTS)
  const script = await ingestRate(options.short ? 300_000 : INGEST_POINTS / 2, 'nginx.p')
  const memory = await memoryGrowth(options.short ? 2_000_000 : 10_000_000)
  return {
    figures: {
      http_ingest_points_per_s: ingest.rate,
      http_ingest_cpu_us_per_point: ingest.cpu,
      http_nginx_points_per_s: script.rate,
      http_nginx_cpu_us_per_point: script.cpu,
      ...memory,
      ...codecs(),
    },
    aims: {
      http_ingest_points_per_s: '>= 250000',
      http_nginx_points_per_s: '>= 140000',
      rss_growth_mib: '<= 32',
    },
  }
}

/** The DataWay refuses connections; a point counts on the 200 that follows its append. */
async function ingestRate(points: number, script?: string): Promise<{ rate: number; cpu: number }> {
  return withAgent(NOBODY, script, async (agent) => {
    await load(points / 20)
    const before = agent.cpuSeconds()
    const { taken, refused, seconds } = await load(points)
    if (refused > 0) throw new Error(`${refused} points were refused`)
    return { rate: taken / seconds, cpu: ((agent.cpuSeconds() - before) / taken) * 1e6 }
  })
}

/** RSS after a tenth of the points and after all, with a DataWay that takes everything. */
async function memoryGrowth(points: number): Promise<Record<string, number>> {
  const sink = await startSink()
  try {
    return await withAgent(sink.url, undefined, async (agent) => {
      await loadAll(points / 10)
      const early = agent.rssMib()
      await loadAll(points - points / 10)
      const late = agent.rssMib()
      return { rss_early_mib: early, rss_late_mib: late, rss_growth_mib: late - early }
    })
  } finally {
    await sink.close()
  }
}

/** At the cap of the WAL the answer is 503: then the generator goes on until all are taken. */
async function loadAll(points: number): Promise<void> {
  for (let left = points; left > 0;) left -= (await load(Math.min(left, 500_000))).taken
}

async function load(points: number): Promise<{ taken: number; refused: number; seconds: number }> {
  const script = join(import.meta.dirname, 'io-load.ts')
  const { stdout } = await run_(process.execPath, [script, String(PORT), String(points)])
  return JSON.parse(stdout) as { taken: number; refused: number; seconds: number }
}

async function withAgent<T>(
  dataway: string,
  script: string | undefined,
  work: (agent: AgentProcess) => Promise<T>,
): Promise<T> {
  const workdir = mkdtempSync(join(tmpdir(), 'datakit-io-'))
  if (script !== undefined) {
    mkdirSync(join(workdir, 'pipeline'))
    copyFileSync(join(root, 'agent-core/pipeline/testdata/bench', script), join(workdir, 'pipeline', script))
  }
  writeConfig(
    workdir,
    `default_enabled_inputs = []\n[http_api]\nlisten = "127.0.0.1:${PORT}"\nrequest_rate_limit = 0.0\n[dataway]\nurls = ["${dataway}"]\n[dataway.wal]\nsync = "interval"\n`,
  )
  const profile = process.env['BENCH_PROFILE']
  const nodeFlags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const agent = await startAgent(workdir, PORT, { nodeFlags })
  try {
    return await work(agent)
  } finally {
    await agent.end('SIGINT')
    rmSync(workdir, { recursive: true, force: true })
  }
}

/** Each codec alone; decode with checks. */
function codecs(): Record<string, number> {
  const text = readFileSync(join(root, 'scripts/bench/testdata/nginx.txt'), 'utf8').trimEnd().split('\n')
  const lines = text.slice(0, 1000).map((line, i) => {
    const message = line.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
    return `nginx,host=web-01,service=shop message="${message}",status="info",bytes=${i}i 1700000000000000${String(i).padStart(3, '0')}`
  })
  const body = Buffer.from(lines.join('\n'))
  const points = decode('line-protocol', body)
  const bodies: Readonly<Record<string, readonly [Encoding, Buffer]>> = {
    lp: ['line-protocol', body],
    pb: ['protobuf', Buffer.from(encodePoints(points))],
    json: ['json', Buffer.from(encodeJson(points))],
    pbjson: ['pbjson', Buffer.from(encodePbJson(points))],
  }
  const figures: Record<string, number> = {}
  for (const [name, [encoding, bytes]] of Object.entries(bodies))
    figures[`decode_${name}_mpoints_per_s`] = rate(() => void decode(encoding, bytes))
  figures['encode_lp_mpoints_per_s'] = rate(() => void encodeLineProtocol(points))
  figures['encode_pb_mpoints_per_s'] = rate(() => void encodePoints(points))
  return figures
}

function decode(encoding: Encoding, body: Buffer): Point[] {
  const result = decodeBody({ encoding, category: 'logging', precision: 'n', body, now: 1n })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** Million points a second of CPU time, garbage collection included: other programs on the machine do not count. */
function rate(work: () => void): number {
  for (let i = 0; i < 50; i++) work()
  const before = process.cpuUsage()
  let rounds = 0
  for (const end = performance.now() + 1000; performance.now() < end; rounds++) work()
  const used = process.cpuUsage(before)
  return (rounds * 1000) / (used.user + used.system)
}
