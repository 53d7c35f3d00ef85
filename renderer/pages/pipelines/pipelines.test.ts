// The studio's models: typed diff, trace, costs, samples, tree, drafts, grok marks.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type {
  PointView,
  SampleResult,
  ScriptInfo,
  TraceStepView,
  TypedValue,
} from '../../../agent-core/contract/index.ts'
import { createDraftStore } from './drafts.ts'
import { countChanges, diffPoints } from './field-diff.ts'
import { grokPieces } from './grok-marks.ts'
import { microQuantity } from './micro.ts'
import { dotOf, expectationOf, freeName, sampleTitle, verdictOf } from './samples.ts'
import { branchesOf, scriptFileName } from './script-tree.ts'
import { lineCosts, traceRows } from './trace.ts'
import { pointJson, timeOf, valueText } from './typed-text.ts'

const str = (text: string): TypedValue => ({ kind: 'str', text })
const int = (text: string): TypedValue => ({ kind: 'int', text })
const float = (text: string): TypedValue => ({ kind: 'float', text })

const point = (
  keys: Record<string, TypedValue>,
  tags: Record<string, string> = {},
  time = '1',
): PointView => ({
  name: 'app',
  time,
  keys: [
    ...Object.entries(tags).map(([key, text]) => ({ key, tag: true, value: str(text) })),
    ...Object.entries(keys).map(([key, value]) => ({ key, tag: false, value })),
  ],
})

const step = (line: number, rest: Partial<TraceStepView> = {}): TraceStepView => ({
  file: 'x.p',
  from: 0,
  to: 1,
  line,
  column: 1,
  text: 'grok(_, "x")',
  variable: null,
  value: null,
  changes: [],
  dropped: false,
  ns: 10,
  ...rest,
})

const result = (rest: Partial<SampleResult> = {}): SampleResult => ({
  before: point({}),
  after: point({}),
  dropped: false,
  created: [],
  error: null,
  steps: [],
  moreSteps: 0,
  ns: 1,
  ...rest,
})

describe('the field diff', () => {
  const rows = diffPoints(
    point({ gone: int('1'), same: str('a'), text: str('1'), value: int('1') }, { host: 'h' }, '1'),
    point({ same: str('a'), text: int('1'), value: int('2'), fresh: float('1'), host: str('h') }, {}, '9'),
    [
      step(2, { changes: [{ key: 'fresh', before: null, after: { tag: false, value: float('1') } }] }),
      step(4, { changes: [{ key: 'fresh', before: null, after: null }] }),
      step(4, { changes: [{ key: 'fresh', before: null, after: null }] }),
    ],
  )
  const changeOf = (key: string) => rows.find((row) => row.key === key)?.change

  it('tells added, changed, other type, removed and same apart', () => {
    expect(['fresh', 'value', 'text', 'gone', 'same'].map(changeOf)).toEqual([
      'added',
      'changed',
      'type',
      'removed',
      'same',
    ])
  })
  it('sees a tag that became a field', () => expect(changeOf('host')).toBe('type'))
  it('shows name and time only where they changed', () => {
    expect(changeOf('(time)')).toBe('changed')
    expect(changeOf('(name)')).toBeUndefined()
  })
  it('puts changes first and what is the same last', () =>
    expect(rows.map(({ key }) => key)).toEqual(['fresh', '(time)', 'host', 'text', 'value', 'gone', 'same']))
  it('names each line that touched a key once, in order', () =>
    expect(rows.find(({ key }) => key === 'fresh')!.lines).toEqual([2, 4]))
  it('counts', () => expect(countChanges(rows)).toEqual({ added: 1, changed: 4, removed: 1 }))
  it('of a point with itself has no change', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (texts) => {
        const one = point(Object.fromEntries(Object.entries(texts).map(([k, v]) => [k, str(v)])))
        expect(diffPoints(one, one).every(({ change }) => change === 'same')).toBe(true)
      }),
    )
  })
})
describe('typed text', () => {
  it('keeps text and number apart', () =>
    expect([valueText(str('1')), valueText(int('1'))]).toEqual(['"1"', '1']))
  it('writes an int64 digit by digit and a float with its point', () => {
    const json = pointJson(point({ big: int('9223372036854775807'), whole: float('3'), odd: float('NaN') }))
    expect(json).toContain('"big": 9223372036854775807')
    expect(json).toContain('"whole": 3.0')
    expect(json).toContain('"odd": "NaN"')
    expect(() => JSON.parse(json) as unknown).not.toThrow()
  })
  it('is JSON whatever the keys and values are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, text) => {
        const parsed = JSON.parse(pointJson(point({ [`k${key}`]: str(text) }))) as {
          fields: Record<string, string>
        }
        expect(parsed.fields[`k${key}`]).toBe(text)
      }),
    )
  })
  it('reads ns as ms', () =>
    expect([timeOf('1709939203000000000'), timeOf('x')]).toEqual([1709939203000, undefined]))
})

