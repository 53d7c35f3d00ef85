// `datakit pipeline`, its `test` and `bench`, as processes: what DataKit prints is printed, and bad input is named.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const testdata = join(import.meta.dirname, 'testdata')
let dir: string
/** The work directory, with the scripts of the samples. */
let workdir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'cli-'))
  workdir = join(dir, 'work')
  mkdirSync(join(workdir, 'pipeline/logging'), { recursive: true })
  cpSync(join(testdata, 'scripts'), join(workdir, 'pipeline'), { recursive: true })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly out: string
  readonly complaints: string
}

function datakit(...args: readonly string[]): Promise<Ended> {
  const main = join(import.meta.dirname, 'main.ts')
  const env = { ...process.env, DK_DEBUG_WORKDIR: workdir, TZ: 'UTC' }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: dir, env }, (error, out, complaints) =>
      resolve({ code: error ? Number(error.code) : 0, out, complaints }),
    )
  })
}
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}

describe('as DataKit prints it', () => {
  /** What a run takes, and when it was where the script sets no time. */
  const still = (text: string): string =>
    text
      .replace(/cost: \S+(?:µs|ms|ns|s)/, 'cost: 1µs')
      .replace(/"time": (?!1709939203)\d+/, '"time": 1')
      .trimEnd()
  const lineOf = (name: string): string => {
    const [first] = readFileSync(join(testdata, 'samples', name), 'utf8').split('\n', 1)
    return / -T (.*?)(?: --date| --tab)?$/.exec(first!)?.[1] ?? ''
  }
  const cases: Readonly<Record<string, () => string[]>> = {
    'pipeline-broken.txt': () => ['-P', 'broken.p', '-T', 'x'],
    'pipeline-drop.txt': () => ['-P', 'dropme.p', '-T', 'x'],
    'pipeline-file.txt': () => ['-P', 'bench_nginx.p', '-F', join(testdata, 'nginx-3.txt')],
    'pipeline-json.txt': () => ['-P', 'bench_json.p', '-T', lineOf('pipeline-json.txt')],
    'pipeline-missing.txt': () => ['-P', 'nothere.p', '-T', 'x'],
    'pipeline-nginx.txt': () => ['-P', 'bench_nginx.p', '-T', lineOf('pipeline-nginx.txt')],
    'pipeline-nginx-date.txt': () => [
      '-P',
      'bench_nginx.p',
      '-T',
      lineOf('pipeline-nginx-date.txt'),
      '--date',
    ],
    'pipeline-nginx-tab.txt': () => ['-P', 'bench_nginx.p', '-T', lineOf('pipeline-nginx-tab.txt'), '--tab'],
    'pipeline-noargs.txt': () => [],
    'pipeline-nomatch.txt': () => ['-P', 'bench_nginx.p', '-T', 'no match here'],
    'pipeline-rterr.txt': () => ['-P', 'rterr.p', '-T', 'x'],
    'pipeline-types.txt': () => ['-P', 'types.p', '-T', '{"x": 3}'],
  }

  it('has a run for every recorded output', () =>
    expect(readdirSync(join(testdata, 'samples')).toSorted()).toEqual(Object.keys(cases).toSorted()))

  it.each(Object.keys(cases))('%s', async (name) => {
    const [, ...recorded] = readFileSync(join(testdata, 'samples', name), 'utf8')
      .trimEnd()
      .split('\n')
    const { code, out } = await datakit('pipeline', ...cases[name]!())
    expect(still(`${out.trimEnd()}\n`)).toBe(still(recorded.slice(0, -1).join('\n')))
    expect(`[exit ${code}]`).toBe(recorded.at(-1))
  })
})

describe('what cannot be done', () => {
  it.each([
    ['an unknown category', ['-C', 'nope', '-P', 'types.p', '-T', 'x'], 'unknown category nope'],
    ['an unknown namespace', ['-N', 'nope', '-P', 'types.p', '-T', 'x'], 'unknown namespace nope: default,'],
    ['a file that is not there', ['-P', 'types.p', '-F', 'none.txt'], 'none.txt'],
    ['a text that is no point', ['-C', 'metric', '-P', './m.p', '-T', 'no'], '[E]'],
  ])('%s', async (_what, args, said) => {
    file('m.p', 'drop_key(a)\n')
    const { code, out } = await datakit('pipeline', ...args)
    expect(out).toContain(said)
    expect(code).toBe(255)
  })

  it('an empty text', async () => {
    expect((await datakit('pipeline', '-P', 'types.p', '-F', file('empty.txt', ' \n'))).out).toMatch(
      /^\[E\] .*empty\.txt holds no text\n$/,
    )
    expect((await datakit('pipeline', '-P', 'types.p', '-T', '')).out).toContain('usage: datakit pipeline')
  })
})

it('a script of the store comes before a file of its name here; a file wins over a text', async () => {
  file('dropme.p', 'add_key(here, 1)\n')
  const text = file('text.txt', 'from the file\n')
  const { out } = await datakit('pipeline', '-P', 'dropme.p', '-T', 'typed', '-F', text)
  expect(out).toContain('"message": "from the file"')
  expect(out).toContain('drop: true')
})

