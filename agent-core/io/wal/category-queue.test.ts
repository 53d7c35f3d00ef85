import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { createMetrics } from '../../kernel/metrics.ts'
import { createLedger, type Ledger } from '../ledger.ts'
import { CategoryQueue, type QueueOptions } from './category-queue.ts'
import { HEADER_BYTES } from './record.ts'

let dir: string
let ledger: Ledger
const open = (endpoints: readonly string[], rest: Partial<QueueOptions> = {}): Promise<CategoryQueue> =>
  CategoryQueue.open({
    category: 'logging',
    dir,
    maxBytes: 64 * 1024 * 1024,
    sync: 'interval',
    endpoints,
    ledger,
    clock: new FakeClock(),
    log: silentLogger,
    ...rest,
  })
const account = () => ledger.of('logging')
const append = async (queue: CategoryQueue, text: string, points = 1): Promise<void> => {
  account().fed += points
  account().processing += points
  await queue.append(Buffer.from(text), points)
}
const drain = async (queue: CategoryQueue, endpoint: string): Promise<string[]> => {
  const texts: string[] = []
  for (;;) {
    const records = await queue.read(endpoint, 1024)
    if (records.length === 0) return texts
    texts.push(...records.map((r) => r.payload.toString()))
    await queue.settle(endpoint, records)
  }
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'queue-'))
  ledger = createLedger(createMetrics())
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('CategoryQueue', () => {
  it('counts a record as sent when the last of several endpoints has passed it', async () => {
    const queue = await open(['a', 'b'])
    for (let i = 0; i < 50; i++) await append(queue, `r${i}`, 2)
    expect(await drain(queue, 'a')).toHaveLength(50)
    expect(account()).toMatchObject({ sent: 0, pending: 100 })
    expect([queue.pendingOf('a'), queue.pendingOf('b')]).toEqual([0, 100])
    expect(await drain(queue, 'b')).toHaveLength(50)
    expect(account()).toMatchObject({ fed: 100, sent: 100, pending: 0, processing: 0 })
    await queue.dispose()
  })

  it('counts what one endpoint gave up as dropped once the other has passed it, ranges joined', async () => {
    const queue = await open(['a', 'b'])
    for (let i = 0; i < 20; i++) await append(queue, `r${i}`)
    for (let i = 0; i < 20; i++) {
      const [first] = await queue.read('a', 1)
      await queue.settle('a', [first!], i < 15 ? { reason: 'dead_letter' } : undefined)
    }
    expect(account()).toMatchObject({ pending: 20, dropped: {} })
    await drain(queue, 'b')
    expect(account()).toMatchObject({ sent: 5, pending: 0, dropped: { dead_letter: 15 } })
    expect(ledger.difference('logging')).toBe(0)
    await queue.dispose()
  })

  it('counts the lost points of a body of several records once', async () => {
    const queue = await open(['a'])
    for (let i = 0; i < 3; i++) await append(queue, `r${i}`, 2)
    await queue.settle('a', await queue.read('a', 1024), { reason: 'invalid', points: 3 })
    expect(account()).toMatchObject({ sent: 3, pending: 0, dropped: { invalid: 3 } })
    await queue.dispose()
  })

  describe('at the cap', () => {
    const capped = { maxBytes: 4000, segmentBytes: 500 }
    const lost: Record<string, number> = {}
    const onLagging = (id: string, points: number): void => void (lost[id] = (lost[id] ?? 0) + points)
    beforeEach(() => {
      for (const id of Object.keys(lost)) delete lost[id]
    })

    it('takes the oldest data from an endpoint that lags, and only there: the others go on', async () => {
      const queue = await open(['a', 'b', 'c'], { ...capped, onLagging })
      const got: string[] = []
      for (let i = 0; i < 300; i++) {
        await append(queue, `record ${i}`, 2)
        got.push(...(await drain(queue, 'a')))
      }
      expect(got).toEqual(Array.from({ length: 300 }, (_, i) => `record ${i}`))
      expect(lost['a']).toBeUndefined()
      expect(lost['b']).toBeGreaterThan(300)
      expect(lost['c']).toBe(lost['b'])
      // Counted once, however many endpoints lost it.
      expect(account()).toMatchObject({ fed: 600, sent: 0, dropped: { lagging: lost['b'] } })
      expect([queue.pendingOf('a'), queue.pendingOf('b')]).toEqual([0, 600 - lost['b']!])
      expect(ledger.difference('logging')).toBe(0)
      const rest = await drain(queue, 'b')
      expect(rest.at(-1)).toBe('record 299')
      expect(rest.length).toBe(300 - lost['b']! / 2)
      expect(await drain(queue, 'c')).toEqual(rest)
      expect(account()).toMatchObject({ sent: 600 - lost['b']!, pending: 0 })
      expect(ledger.difference('logging')).toBe(0)
      await queue.dispose()
    })

    it('is not confused by an answer that comes after the cap took its records', async () => {
      const queue = await open(['a', 'b'], { ...capped, onLagging })
      await append(queue, 'record 0', 2)
      const underWay = await queue.read('b', 1024)
      for (let i = 1; i < 200; i++) {
        await append(queue, `record ${i}`, 2)
        await drain(queue, 'a')
      }
      await queue.settle('b', underWay)
      expect(queue.pendingOf('b')).toBe(400 - lost['b']!)
      await drain(queue, 'b')
      expect(account()).toMatchObject({ pending: 0, dropped: { lagging: lost['b'] } })
      expect(ledger.difference('logging')).toBe(0)
      await queue.dispose()
    })

    it('reads on when the cap takes the segment that is being read', async () => {
      const queue = await open(['a', 'b'], { ...capped, onLagging })
      for (let i = 0; i < 400; i++) {
        // Reads at different points of the way of an append that makes room.
        const reads = Array.from({ length: 8 }, async (_, turns) => {
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
          return queue.read('b', 100)
        })
        await Promise.all([append(queue, `record ${i}`), ...reads])
        await drain(queue, 'a')
      }
      const rest = await drain(queue, 'b')
      expect([rest.at(-1), rest.length + lost['b']!]).toEqual(['record 399', 400])
      await queue.dispose()
    })

    it('refuses new data while no endpoint takes any, and where nothing may be dropped', async () => {
      for (const rest of [{ onLagging }, {}]) {
        const queue = await open(['a', 'b'], { ...capped, ...rest })
        const fill = async (): Promise<void> => {
          for (let i = 0; i < 300; i++) {
            await append(queue, `record ${i}`)
            if (!('onLagging' in rest)) await drain(queue, 'a')
          }
        }
        await expect(fill()).rejects.toMatchObject({ code: 'WAL_FULL' })
        expect(lost).toEqual({})
        await queue.dispose()
        rmSync(dir, { recursive: true })
      }
    })
  })

  it.each([[['a']], [['a', 'b']]])(
    'skips damaged records for %j, says how many points they held, and does not wait for them',
    async (endpoints) => {
      const queue = await open(endpoints)
      for (let i = 0; i < 5; i++) await append(queue, `record ${i}`, 3)
      await queue.dispose()
      const name = readdirSync(dir).find((file) => file.endsWith('.log'))
      const bytes = readFileSync(join(dir, name!))
      bytes[(HEADER_BYTES + 8) * 2 + HEADER_BYTES + 1]! ^= 0xff
      writeFileSync(join(dir, name!), bytes)
      ledger = createLedger(createMetrics())
      const again = await open(endpoints)
      for (const endpoint of endpoints) {
        expect(await drain(again, endpoint)).toEqual(['record 0', 'record 1', 'record 3', 'record 4'])
        expect(again.pendingOf(endpoint)).toBe(0)
      }
      expect(account()).toMatchObject({ recovered: 15, sent: 12, pending: 0, dropped: { damaged: 3 } })
      expect(ledger.difference('logging')).toBe(0)
      await again.dispose()
    },
  )

  it('goes on behind a segment that was deleted under it', async () => {
    const queue = await open(['a'], { segmentBytes: 200 })
    for (let i = 0; i < 30; i++) await append(queue, `record ${i}`)
    await queue.dispose()
    const segments = readdirSync(dir).filter((file) => file.endsWith('.log'))
    rmSync(join(dir, segments[2]!))
    const again = await open(['a'], { segmentBytes: 200 })
    const texts = await drain(again, 'a')
    expect(texts.at(-1)).toBe('record 29')
    expect(texts.length).toBeLessThan(30)
    expect(again.pendingOf('a')).toBe(0)
    expect(ledger.difference('logging')).toBe(0)
    await again.dispose()
  })

  it('loses nothing when appends race with the end of a drained segment', async () => {
    const queue = await open(['a'])
    const got: string[] = []
    let at = 0
    for (let round = 0; round < 200; round++) {
      await append(queue, `record ${at++}`)
      const records = await queue.read('a', 1024)
      got.push(...records.map((r) => r.payload.toString()))
      // The settle trims the drained log while new records come.
      await Promise.all([queue.settle('a', records), append(queue, `record ${at++}`)])
    }
    got.push(...(await drain(queue, 'a')))
    expect(got).toEqual(Array.from({ length: at }, (_, i) => `record ${i}`))
    expect(account()).toMatchObject({ sent: at, pending: 0, dropped: {} })
    await queue.dispose()
  })

  it('counts what only a removed endpoint held back as sent', async () => {
    const queue = await open(['a', 'b'])
    await append(queue, 'one', 4)
    await drain(queue, 'a')
    await queue.dispose()
    const again = await open(['a'])
    expect(account()).toMatchObject({ fed: 4, sent: 4, pending: 0, recovered: 0 })
    expect(ledger.difference('logging')).toBe(0)
    await again.dispose()
  })

  it('keeps dead letters under their cap, oldest out, counted, from several endpoints at once', async () => {
    const count = { kept: 0, pushed_out: 0 }
    const queue = await open(['a', 'b'], { onDeadLetter: (status, points) => void (count[status] += points) })
    const body = Buffer.alloc(9 * 1024 * 1024)
    await Promise.all(Array.from({ length: 20 }, () => queue.bury(body, 1, { status: 403 })))
    await queue.bury(Buffer.alloc(129 * 1024 * 1024), 1, { status: 413 })
    await queue.dispose()
    const kept = readdirSync(join(dir, 'dead-letter')).filter((file) => file.endsWith('.log'))
    expect(kept.length).toBeLessThanOrEqual(15)
    expect(count.kept).toBe(20)
    expect(count.pushed_out).toBeGreaterThanOrEqual(7)
  })
})
