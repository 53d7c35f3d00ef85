// Codec rates on one core: `node agent-core/point/point.bench.ts`. Workload: bodies of 1,000 logging points, 2 tags,
// 3 fields, the message an nginx access line. The best of five rounds of 100,000 points, by CPU time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ByteBuffer } from './byte-buffer.ts'
import { decodeBody, type Encoding } from './decode.ts'
import { encodePbJson } from './json-encode.ts'
import { encodeLineProtocol } from './line-protocol.ts'
import { lineTranscoder } from './line-transcode.ts'
import type { Point } from './point.ts'
import { decodePoints } from './protobuf-decode.ts'
import { appendPoint, encodePoints } from './protobuf.ts'

const BODY = 1000
const BODIES = 100
const ROUNDS = 5
const NOW = 1_700_000_000_000_000_000n

const messages = readFileSync(join(import.meta.dirname, 'testdata/nginx-200.txt'), 'utf8')
  .trim()
  .split('\n')

/** A line protocol body of `count` points. */
function lineBody(count: number): Buffer {
  const lines = Array.from({ length: count }, (_, i) => {
    const message = messages[i % messages.length]!.replace(/[\\"]/g, '\\$&')
    const time = NOW + BigInt(i) * 1_000_003n
    return `nginx,host=web-0${i % 8},service=checkout message="${message}",status="info",size=${i * 37}i ${time}`
  })
  return Buffer.from(lines.join('\n'))
}

const simpleBody = (points: readonly Point[]): Buffer =>
  Buffer.from(
    JSON.stringify(
      points.map((point) => ({
        measurement: point.name,
        tags: Object.fromEntries(point.kvs.filter((kv) => kv.isTag).map((kv) => [kv.key, kv.value])),
        fields: Object.fromEntries(point.kvs.filter((kv) => !kv.isTag).map((kv) => [kv.key, kv.value])),
        time: '@',
      })),
    ).replaceAll('"@"', String(NOW)),
  )

function decode(encoding: Encoding, body: Buffer): Point[] {
  const result = decodeBody({ encoding, category: 'logging', precision: '', body, now: NOW })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

const lines = lineBody(BODY)
const points = decode('line-protocol', lines)
const protobuf = Buffer.from(encodePoints(points))
const json = simpleBody(points)
const pbjson = Buffer.from(encodePbJson(points))
const transcode = lineTranscoder('logging', [
  ['host', 'bench'],
  ['env', 'prod'],
])
const fragment = new ByteBuffer(protobuf.length * 2)

function append(batch: readonly Point[]): void {
  fragment.reset()
  for (const point of batch) appendPoint(fragment, point)
}

function straight(body: Buffer): void {
  fragment.reset()
  const result = transcode({ body, precision: '', now: NOW }, fragment)
  if (!result.ok) throw new Error(result.error.message)
}

const ROWS: readonly (readonly [name: string, bytes: number, run: () => unknown])[] = [
  ['line protocol: decode, check', lines.length, () => decode('line-protocol', lines)],
  ['line protocol: decode, check, protobuf', lines.length, () => append(decode('line-protocol', lines))],
  ['line protocol: straight to protobuf', lines.length, () => straight(lines)],
  ['protobuf: encode', protobuf.length, () => append(points)],
  ['protobuf: decode', protobuf.length, () => decodePoints(protobuf)],
  ['protobuf: decode, check', protobuf.length, () => decode('protobuf', protobuf)],
  ['JSON: decode, check', json.length, () => decode('json', json)],
  ['PBJSON: decode, check', pbjson.length, () => decode('pbjson', pbjson)],
  ['line protocol: encode', lines.length, () => encodeLineProtocol(points)],
]

for (const [name, bytes, run] of ROWS) {
  let best = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    // CPU time of the process, garbage collection included: other programs on the machine do not count.
    const start = process.cpuUsage()
    for (let i = 0; i < BODIES; i++) run()
    const used = process.cpuUsage(start)
    best = Math.min(best, (used.user + used.system) / 1e6)
  }
  const rate = (BODY * BODIES) / best / 1000
  console.log(
    `${name.padEnd(42)} ${rate.toFixed(0).padStart(6)} k points/s  ${((bytes * BODIES) / best / 1e6).toFixed(0).padStart(5)} MB/s`,
  )
}
