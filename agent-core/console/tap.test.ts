// The tap from outside: over the contract, and as `datakit tap` through the control file.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tapCommand } from '../cli/tap.ts'
import type { TapArgs, TapEventView } from '../contract/tap.ts'
import type { ControlFile } from './control.ts'
import { createHostedAgent, type HostedAgent } from './hosted-agent.ts'

let dir: string
let agent: HostedAgent
let listen = 0

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tap-'))
  mkdirSync(join(dir, 'conf.d'))
  listen = 20_000 + Math.floor(Math.random() * 20_000)
  writeFileSync(
    join(dir, 'conf.d/datakit.conf'),
    `default_enabled_inputs = []\n[http_api]\nlisten = "127.0.0.1:${listen}"\n`,
  )
  agent = createHostedAgent({ workdir: dir, mode: 'headless', version: '0.0.0' })
  await agent.start()
})
afterEach(async () => {
  await agent.stop()
  rmSync(dir, { recursive: true, force: true })
})

const post = (lines: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${listen}/v1/write/logging`, { method: 'POST', body: lines })
const ARGS: TapArgs = { places: ['queued'], categories: ['logging'], filter: '', perSecond: 100 }
const command = (args: TapArgs, out: string[], complaints: string[] = [], count = 1): Promise<boolean> =>
  tapCommand({
    workdir: dir,
    args,
    count,
    out: { write: (text: string) => out.push(text) },
    complain: (text) => complaints.push(text),
  })

describe('datakit tap', () => {
  it('shows points of the running agent as JSON lines, secrets masked', async () => {
    const out: string[] = []
    const ended = command({ ...ARGS, filter: "{ source = 'app' }" }, out)
    const line =
      'app,user=joe message="token tkn_0123456789abcdef0123 sent",password="hunter2",n=9007199254740993i'
    // Again until the tap is open.
    await vi.waitFor(async () => {
      await post(`other m="x"\n${line}`)
      expect(out).toHaveLength(1)
    })
    expect(await ended).toBe(true)
    const event = JSON.parse(out[0]!) as TapEventView
    expect(event).toMatchObject({
      place: 'queued',
      category: 'logging',
      source: 'v1-write.logging',
      point: {
        name: 'app',
        tags: { user: 'joe' },
        fields: { message: 'token (secret) sent', password: '(secret)', n: '9007199254740993' },
      },
    })
  })

  it('says what is wrong with a filter, and when no agent runs', async () => {
    const complaints: string[] = []
    expect(await command({ ...ARGS, filter: '{ a == }' }, [], complaints)).toBe(false)
    expect(complaints.join()).toContain('Filter rule does not parse')
    await agent.stop()
    expect(existsSync(join(dir, 'data/control.json'))).toBe(false)
    expect(await command(ARGS, [], complaints)).toBe(false)
    expect(complaints.at(-1)).toContain('No agent of yours runs here')
  })

  it('lets nobody in without the token, nor any web page', async () => {
    const file = join(dir, 'data/control.json')
    const { port, token } = JSON.parse(readFileSync(file, 'utf8')) as ControlFile
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/nothing`, { method: 'POST', headers })).status
    expect(await status({})).toBe(403)
    expect(await status({ authorization: 'Bearer x' })).toBe(403)
    expect(await status({ authorization: `Bearer ${token}`, origin: 'http://127.0.0.1' })).toBe(403)
    expect(await status({ authorization: `Bearer ${token}` })).toBe(404)
  })
})

describe('tap.watch', () => {
  it('streams events and ends with the reason of a bad category', async () => {
    const sent: string[] = []
    const session = agent.console.connect((message) => void sent.push(JSON.stringify(message)))
    session.receive({ t: 'open', id: 1, stream: 'tap.watch', args: ARGS, credit: 10 })
    session.receive({
      t: 'open',
      id: 2,
      stream: 'tap.watch',
      args: { ...ARGS, categories: ['x'] },
      credit: 10,
    })
    await vi.waitFor(async () => {
      await post('app m="x"')
      expect(sent.join('\n')).toContain('"place":"queued"')
    })
    expect(sent.join('\n')).toContain('IO_NO_CATEGORY')
    await session.dispose()
  })
})
