import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { caseBody } from '../../scripts/conformance/points.ts'
import { readCases } from '../../scripts/conformance/run.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { CATEGORIES, type Category } from './category.ts'
import { decodeBody } from './decode.ts'
import { anyLine, goodLine } from './line-arbitrary.ts'
import { lineTranscoder } from './line-transcode.ts'
import { addKeyValue, tag } from './point.ts'
import { appendPoint } from './protobuf.ts'

const NOW = 1_700_000_000_123_456_789n

interface Input {
  readonly body: Buffer
  readonly category: Category
  readonly precision: string
  readonly globalTags: readonly (readonly [string, string])[]
}

const PREFIX = Buffer.from('before')

function start(): ByteBuffer {
  const out = new ByteBuffer(32)
  out.append(PREFIX)
  return out
}

/** What the transcoder gives. */
function short({ category, globalTags, ...body }: Input) {
  const out = start()
  const result = lineTranscoder(category, globalTags)({ ...body, now: NOW }, out)
  return { bytes: out.copy(), result: result.ok ? result.value : result.error }
}

/** The same over points. */
function long({ globalTags, ...body }: Input) {
  const out = start()
  const decoded = decodeBody({ encoding: 'line-protocol', ...body, now: NOW })
  if (!decoded.ok) return { bytes: out.copy(), result: decoded.error }
  const ends: number[] = []
  const seconds = decoded.value.map((point) => {
    for (const [key, value] of globalTags) addKeyValue(point, tag(key, value))
    appendPoint(out, point)
    ends.push(out.length)
    return Number(point.time / 1_000_000_000n)
  })
  const result = { count: ends.length, ends, oldest: Math.min(...seconds), newest: Math.max(...seconds) }
  return { bytes: out.copy(), result }
}

describe('line protocol straight to protobuf', () => {
  it('gives byte for byte what decode, check and encode give', () => {
    const lines = fc.oneof(
      fc.array(goodLine, { minLength: 1, maxLength: 6 }),
      fc.array(fc.oneof(goodLine, anyLine), { maxLength: 4 }),
    )
    const globalTags = fc.array(
      fc.tuple(fc.constantFrom('host', 'status', 'a', 'x'), fc.constantFrom('', 'v', 'é汉')),
      { maxLength: 3 },
    )
    const categories = fc.constantFrom<Category>('logging', 'metric', 'object', 'network', 'rum')
    const precision = fc.constantFrom('', '', 'n', 'ms', 's', 'x')
    fc.assert(
      fc.property(lines, categories, precision, globalTags, (text, category, unit, tags) => {
        const input = { body: Buffer.from(text.join('\n')), category, precision: unit, globalTags: tags }
        expect(short(input)).toEqual(long(input))
      }),
      { numRuns: 5000 },
    )
  })

  it('does so for every byte of odd text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (noise) => {
        const body = Buffer.concat([
          Buffer.from('m,k=v'),
          noise,
          Buffer.from(' f="'),
          noise,
          Buffer.from('" 5\nm f=1'),
        ])
        const input: Input = { body, category: 'logging', precision: 'n', globalTags: [] }
        expect(short(input)).toEqual(long(input))
      }),
      { numRuns: 2000 },
    )
  })

  it('does so for the corpus of points', () => {
    const cases = readCases(join(import.meta.dirname, 'testdata/points-public.jsonl'))
    const local = cases.flatMap((test) => {
      const category = CATEGORIES.find((c) => c.local && c.name === test['category'])?.name
      return category && test['encoding'] === 'line-protocol' ? [{ test, category }] : []
    })
    expect(local.length).toBeGreaterThan(300)
    for (const { test, category } of local) {
      const precision = String(test['precision'])
      const input: Input = { body: caseBody(test), category, precision, globalTags: [['host', 'h']] }
      expect({ id: test.id, ...short(input) }).toEqual({ id: test.id, ...long(input) })
    }
  })
})
