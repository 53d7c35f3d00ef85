// What the corpus does not show: every diagnostic at once, exact int64, scopes, the trace, linked scripts.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { Kind, keyValue, lookup, makePoint, type Point } from '../../point/point.ts'
import { newScriptState } from '../state/state.ts'
import { compileScript, compileScripts } from './compile.ts'
import { scriptErrorText } from './fault.ts'
import type { TraceStep } from './frame.ts'
import { runScript, type RunOutcome } from './run.ts'

const clock = new FakeClock()

function run(
  source: string,
  point: Point = makePoint('p', [], 1n),
  others?: ReadonlyMap<string, string>,
): RunOutcome {
  const { script, firstError } = compileScript({ name: 'a.p', source, ...(others ? { others } : {}) })
  if (!script) throw new Error(scriptErrorText(firstError!))
  return runScript(script, point, {
    category: 'metric',
    environment: { clock, timeZone: 'UTC' },
    state: newScriptState(clock),
  })
}

function field(source: string, key = 'r'): unknown {
  const point = makePoint('p', [], 1n)
  const outcome = run(source, point)
  return outcome.error ? scriptErrorText(outcome.error) : lookup(point, key)?.value
}

describe('diagnostics', () => {
  it('come all at once, each with its span', () => {
    const source = 'add_key(a, nope(1))\nx = [1 2]\nif true {\n  y = = 3\n  frobnicate()\n}\nadd_key(1, 2)\n'
    const { script, diagnostics, firstError } = compileScript({ name: 'a.p', source })
    expect(script).toBeUndefined()
    expect(
      diagnostics.map((d) => [d.code, source.slice(d.labels[0]!.from, d.labels[0]!.to), d.labels[0]!.line]),
    ).toEqual([
      ['PIPELINE_SYNTAX', '2', 2],
      ['PIPELINE_SYNTAX', '=', 4],
      ['PIPELINE_CHECK', 'nope', 1],
      ['PIPELINE_CHECK', 'frobnicate', 5],
      ['PIPELINE_CHECK', '1', 7],
    ])
    expect(scriptErrorText(firstError!)).toBe('a.p:2:8: unexpected: number "2"')
  })

  it('of a used script stand at the call', () => {
    const others = new Map([['b.p', 'nope()']])
    const { diagnostics } = compileScript({ name: 'a.p', source: 'x = 1\nuse("b.p")', others })
    expect(diagnostics).toHaveLength(1)
    expect(diagnostics[0]!.labels[0]).toMatchObject({ line: 2, column: 1 })
    expect(diagnostics[0]!.notes).toContain('in b.p:1:1')
  })

  it('name a circle through two scripts', () => {
    const results = compileScripts(
      new Map([
        ['a.p', 'use("b.p")'],
        ['b.p', 'x = 1\nuse("a.p")'],
      ]),
    )
    expect(scriptErrorText(results.get('a.p')!.firstError!)).toContain(
      'circular dependency: a.p -> b.p -> a.p',
    )
    expect(results.get('b.p')!.script).toBeUndefined()
  })

  it('never throw, whatever the text', () => {
    const pieces = [
      'if',
      'for',
      'in',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      '`',
      'x',
      '1',
      '.',
      ',',
      ';',
      '\n',
      '=',
      '+',
      '#',
      '日',
      '\\',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), (parts) => {
        const result = compileScript({ name: 'a.p', source: parts.join(' ') })
        return (result.script === undefined) === result.diagnostics.length > 0
      }),
      { numRuns: 500 },
    )
  })
})

