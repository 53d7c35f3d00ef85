// From [recorder] of one agent by `datakit import` into another.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAgent, type Agent } from '../agent.ts'
import { lookup } from '../point/point.ts'
import { importCommand } from './import.ts'

let dir: string
const agents: Agent[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'import-'))
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()))
  vi.restoreAllMocks()
  rmSync(dir, { recursive: true, force: true })
})

async function start(name: string, rest = ''): Promise<Agent> {
  const workdir = join(dir, name)
  mkdirSync(join(workdir, 'conf.d'), { recursive: true })
  const conf = `default_enabled_inputs = []\n[http_api]\nlisten = "127.0.0.1:0"\n${rest}`
  writeFileSync(join(workdir, 'conf.d/datakit.conf'), conf)
  const agent = createAgent({ workdir, mode: 'headless', version: '0.0.0', env: {}, offline: true })
  agents.push(agent)
  await agent.start()
  return agent
}

/** Two logs a minute apart, an hour old. */
async function record(encoding: string): Promise<string> {
  const path = join(dir, 'recorded')
  const agent = await start(
    'first',
    `[recorder]\nenabled = true\npath = "${path}"\nencoding = "${encoding}"\n`,
  )
  const then = BigInt(Date.now() - 3_600_000) * 1_000_000n
  const lines = `shop,h=a message="one",n=9007199254740993i ${then}\nshop message="two" ${then + 60_000_000_000n}`
  const url = `http://127.0.0.1:${agent.http.port()}/v1/write/logging`
  expect((await fetch(url, { method: 'POST', body: lines })).status).toBe(200)
  await agent.stop()
  return path
}

describe('recorded files', () => {
  it.each(['v1', 'v2'])('of encoding %s arrive in another agent, moved to now', async (encoding) => {
    const path = await record(encoding)
    const other = await start('second')
    const dataway = `http://127.0.0.1:${other.http.port()}?token=tkn_0123456789abcdef0123456789abcdef`
    const before = Date.now()
    expect(await importCommand({ path, dataway })).toBe(true)
    expect(vi.mocked(console.log).mock.calls.flat().join('\n')).toMatch(
      /^> Uploading ".+"\(2 points\) on logging\.\.\.\nTotal upload \d+ bytes ok$/,
    )
    await other.store.flush()
    const page = await other.store.recentPoints({ category: 'logging', limit: 10 })
    if (!page.ok) throw page.error
    const found = page.value.points.map(({ point }) => point).toSorted((a, b) => Number(a.time - b.time))
    expect(found.map((point) => lookup(point, 'message')?.value)).toEqual(['one', 'two'])
    expect(lookup(found[0]!, 'n')?.value).toBe(9007199254740993n)
    expect(found[1]!.time - found[0]!.time).toBe(60_000_000_000n)
    expect(Number(found[1]!.time / 1_000_000n)).toBeGreaterThanOrEqual(before)
  })

  it('that cannot be read or delivered are named; the others go on', async () => {
    const path = await record('v2')
    writeFileSync(join(path, 'logging/odd.1.pbjson'), '{"arr": nonsense')
    const other = await start('second')
    const dataway = `http://127.0.0.1:${other.http.port()}?token=tkn_0123456789abcdef0123456789abcdef`
    expect(await importCommand({ path, dataway })).toBe(false)
    expect(vi.mocked(console.error).mock.calls.flat().join('\n')).toContain('odd.1.pbjson')
    await other.store.flush()
    const page = await other.store.recentPoints({ category: 'logging', limit: 10 })
    expect(page.ok && page.value.points.length).toBe(2)
  })

  it.each([
    [{}, 'usage: datakit import'],
    [{ path: '/', dataway: 'not an address' }, '[E]'],
    [
      { path: '/none/here', dataway: 'http://127.0.0.1:1?token=tkn_0123456789abcdef0123456789abcdef' },
      'none',
    ],
  ])('%j says what is wrong', async (options, said) => {
    expect(await importCommand(options)).toBe(false)
    expect(vi.mocked(console.error).mock.calls.flat().join('\n')).toContain(said)
  })
})