describe('the step trace', () => {
  it('says what a statement did to the point, else what it gave', () => {
    const rows = traceRows(
      result({
        steps: [
          step(1, { changes: [{ key: 'a', before: null, after: { tag: false, value: int('1') } }] }),
          step(2, { text: 'x = 1', variable: 'x', value: int('1') }),
          step(3, { text: 'if size > 1', value: { kind: 'bool', text: 'true' } }),
          step(4, { text: 'drop()', dropped: true, value: { kind: 'void', text: '' } }),
          step(5, { text: 'nullif(a, 1)', value: { kind: 'void', text: '' } }),
        ],
      }),
    )
    expect(rows.map(({ name, effects }) => [name, effects[0]!.kind])).toEqual([
      ['grok', 'added'],
      ['=', 'assigned'],
      ['if', 'value'],
      ['drop', 'dropped'],
      ['nullif', 'none'],
    ])
  })
  it('counts a block once: the outermost statement of a line', () => {
    const cost = (line: number, from: number, to: number, ns: number) => ({
      line,
      from,
      to,
      column: 1,
      runs: 2,
      ns,
    })
    const costs = lineCosts(
      [cost(1, 0, 50, 100), cost(1, 10, 20, 40), cost(2, 21, 30, 60), cost(2, 31, 40, 20)],
      2,
    )
    expect([...costs.values()].map(({ line, ns }) => [line, ns])).toEqual([
      [1, 50],
      [2, 40],
    ])
    expect(costs.get(1)!.share).toBe(1)
  })
  it('leaves statements that never ran without a figure', () =>
    expect(lineCosts([{ line: 1, from: 0, to: 1, column: 1, runs: 0, ns: 0 }], 1).size).toBe(0))
})

describe('samples', () => {
  const changed = result({ after: point({ a: int('1') }) })
  it('have a verdict', () => {
    const of = (one: SampleResult | undefined) => verdictOf(one).kind
    expect([
      of(undefined),
      of(changed),
      of(result()),
      of(result({ dropped: true })),
      of(result({ error: { message: 'x', chain: [] } })),
      of(result({ before: null, after: null })),
    ]).toEqual(['pending', 'changed', 'unchanged', 'dropped', 'error', 'error'])
  })
  it('whose only change is the status that every log gets did not match', () =>
    expect(verdictOf(result({ after: point({ status: str('info') }) })).kind).toBe('unchanged'))
  it('that are cases say whether they pass', () => {
    const differences = [{ where: 'a', expected: int('1'), actual: null }]
    const failed = verdictOf(changed, { name: 'c', passed: false, differences, result: changed })
    expect([failed, dotOf(failed)]).toEqual([{ kind: 'differs', count: 1 }, 'bad'])
  })
  it('leave the time of a message open in a case unless the script set it', () => {
    const message = { format: 'message', text: 'x' } as const
    expect(expectationOf(message, changed).time).toBeNull()
    expect(expectationOf(message, result({ after: point({}, {}, '7') })).time).toBe('7')
    expect(expectationOf({ format: 'json', text: '[]' }, changed).time).toBe('1')
  })
  it('have a title of one line', () => {
    const entry = { id: '1', origin: 'typed' as const, name: undefined }
    expect(sampleTitle({ ...entry, sample: { format: 'message', text: '\n first\nsecond' } })).toBe('first')
    const long = sampleTitle({ ...entry, sample: { format: 'message', text: 'x'.repeat(500) } })
    expect(long).toHaveLength(81)
  })
  it('find a free name', () => {
    expect(freeName('GET /a b', [])).toBe('get-a-b')
    expect(freeName('GET /a b', ['get-a-b', 'get-a-b-2'])).toBe('get-a-b-3')
    expect(freeName('///', [])).toBe('case')
  })
})

