// The studio's agent side: hints, cases, grok places, points and splitting, without a lane's thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Expectation, Sample, SampleResult } from '../../contract/pipelines.ts'
import { FakeClock } from '../../kernel/clock.ts'
import { ok } from '../../kernel/result.ts'
import { runTask, type Subject, type TaskName, type Tasks } from '../../pipeline/lanes/tasks.ts'
import { expectationDifferences, readCases, writeCases } from './cases.ts'
import { draftPatterns, suggestPatterns, tryGrok } from './grok-bench.ts'
import { compareDrafts } from './measure.ts'
import { splitSamples } from './split.ts'
import { tryDraft } from './trial.ts'

const clock = new FakeClock()
const task = async <K extends TaskName>(name: K, args: Tasks[K]['args']) =>
  ok(runTask(name, args, { clock, timeZone: 'UTC' }))
const run = (args: Tasks['run']['args']) => task('run', args)
const grok = (args: Tasks['grok']['args']) => task('grok', args)
const subject = (source: string): Subject => ({
  category: 'logging',
  name: 'a.p',
  source,
  others: new Map(),
  patterns: new Map(),
})
const message = (text: string): Sample => ({ format: 'message', text })

async function trial(source: string, samples: readonly Sample[], trace = true) {
  const done = await tryDraft(run, clock, subject(source), samples, { trace, timed: true })
  if (!done.ok) throw new Error(done.error.message)
  return done.value
}

describe('a trial', () => {
  it('keeps int64 exact and tells types, drops and created points', async () => {
    const source =
      'add_key(big, 9223372036854775807)\nadd_key(f, 1.0)\ndrop()\ncreate_point("made", {}, {"n": 1})\n'
    const { results } = await trial(source, [message('x')])
    const value = (key: string) => results[0]!.after!.keys.find((one) => one.key === key)?.value
    expect(value('big')).toEqual({ kind: 'int', text: '9223372036854775807' })
    expect(value('f')).toEqual({ kind: 'float', text: '1' })
    expect([results[0]!.dropped, results[0]!.created[0]?.point.name]).toEqual([true, 'made'])
  })
  it('tells what each statement did, and where', async () => {
    const { results, statements } = await trial('x = 1\nadd_key(a, x)\n', [message('m')])
    expect(
      results[0]!.steps.map(({ line, variable, changes }) => [line, variable, changes.map(({ key }) => key)]),
    ).toEqual([
      [1, 'x', []],
      [2, null, ['a']],
    ])
    expect(statements.map(({ line, runs }) => [line, runs])).toEqual([
      [1, 1],
      [2, 1],
    ])
  })
  it('shows conditions with what they gave', async () => {
    const source = 'if message == "x" {\n  a = 1\n} elif message == "m" {\n  b = 2\n}\n'
    const { results } = await trial(source, [message('m')])
    expect(results[0]!.steps.map(({ line, text, value }) => [line, text, value?.text])).toEqual([
      [1, 'if message == "x"', 'false'],
      [3, 'elif message == "m"', 'true'],
      [4, 'b = 2', '2'],
    ])
  })
  it('has a runtime error with its place, and goes on with the next sample', async () => {
    const { results } = await trial('add_key(a, 1 / len(message))\n', [message(''), message('ab')])
    expect(results[0]!.error!.chain[0]).toMatchObject({ file: 'a.p', line: 1, column: 14 })
    expect(results[1]!.error).toBeNull()
  })
  it('says what is wrong with a sample in its place', async () => {
    const bad: Sample = { format: 'line-protocol', text: 'no' }
    const good: Sample = { format: 'line-protocol', text: 'm,t=1 f=2i 1000000000' }
    const { results } = await trial('drop_key(t)\n', [bad, good])
    expect(results[0]).toMatchObject({ before: null, error: { chain: [] } })
    expect(results[1]!.after!.keys.map(({ key }) => key)).toEqual(expect.arrayContaining(['f']))
  })
  it('has every diagnostic and no results when the script does not compile', async () => {
    const { diagnostics, results } = await trial('nope()\nalso_nope()\n', [message('x')])
    expect([diagnostics.length, results]).toEqual([2, []])
  })
})

