// Fuzz of POST /v1/write: valid bodies in every encoding and compression, most of them then broken. No crash, no 5xx but
// 503, and a 200 only when every point of the body was taken. FUZZ_BODIES sets how many: the faults of `npm test` take
// 20,000, `npm run test:faults` 200,000.
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { anyPoint } from '../point/arbitrary.ts'
import { CONTENT_TYPES, type Encoding } from '../point/decode.ts'
import { encodeJson, encodePbJson } from '../point/json-encode.ts'
import { encodeLineProtocol } from '../point/line-protocol.ts'
import type { Point } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { decodePoints } from '../point/protobuf-decode.ts'
import { appFixture } from './testing.ts'

const BODIES = Number(process.env['FUZZ_BODIES'] ?? 1000)

const ENCODERS: Readonly<Record<Encoding, (points: readonly Point[]) => Buffer>> = {
  'line-protocol': (points) => encodeLineProtocol(points).body,
  protobuf: (points) => Buffer.from(encodePoints(points)),
  json: (points) => Buffer.from(encodeJson(points)),
  pbjson: (points) => Buffer.from(encodePbJson(points)),
}

const COMPRESSIONS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  '': (body) => body,
  identity: (body) => body,
  gzip: (body) => gzipSync(body, { level: 1 }),
  deflate: (body) => deflateSync(body, { level: 1 }),
  'deflate-raw': (body) => deflateRawSync(body, { level: 1 }),
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } }),
  zstd: (body) => zstdCompressSync(body),
}

type Damage = (body: Buffer) => Buffer
const at = (body: Buffer, place: number): number => Math.floor(place * body.length)
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([p, bits]) => (body: Buffer) => {
    const copy = Buffer.from(body)
    if (copy.length > 0) copy[at(copy, p)]! ^= bits
    return copy
  }),
  place.map((p) => (body: Buffer) => body.subarray(0, at(body, p))),
  fc.tuple(place, place).map(([p, q]) => (body: Buffer) => {
    const [from, to] = [at(body, Math.min(p, q)), at(body, Math.max(p, q))]
    return Buffer.concat([body.subarray(0, from), body.subarray(to)])
  }),
  fc.tuple(place, fc.uint8Array({ maxLength: 8 })).map(
    ([p, bytes]) =>
      (body: Buffer) =>
        Buffer.concat([body.subarray(0, at(body, p)), bytes, body.subarray(at(body, p))]),
  ),
  place.map((p) => (body: Buffer) => Buffer.concat([body, body.subarray(at(body, p))])),
)

const ODD = [
  '',
  '\n',
  'null',
  '[]',
  '[null]',
  '[{}]',
  '{}',
  '[{"name":"a","fields":[null]}]',
  '[1i,,2i]',
  'm a=[1i,,2i]',
  '\0',
  '"',
]
/** A value in one of `n` cases, else undefined. */
const seldom = <T>(n: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: value, weight: 1 }, { arbitrary: fc.constant(undefined), weight: n - 1 })

const attempt = fc.record({
  encoding: fc.constantFrom<Encoding>('line-protocol', 'protobuf', 'json', 'pbjson'),
  said: fc.constantFrom<Encoding>('line-protocol', 'protobuf', 'json', 'pbjson'),
  honest: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  compression: fc.constantFrom(...Object.keys(COMPRESSIONS)),
  before: seldom(2, fc.array(damage, { maxLength: 2 })).map((list) => list ?? []),
  after: seldom(4, damage),
  odd: seldom(20, fc.constantFrom(...ODD)),
  category: fc.constantFrom('logging', 'metric', 'object', 'rum', 'tracing'),
  query: fc.constantFrom(
    '',
    '',
    '?precision=ms',
    '?strict=1',
    '?echo=lp',
    '?echo=json',
    '?echo=pbjson',
    '?dry=1',
    '?input=a%0d%0ab',
    '?encoding=gzip',
  ),
})
/** The same points in several bodies: making up points costs more than a request. */
const ATTEMPTS = 10
const round = fc.record({
  points: fc.array(anyPoint, { minLength: 1, maxLength: 3 }),
  attempts: fc.array(attempt, { minLength: ATTEMPTS, maxLength: ATTEMPTS }),
})
type Attempt =
  typeof attempt extends fc.Arbitrary<infer R> ? R & { readonly points: readonly Point[] } : never

