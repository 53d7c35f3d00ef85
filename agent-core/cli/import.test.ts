import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDataway, type DatawayFixture } from '../../e2e/fixtures/dataway.ts'
import { importCommand } from './import.ts'

let path: string
let dataway: DatawayFixture
let printed: string[] = []

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'import-'))
  dataway = await startDataway()
  printed = []
  for (const channel of ['log', 'error'] as const)
    vi.spyOn(console, channel).mockImplementation((text: unknown) => void printed.push(String(text)))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await dataway.close()
  rmSync(path, { recursive: true, force: true })
})

function put(file: string, text: string): void {
  mkdirSync(join(path, file, '..'), { recursive: true })
  writeFileSync(join(path, file), text)
}

describe('datakit import', () => {
  it('sends each file with its last point moved to now', async () => {
    put('metric/cpu.1.lp', 'cpu v=1i 1000000000\ncpu v=2i 3000000000\n')
    put('logging/a.2.pbjson', '{"arr":[{"name":"a","fields":[{"key":"message","s":"m"}],"time":"5"}]}')
    put('logging/notes.txt', 'left alone')
    const before = BigInt(Date.now()) * 1_000_000n
    expect(await importCommand({ path, dataway: dataway.url })).toBe(true)
    const after = BigInt(Date.now() + 1) * 1_000_000n
    expect(printed).toEqual([
      '> Uploading "a.2.pbjson"(1 points) on logging...',
      '> Uploading "cpu.1.lp"(2 points) on metric...',
      expect.stringMatching(/^Total upload \d+ bytes ok$/),
    ])
    const [first, last] = dataway.points('metric')
    expect(last!.time - first!.time).toBe(2_000_000_000n)
    for (const { time } of [last!, ...dataway.points('logging')]) {
      expect(time).toBeGreaterThanOrEqual(before)
      expect(time).toBeLessThanOrEqual(after)
    }
  })

  it('goes on behind a file that fails, and fails itself', async () => {
    put('metric/bad.1.lp', 'no line')
    put('metric/good.2.lp', 'cpu v=1i 1')
    put('object/refused.3.lp', 'o v=1i 1')
    dataway.otherwise = ({ category }) => (category === 'object' ? 403 : 200)
    expect(await importCommand({ path, dataway: dataway.url })).toBe(false)
    expect(dataway.points('metric')).toHaveLength(1)
    expect(printed.filter((line) => line.startsWith('[E]'))).toEqual([
      expect.stringContaining('bad.1.lp'),
      '[E] refused.3.lp: the DataWay answered 403',
    ])
    expect(printed.join('\n')).not.toContain('tkn_')
    expect(await importCommand({ path })).toBe(false)
  })
})