it('other categories take line protocol; scripts beside a path can be used', async () => {
  file('outer.p', 'use("inner.p")\n')
  file('inner.p', 'rename(b, a)\n')
  const { out } = await datakit('pipeline', '-C', 'M', '-P', './outer.p', '-T', 'cpu,host=h a=1i 5000000000')
  expect(out).toContain('"b": 1')
  expect(out).toContain('"host#": "h"')
  expect(out).toContain('Extracted 1 fields, 1 tags; measurement(M)<source(L),class(O)...>: cpu')
})

describe('pipeline test', () => {
  const value = (v: string) => ({ v, t: 'int' })
  const conformance = (id: string, n: string): string =>
    JSON.stringify({
      id,
      category: 'logging',
      name: 'a.p',
      script: 'cast(n, "int")',
      point: { name: 'app', tags: {}, fields: { n: { v: '7', t: 'string' } }, time: '1' },
      expect: {
        outcome: 'ok',
        point: {
          name: 'app',
          tags: {},
          fields: { n: value(n), status: { v: 'info', t: 'string' } },
          time: '1',
        },
      },
    })
  const studioCase = (name: string, text: string, n: string) => ({
    name,
    sample: { format: 'message', text },
    expect: {
      dropped: false,
      error: null,
      name: null,
      time: null,
      keys: [
        { key: 'message', tag: false, value: { kind: 'str', text } },
        { key: 'n', tag: false, value: { kind: 'int', text: n } },
        { key: 'status', tag: false, value: { kind: 'str', text: 'info' } },
      ],
      created: [],
    },
  })
  const beside = (name: string, script: string, cases: readonly unknown[]): string => {
    writeFileSync(join(workdir, 'pipeline/logging', `${name}.p`), script)
    const path = join(workdir, 'pipeline/logging', `${name}.case.json`)
    writeFileSync(path, JSON.stringify({ cases }))
    return path
  }

  it('runs cases of both kinds and says which fields differ', async () => {
    const corpus = file('c.jsonl', `${conformance('one', '7')}\n\n${conformance('two', '8')}\nnot json\n`)
    const studio = beside('n', 'grok(_, "%{INT:n:int}")\n', [
      studioCase('seven', 'x 7', '7'),
      studioCase('eight', 'x 7', '8'),
    ])
    const { code, out } = await datakit('pipeline', 'test', corpus, studio)
    expect(out.trimEnd().split('\n')).toEqual([
      'c.jsonl: two',
      '  field n: wanted {"t":"int","v":"8"}, got {"t":"int","v":"7"}',
      'c.jsonl: line 3',
      expect.stringContaining('not json'),
      'n.case.json: eight',
      '  n: wanted 8 (int), got 7 (int)',
      '2 passed, 3 failed',
    ])
    expect(code).toBe(1)
  })

  it('is content when all pass', async () => {
    const studio = beside('good', 'grok(_, "%{INT:n:int}")\n', [studioCase('seven', 'x 7', '7')])
    expect(await datakit('pipeline', 'test', studio)).toMatchObject({ code: 0, out: '1 passed, 0 failed\n' })
  })

  it('fails every case of a script that does not compile, and what it cannot read', async () => {
    const broken = beside('broken', 'if true {\n', [studioCase('seven', 'x 7', '7')])
    const odd = beside('odd', 'drop()\n', [{ name: 'x' }])
    const none = beside('none', 'drop()\n', [])
    const { code, out } = await datakit('pipeline', 'test', broken, odd, none, join(dir, 'gone.case.json'))
    expect(out).toContain('seven\n  broken.p:2:1: unclosed left brace')
    expect(out).toMatch(/\[E\] .*odd\.case\.json/)
    expect(out).toMatch(/\[E\] .*none\.case\.json holds no case/)
    expect(out).toMatch(/\[E\] .*gone\.case\.json/)
    expect(out).toMatch(/0 passed, 1 failed\n$/)
    expect(code).toBe(1)
  })
})

describe('pipeline bench', () => {
  const RATE = /^\d+ points\/s, \d+\.\d{3} µs a point\n/
  it('prints the rate and each statement', async () => {
    const lines = file('lines.txt', readFileSync(join(testdata, 'nginx-3.txt'), 'utf8'))
    const { code, out } = await datakit('pipeline', 'bench', '-P', 'bench_nginx.p', '-F', lines, '-n', '2000')
    expect(out).toMatch(RATE)
    expect(out).toContain('0 failed, 0 dropped')
    expect(out).toMatch(/^ {4}3 +\d+\.\d{3} µs {2}grok\(_, /m)
    expect(code).toBe(0)
  })
  it('goes through lanes', async () => {
    const lines = join(testdata, 'nginx-3.txt')
    const args = ['-P', 'bench_nginx.p', '-F', lines, '-n', '3000', '--lanes', '1']
    const { code, out } = await datakit('pipeline', 'bench', ...args)
    expect(out).toMatch(RATE)
    expect(code).toBe(0)
  })
  it.each([
    [['-F', 'x'], 'usage: datakit pipeline bench', 255],
    [['-P', 'types.p', '-F', 'none.txt'], 'none.txt', 255],
    [['-P', 'broken.p', '-F', 'none.txt'], 'broken.p:2:1: unclosed left brace', 255],
    [['-P', 'types.p', '-F', 'x', '-n', 'many'], 'a whole number from 1 on', 255],
  ])('%j', async (args, said, exit) => {
    const { code, out, complaints } = await datakit('pipeline', 'bench', ...args)
    expect(out + complaints).toContain(said)
    expect(code).toBe(exit)
  })
})