describe('int64', () => {
  const big = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })
  const operators = {
    '+': (a: bigint, b: bigint) => a + b,
    '-': (a: bigint, b: bigint) => a - b,
    '*': (a: bigint, b: bigint) => a * b,
    '/': (a: bigint, b: bigint) => a / b,
    '%': (a: bigint, b: bigint) => a % b,
  }
  const small = fc.bigInt({ min: -20n, max: 20n })

  it.each(Object.entries(operators))('%s is exact and wraps', (operator, apply) => {
    fc.assert(
      fc.property(fc.oneof(big, small), fc.oneof(big, small), (a, b) => {
        fc.pre(b !== 0n || !'/%'.includes(operator))
        const wanted = BigInt.asIntN(64, apply(a, b))
        const got = field(`a = ${a}\nb = ${b}\nadd_key(r, a ${operator} b)`)
        return !Object.is(got, -0) && BigInt(got as number | bigint) === wanted
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['a = -9223372036854775807 - 1\nadd_key(r, a / -1)', -(2n ** 63n)],
    ['a = 0\nadd_key(r, a * -5)', 0],
    ['a = -4\nadd_key(r, a % 2)', 0],
    ['a = 9007199254740991\nadd_key(r, a + 1)', 9007199254740992n],
    ['a = 9007199254740992\nadd_key(r, a - 1)', 9007199254740991],
  ])('%s', (source, wanted) => {
    expect(Object.is(field(source), wanted)).toBe(true)
  })

  it('keeps 1 and 1.0 apart', () => {
    const point = makePoint('p', [], 1n)
    run('add_key(i, 2 / 2)\nadd_key(f, 2 / 2.0)', point)
    expect(lookup(point, 'i')!.kind).toBe(Kind.int)
    expect(lookup(point, 'f')!.kind).toBe(Kind.float)
  })
})

describe('scopes', () => {
  it.each([
    // A name that may or may not exist outside is decided when it runs.
    ['if c { x = 1 }\nfor i = 0; i < 2; i += 1 {\n  if i == 1 { add_key(r, x == nil) }\n  x = i\n}', true],
    ['x = 1\nif true { x = 2 }\nadd_key(r, x)', 2],
    ['for i = 0; i < 3; i += 1 {\n  if i == 0 { y = 5 }\n  y = i\n}\nadd_key(r, y == nil)', true],
    ['for ; k == nil || k < 3; k = 7 { }\nadd_key(r, k == nil)', true],
    ['n = 0\nfor i in [1, 2] {\n  for i in ["a", "b"] { n += 1 }\n}\nadd_key(r, n)', 4],
  ])('%j', (source, wanted) => {
    expect(field(source)).toBe(wanted)
  })

  it('start anew on every point', () => {
    const { script } = compileScript({
      name: 'a.p',
      source: 'if n == 1 { x = 1 }\nadd_key(r, x)\nif n == 1 { add_key(s, 1) }\ny = x',
    })
    const options = { category: 'metric', environment: { clock, timeZone: 'UTC' } } as const
    for (const n of [1, 2]) {
      const point = makePoint('p', [keyValue('n', Kind.int, n)], 1n)
      runScript(script!, point, options)
      expect(lookup(point, 'r')!.value).toBeNull()
    }
  })
})

describe('runtime errors', () => {
  it('carry the chain of calls', () => {
    const others = new Map([['b.p', 'add_key(q, 1 / zero)']])
    const outcome = run('zero = 0\nuse("b.p")', undefined, others)
    expect(scriptErrorText(outcome.error!)).toBe(
      'b.p:1:14: unsupported rhs data type: nil\nb.p:1:1:\na.p:2:1:',
    )
  })

  it('leave nothing behind for the next point', () => {
    const { script } = compileScript({ name: 'a.p', source: 'for x in [1] { y = 1 / n }\nadd_key(r, 1)' })
    const options = { category: 'metric', environment: { clock, timeZone: 'UTC' } } as const
    const at = (n: number): RunOutcome =>
      runScript(script!, makePoint('p', [keyValue('n', Kind.int, n)], 1n), options)
    expect(at(0).error!.message).toBe('integer division by zero')
    expect(at(1).error).toBeUndefined()
  })
})

describe('trace', () => {
  function stepsOf(source: string): unknown[] {
    let ms = 0
    const { script } = compileScript({ name: 'a.p', source }, { trace: true, now: () => ms++ })
    const steps: TraceStep[] = []
    runScript(script!, makePoint('p', [], 1n), {
      category: 'metric',
      environment: { clock, timeZone: 'UTC' },
      trace: (step) => void steps.push(step),
    })
    return steps.map(({ line, variable, value, elapsedMs }) => [line, variable, value, elapsedMs])
  }

  it('reports every statement with its value and time', () => {
    expect(stepsOf('x = 1 + 2\nif x > 2 {\n  add_key(r, x)\n}')).toEqual([
      [1, 'x', 3, 1],
      [2, undefined, true, 1],
      [3, undefined, undefined, 1],
    ])
  })
  it('reports what a loop decides on and goes over', () => {
    expect(stepsOf('for i = 0; i < 1; i = i + 1 {\n}')).toEqual([
      [1, 'i', 0, 1],
      [1, undefined, true, 1],
      [1, 'i', 1, 1],
      [1, undefined, false, 1],
    ])
    expect(stepsOf('for k in ["a", 2] {\n  x = k\n}')).toEqual([
      [1, 'k', 'a', 0],
      [2, 'x', 'a', 1],
      [1, 'k', 2, 0],
      [2, 'x', 2, 1],
    ])
  })
})

describe('a value that holds itself', () => {
  it('is a runtime error of its point where it has no text', () => {
    const point = makePoint('p', [], 1n)
    const outcome = run('x = [1]\nx[0] = x\nadd_key(a, 1)\nstrfmt(r, "%v", x)', point)
    expect(outcome.error!.message).toContain('holds itself')
    expect(lookup(point, 'a')!.value).toBe(1)
  })
})