describe('the tree', () => {
  const info = (rest: Partial<ScriptInfo>): ScriptInfo => ({
    category: 'logging',
    namespace: 'default',
    name: 'a.p',
    state: 'ok',
    active: true,
    editable: true,
    file: null,
    isDefault: false,
    sources: [],
    points: 0,
    dropped: 0,
    errors: 0,
    avgCostNs: null,
    cases: 0,
    problem: null,
    updatedAt: null,
    ...rest,
  })
  const scripts = [
    info({ name: 'z.p', namespace: 'remote' }),
    info({ name: 'b.p' }),
    info({ name: 'a.p', sources: ['Nginx'] }),
    info({ name: 'm.p', category: 'metric' }),
  ]
  it('orders by namespace, category, name', () => {
    const branches = branchesOf(scripts, new Set(['default/logging/b.p']), '')
    expect(branches.map(({ id, scripts: of }) => [id, of.map(({ info: one }) => one.name)])).toEqual([
      ['default/logging', ['a.p', 'b.p']],
      ['default/metric', ['m.p']],
      ['remote/logging', ['z.p']],
    ])
    expect(branches[0]!.scripts.map(({ edited }) => edited)).toEqual([false, true])
  })
  it('finds by source in any case', () =>
    expect(
      branchesOf(scripts, new Set(), 'nginx').flatMap(({ scripts: of }) => of.map(({ key }) => key)),
    ).toEqual(['default/logging/a.p']))
  it('makes a file name of what was typed, or nothing', () => {
    expect(['nginx', ' x.p ', '日志', '../x', 'a/b', '.p', '', 'a:b'].map(scriptFileName)).toEqual([
      'nginx.p',
      'x.p',
      '日志.p',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('drafts', () => {
  function storage(): Storage {
    const items: Record<string, string> = {}
    return Object.assign(
      Object.create({
        getItem: (key: string) => items[key] ?? null,
        setItem(this: Record<string, string>, key: string, value: string) {
          items[key] = value
          this[key] = value
        },
        removeItem(this: Record<string, string>, key: string) {
          delete items[key]
          delete this[key]
        },
      }),
    ) as Storage
  }
  it('come back as they were', () => {
    const drafts = createDraftStore(storage())
    drafts.write('default/logging/a.p', { text: 'drop()', base: null })
    expect(drafts.read('default/logging/a.p')).toEqual({ text: 'drop()', base: null })
    expect(drafts.keys()).toEqual(['default/logging/a.p'])
    drafts.remove('default/logging/a.p')
    expect(drafts.read('default/logging/a.p')).toBeUndefined()
  })
  it('that somebody else spoilt are none', () => {
    const store = storage()
    store.setItem('datakit.pipelines.draft:x', '{"text":')
    store.setItem('datakit.pipelines.draft:y', '{"text":7}')
    const drafts = createDraftStore(store)
    expect([drafts.read('x'), drafts.read('y')]).toEqual([undefined, undefined])
  })
})

describe('grok marks', () => {
  const capture = (from: number, to: number) => ({ name: 'n', from, to, value: str('') })
  const match = (from: number, to: number, captures: ReturnType<typeof capture>[]) => ({
    matched: true,
    error: null,
    from,
    to,
    captures,
    reach: null,
  })
  it('mark the innermost capture', () => {
    const pieces = grokPieces('ab cd!', match(0, 5, [capture(0, 5), capture(3, 5)]))
    expect(pieces.map(({ text, capture: at, matched }) => [text, at, matched])).toEqual([
      ['ab ', 0, true],
      ['cd', 1, true],
      ['!', undefined, false],
    ])
  })
  it('lose no character whatever is captured', () => {
    const span = fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => capture(Math.min(a, b), Math.max(a, b)))
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(span), (text, captures) => {
        const pieces = grokPieces(text, match(0, text.length, captures))
        expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      }),
    )
  })
})

it('times are read against each other in µs', () => {
  const text = (ns: number) => microQuantity(ns, 'en').map(({ value, unit }) => `${value} ${unit}`)[0]
  expect([50, 6100, 12_340, 123_456, 2_500_000, 3e9].map(text)).toEqual([
    '0.05 µs',
    '6.10 µs',
    '12.3 µs',
    '123 µs',
    '2.50 ms',
    '3.00 s',
  ])
})
