import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { compareValues, judge, type Corpus } from './corpus.ts'
import { runCases } from './run.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Runs the script on a folder with these files. */
function run(files: Readonly<Record<string, object>>) {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  folders.push(folder)
  for (const [name, test] of Object.entries(files))
    writeFileSync(join(folder, name), `${JSON.stringify(test)}\n`)
  const script = join(import.meta.dirname, '../conformance.ts')
  const { status, stdout } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })
  return { status, lines: stdout.trim().split('\n') }
}

const filter = (dropped: boolean) => ({
  id: 'one',
  category: 'logging',
  rules: ["{ host = 'a' }"],
  point: { name: 'm', tags: { host: 'a' }, fields: {} },
  expect: { dropped, ...(dropped ? { rule: 0 } : {}) },
})

describe('npm run conformance', () => {
  it('sums up what passes and names what no corpus reads', () => {
    const { status, lines } = run({
      'filters-x.jsonl': filter(true),
      'traces-zipkin-public.jsonl': { id: 'z' },
    })
    expect(lines).toEqual([
      'filters: 1 passed, 0 failed',
      'skipped: traces-zipkin (no such input yet)',
      '1 passed, 0 failed',
    ])
    expect(status).toBe(0)
  })

  it('shows the first failures field by field and exits 1', () => {
    const { status, lines } = run({ 'filters-x.jsonl': filter(false) })
    expect(lines).toEqual([
      'filters one',
      '  dropped: expected false, got true',
      '  rule: expected nothing, got 0',
      'filters: 0 passed, 1 failed',
      '0 passed, 1 failed',
    ])
    expect(status).toBe(1)
  })

  it('fails when a folder holds no corpus', () => {
    expect(run({}).status).toBe(1)
  })
})

describe('a case', () => {
  it('that throws has failed', async () => {
    const corpus: Corpus = {
      prefix: 'x',
      run: () => {
        throw new Error('broken')
      },
    }
    const { passed, failed } = await runCases(corpus, [{ id: 'a' }])
    expect([passed, failed[0]?.differences[0]?.path]).toEqual([0, 'thrown'])
  })

  it('departs only from a quirk that is on record', () => {
    const differences = compareValues({ a: [1, 2] }, { a: [1, 3] })
    expect(differences).toEqual([{ path: 'a.1', expected: 2, got: 3 }])
    const departures = [{ rule: 'r', quirk: /odd/ }]
    expect(judge({ id: 'a', quirk: 'odd thing' }, differences, departures)).toEqual({
      kind: 'departed',
      rule: 'r',
    })
    expect(judge({ id: 'a', quirk: 'other' }, differences, departures).kind).toBe('failed')
    expect(judge({ id: 'a' }, differences, departures).kind).toBe('failed')
  })
})