describe('grok', () => {
  const attempt = async (pattern: string, text: string, patterns = new Map<string, string>()) => {
    const done = await tryGrok(grok, { pattern, text, patterns })
    if (!done.ok) throw new Error(done.error.message)
    return done.value
  }
  it('places captures in the text, equal ones too', async () => {
    const { from, to, captures } = await attempt('%{NOTSPACE:a} %{NOTSPACE:b} %{INT:n:int}', 'x - - 7')
    expect([from, to]).toEqual([2, 7])
    expect(captures.map(({ name, value }) => [name, value.kind, value.text])).toEqual([
      ['a', 'str', '-'],
      ['b', 'str', '-'],
      ['n', 'int', '7'],
    ])
    expect(captures.map((one) => one.from)).toEqual([2, 4, 6])
  })
  it('says how far a pattern reaches that does not match', async () => {
    const { matched, reach } = await attempt('%{IP:ip} %{INT:code}', '10.0.0.1 none')
    expect([matched, reach]).toEqual([false, { pattern: '%{IP:ip} '.length, text: 9 }])
  })
  it('says what does not compile', async () =>
    expect((await attempt('%{NOPE:x}', 'x')).error?.message).toContain('NOPE'))
  it('uses patterns that the draft adds', async () => {
    const patterns = draftPatterns('add_pattern("mine", "[a-c]+\\\\d")\n')
    expect((await attempt('%{mine:m}', 'abc1', patterns)).matched).toBe(true)
  })
  it('suggests the most telling pattern first', async () => {
    const of = async (text: string) => (await suggestPatterns(grok, text))[0]?.pattern
    expect([await of('10.0.0.1'), await of('42'), await of('')]).toEqual(['IP', 'INT', undefined])
  })
})

describe('cases', () => {
  let dir: string
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'cases-'))))
  afterEach(() => rmSync(dir, { recursive: true, force: true }))
  const expectation: Expectation = {
    dropped: false,
    error: null,
    name: null,
    time: null,
    keys: [{ key: 'n', tag: false, value: { kind: 'int', text: '1' } }],
    created: [],
  }
  const result = (kind: 'int' | 'str', rest: Partial<SampleResult> = {}): SampleResult => ({
    before: null,
    after: { name: 'a', time: '1', keys: [{ key: 'n', tag: false, value: { kind, text: '1' } }] },
    dropped: false,
    created: [],
    error: null,
    steps: [],
    moreSteps: 0,
    ns: 0,
    ...rest,
  })
  it('stand beside the script', async () => {
    const file = join(dir, 'a.p')
    const one = { name: 'c', sample: message('x'), expect: expectation }
    expect((await writeCases(file, [one])).ok).toBe(true)
    expect(await readCases(file)).toEqual(ok([one]))
    await writeCases(file, [])
    expect(await readCases(file)).toEqual(ok([]))
  })
  it('differ by type, by fate and by error', () => {
    expect(expectationDifferences(expectation, result('int'))).toEqual([])
    expect(expectationDifferences(expectation, result('str')).map(({ where }) => where)).toEqual(['n'])
    const odd = result('int', { dropped: true, error: { message: 'e', chain: [] } })
    expect(expectationDifferences(expectation, odd).map(({ where }) => where)).toEqual([
      '(error)',
      '(dropped)',
    ])
  })
})

it('tells what a draft would change on points', async () => {
  const stored = ['1', '2', 'x'].map((text) => ({
    name: 's',
    tags: {},
    fields: { message: { t: 'string', v: text } },
    time: '1',
  }))
  const seen: unknown[] = []
  const lanes = { task } as unknown as Parameters<typeof compareDrafts>[0]
  const next = async () => ok({ points: stored, scanned: 5, last: true })
  const saved = subject('add_key(a, 1)\n')
  const draft = subject('add_key(a, "1")\nif message == "x" { drop() }\n')
  await compareDrafts(
    lanes,
    { draft, saved, limit: 100, next },
    (one) => void seen.push(one),
    new AbortController().signal,
  )
  expect(seen.at(-1)).toMatchObject({
    done: true,
    total: 5,
    others: 2,
    changed: 3,
    newDrops: 1,
    keys: [{ key: 'a', change: 'type', points: 3 }],
  })
})

describe('a file', () => {
  it('becomes samples of its format', () => {
    expect(splitSamples('a=1 hello\n\nworld\n', null).samples.map(({ format }) => format)).toEqual([
      'message',
      'message',
    ])
    expect(splitSamples('m f=1i 1\nm f=2i 2', null).samples.map(({ format }) => format)).toEqual([
      'line-protocol',
      'line-protocol',
    ])
    const json = splitSamples('[{"measurement":"m","fields":{"a":1}}]', null).samples
    expect(json.map(({ format }) => format)).toEqual(['json'])
  })
  it('of more than a thousand lines says how many are left', () =>
    expect(splitSamples('x\n'.repeat(1500), 'message')).toMatchObject({ more: 500 }))
})
