import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { WalLog, type LogOptions } from './log.ts'
import { HEADER_BYTES } from './record.ts'

let dir: string
const open = (rest: Partial<LogOptions> = {}): Promise<WalLog> =>
  WalLog.open({
    dir,
    maxBytes: 64 * 1024 * 1024,
    sync: 'interval',
    clock: new FakeClock(),
    log: silentLogger,
    ...rest,
  })
const files = (): string[] => readdirSync(dir).toSorted()
const payloads = async (log: WalLog, from = 0): Promise<string[]> => {
  const all: string[] = []
  for (let at = from; ;) {
    const { records, next } = await log.read(at, 1024 * 1024)
    if (next === at) return all
    all.push(...records.map((r) => r.payload.toString()))
    at = next
  }
}

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'wal-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('WalLog', () => {
  it('reads back what was appended, after a restart too', async () => {
    const first = await open()
    await Promise.all(['a', 'bb', 'ccc'].map((text) => first.append(Buffer.from(text), text.length, 'm')))
    expect(await payloads(first)).toEqual(['a', 'bb', 'ccc'])
    await first.dispose()
    const second = await open()
    await second.append(Buffer.from('dddd'), 4)
    expect(await payloads(second)).toEqual(['a', 'bb', 'ccc', 'dddd'])
    expect(await second.count(0)).toMatchObject({ points: 10, records: 4 })
    await second.dispose()
  })

  it('keeps what was acknowledged without any close, as after SIGKILL', async () => {
    const log = await open()
    await log.append(Buffer.from('kept'), 1)
    const copy = mkdtempSync(join(tmpdir(), 'wal-killed-'))
    for (const name of files()) writeFileSync(join(copy, name), readFileSync(join(dir, name)))
    const again = await open({ dir: copy })
    expect(await payloads(again)).toEqual(['kept'])
    await again.dispose()
    await log.dispose()
    rmSync(copy, { recursive: true })
  })

  it('cuts a torn tail at every possible length', async () => {
    const log = await open()
    await log.append(Buffer.from('first'), 1)
    await log.append(Buffer.from('second'), 1)
    await log.dispose()
    const path = join(dir, files()[0]!)
    const whole = readFileSync(path)
    const firstEnd = HEADER_BYTES + 5
    for (let cut = firstEnd; cut < whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut))
      const reopened = await open()
      expect(await payloads(reopened)).toEqual(['first'])
      expect(reopened.damagedBytes).toBe(cut - firstEnd)
      await reopened.append(Buffer.from('after'), 1)
      expect(await payloads(reopened)).toEqual(['first', 'after'])
      await reopened.dispose()
      writeFileSync(path, whole)
    }
  })

  it('skips damage in the middle and finds the next whole record', async () => {
    const log = await open()
    for (const text of ['one', 'two', 'three']) await log.append(Buffer.from(text), 1)
    await log.dispose()
    const path = join(dir, files()[0]!)
    const bytes = readFileSync(path)
    bytes[HEADER_BYTES + 3 + HEADER_BYTES]! ^= 0xff
    writeFileSync(path, bytes)
    const reopened = await open()
    expect(await payloads(reopened)).toEqual(['one', 'three'])
    expect(reopened.damagedBytes).toBeGreaterThan(0)
    await reopened.dispose()
  })

  it('refuses at the cap without keeping anything, and takes again after a trim', async () => {
    const log = await open({ maxBytes: 4096, segmentBytes: 1024 })
    const record = Buffer.alloc(300)
    const tryAppend = (): Promise<unknown> =>
      log.append(record, 1).then(
        () => undefined,
        (error: unknown) => error,
      )
    let kept = 0
    let failure = await tryAppend()
    for (; failure === undefined; kept++) failure = await tryAppend()
    expect(failure).toMatchObject({ code: 'WAL_FULL' })
    expect(kept).toBe(Math.floor(4096 / (300 + HEADER_BYTES)))
    expect(await payloads(log)).toHaveLength(kept)
    await log.trim(log.end)
    expect(files()).toHaveLength(1)
    expect(log.bytes).toBe(0)
    await log.append(record, 1)
    expect(await payloads(log, log.start)).toHaveLength(1)
    await log.dispose()
  })

  it('rolls segments and deletes only what lies wholly before the cursor', async () => {
    const log = await open({ segmentBytes: 1000 })
    for (let i = 0; i < 20; i++) await log.append(Buffer.alloc(200, 65 + i), 1)
    const names = files()
    expect(names.length).toBeGreaterThan(3)
    const second = Number(names[1]!.slice(0, 16))
    await log.trim(second + 1)
    expect(files()).toEqual(names.slice(1))
    expect(log.start).toBe(second)
    await log.dispose()
  })

  it('groups appends that come while a write runs and keeps their order', async () => {
    const log = await open()
    const texts = Array.from({ length: 1000 }, (_, i) => `record ${i}`)
    await Promise.all(texts.map((text) => log.append(Buffer.from(text), 1)))
    expect(await payloads(log)).toEqual(texts)
    await log.dispose()
  })

  it('opens any bytes without throwing and never invents a record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (junk) => {
        const log = await open()
        await log.append(Buffer.from('good'), 1)
        await log.dispose()
        appendFileSync(join(dir, files()[0]!), junk)
        const reopened = await open()
        expect(await payloads(reopened)).toEqual(['good'])
        expect(statSync(join(dir, files()[0]!)).size).toBe(HEADER_BYTES + 4)
        await reopened.dispose()
        rmSync(dir, { recursive: true })
      }),
      { numRuns: 40 },
    )
  })

  it('says which directory it cannot open', async () => {
    writeFileSync(join(dir, 'file'), '')
    await expect(open({ dir: join(dir, 'file', 'wal') })).rejects.toMatchObject({
      code: 'WAL_OPEN',
      message: expect.stringContaining(join(dir, 'file', 'wal')),
    })
  })

  it('leaves no timer behind', async () => {
    const clock = new FakeClock()
    const log = await open({ clock })
    expect(clock.pending).toBe(1)
    await log.dispose()
    expect(clock.pending).toBe(0)
  })
})
