import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { keyValue, Kind, makePoint } from '../../point/point.ts'
import { encodePoints } from '../../point/protobuf.ts'
import { readRecorded, recordedFiles } from './recorded-files.ts'
import { Recorder, type RecorderSettings } from './recorder.ts'

let dir = ''
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'recorder-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const fragment = encodePoints([
  makePoint('cpu', [keyValue('n', Kind.int, 9007199254740993n)], 1_000n),
  makePoint('cpu', [keyValue('n', Kind.int, 2)], 3_000n),
])

async function record(
  settings: Partial<RecorderSettings>,
  feeds: readonly [Parameters<Recorder['listen']>[0], string][],
) {
  const clock = new FakeClock(1_700_000_000_000)
  const all = {
    enabled: true,
    path: dir,
    encoding: 'v2',
    durationMs: 1000,
    inputs: [],
    categories: [],
  } as const
  const recorder = new Recorder({ ...all, ...settings }, clock)
  for (const [category, source] of feeds) recorder.listen(category, fragment, 2, source)
  await clock.advance(2000)
  recorder.listen('metric', fragment, 2, 'late')
  await recorder.dispose()
  return {
    clock,
    names: readdirSync(dir, { recursive: true })
      .map(String)
      .filter((n) => n.includes('.'))
      .toSorted(),
  }
}

describe('the recorder', () => {
  it('writes a file a feed until its time is over', async () => {
    const { names } = await record({}, [
      ['metric', 'cpu'],
      ['logging', 'pipeline/create_point'],
    ])
    expect(names).toEqual([
      'logging/pipeline-create_point.1700000000000000001.pbjson',
      'metric/cpu.1700000000000000000.pbjson',
    ])
    expect(JSON.parse(readFileSync(join(dir, names[1]!), 'utf8'))).toMatchObject({
      arr: [{ name: 'cpu' }, { name: 'cpu' }],
    })
  })

  it('keeps to its inputs and categories', async () => {
    const { names } = await record({ inputs: ['cpu'], categories: ['metric'] }, [
      ['metric', 'cpu'],
      ['logging', 'cpu'],
      ['metric', 'mem'],
    ])
    expect(names).toHaveLength(1)
  })

  it.each(['v1', 'v2'] as const)('%s files come back exact, moved to now', async (encoding) => {
    await record({ encoding }, [['metric', 'cpu']])
    const [file] = await recordedFiles(dir)
    const points = await readRecorded(file!, 10_000_000n)
    expect(points).toMatchObject({
      ok: true,
      value: [{ time: 9_998_000n, kvs: [{ value: 9007199254740993n }] }, { time: 10_000_000n }],
    })
  })
})