/** Points that an undamaged body holds; undefined where the encoder leaves some out. */
function whole(
  { points, encoding, said, honest, before, after, odd, query }: Attempt,
  body: Buffer,
): number | undefined {
  if (before.length > 0 || after || odd !== undefined || query !== '' || (!honest && said !== encoding))
    return undefined
  if (encoding !== 'line-protocol') return points.length
  // Line protocol has no form for some texts: a name that begins with # is a comment, and so on.
  const texts = points.flatMap(({ name, kvs }) => [
    name,
    ...kvs.flatMap((kv) => [kv.key, kv.isTag ? String(kv.value) : 'x']),
  ])
  if (body.length === 0 || !texts.every((text) => /^\w+$/.test(text))) return undefined
  return encodeLineProtocol(points).count
}

/** 200 for all points, or 400 or 413 with a code and none. */
function isRight(
  attempt: Attempt,
  plain: Buffer,
  { statusCode, code, fed }: { statusCode: number; code: string; fed: number },
): boolean {
  if (statusCode !== 200)
    return (statusCode === 400 || statusCode === 413) && fed === 0 && code.startsWith('datakit.')
  if (attempt.query.startsWith('?dry')) return fed === 0
  return fed > 0 && fed === (whole(attempt, plain) ?? fed)
}

describe('fuzzed bodies', () => {
  let open: Awaited<ReturnType<typeof appFixture>> | undefined
  afterAll(() => open?.app.close())

  it(
    `answers ${BODIES} of them as it should`,
    async () => {
      let fed = 0
      const f = await appFixture(
        {},
        {
          feed: (_category, points) => {
            fed += points.length
            return Promise.resolve()
          },
          encodedDoor: () => ({ tags: { host: 'ws-1' }, oldest: -Infinity, newest: Infinity }),
          feedEncoded: (_category, fragment, count) => {
            const decoded = decodePoints(fragment)
            expect(decoded.ok && decoded.value.length).toBe(count)
            fed += count
            return Promise.resolve()
          },
        },
      )
      open = f
      const statuses = new Map<number, number>()
      const send = async (r: Attempt): Promise<void> => {
        const plain = r.odd === undefined ? ENCODERS[r.encoding](r.points) : Buffer.from(r.odd)
        const broken = r.before.reduce((body, hurt) => hurt(body), plain)
        const packed = COMPRESSIONS[r.compression]!(broken)
        const body = r.after ? r.after(packed) : packed
        fed = 0
        const reply = await f.app.inject({
          method: 'POST',
          url: `/v1/write/${r.category}${r.query}`,
          remoteAddress: '127.0.0.1',
          payload: body,
          headers: {
            host: 'localhost',
            'content-type': CONTENT_TYPES[r.honest ? r.encoding : r.said],
            'content-encoding': r.compression === 'deflate-raw' ? 'deflate' : r.compression,
          },
        })
        const { statusCode } = reply
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
        const code = statusCode === 200 ? '' : String(reply.json().error_code)
        expect({ statusCode, code, fed }).toSatisfy(() => isRight(r, plain, { statusCode, code, fed }))
      }
      await fc.assert(
        fc.asyncProperty(round, async ({ points, attempts }) => {
          for (const one of attempts) await send({ ...one, points })
        }),
        { numRuns: BODIES / ATTEMPTS },
      )
      // Both sides were tried in numbers.
      expect(statuses.get(200)).toBeGreaterThan(BODIES / 20)
      expect(statuses.get(400)).toBeGreaterThan(BODIES / 20)
    },
    10_000 + BODIES * 20,
  )
})
