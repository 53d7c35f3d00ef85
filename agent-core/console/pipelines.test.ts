// The studio's handlers on a running agent: points from the tap and the store, comparison on both, cancellation.
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAgent, type Agent } from '../agent.ts'
import { createClient, type ContractClient } from '../contract/client.ts'
import type { AgentContract, CapturedSample, ImpactProgress, ScriptRef } from '../contract/index.ts'
import { createMemoryBridge } from '../contract/memory-bridge.ts'
import type { ContractHandlers } from '../contract/server.ts'
import { pipelineHandlers } from './pipelines.ts'

// A lane takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })
const SOON = { timeout: 15_000 }

const SHOP: ScriptRef = { category: 'logging', namespace: 'default', name: 'shop.p' }
let dir: string
let agent: Agent
let client: ContractClient<AgentContract>

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'studio-'))
  mkdirSync(join(dir, 'conf.d'))
  mkdirSync(join(dir, 'pipeline/logging'), { recursive: true })
  writeFileSync(join(dir, 'pipeline/logging/shop.p'), 'grok(_, "%{INT:n:int}")\n')
  writeFileSync(
    join(dir, 'conf.d/datakit.conf'),
    'default_enabled_inputs = []\n[http_api]\nlisten = "127.0.0.1:0"\n[pipeline]\nhttp_request_host_whitelist = ["127.0.0.1"]\n',
  )
  agent = createAgent({ workdir: dir, mode: 'headless', version: '0.0.0', env: {}, offline: true })
  await agent.start()
  client = createClient(createMemoryBridge(pipelineHandlers(agent) as unknown as ContractHandlers))
})
afterEach(async () => {
  client.dispose()
  await agent.stop()
  rmSync(dir, { recursive: true, force: true })
})

const post = async (lines: string): Promise<void> => {
  const url = `http://127.0.0.1:${agent.http.port()}/v1/write/logging`
  expect((await fetch(url, { method: 'POST', body: lines })).status).toBe(200)
}

/** Events until the stream has ended, while lines come in. */
async function captured(
  args: Partial<Parameters<typeof client.listen<'pipelines.capture'>>[1]>,
  lines: string,
): Promise<CapturedSample[]> {
  const events: CapturedSample[] = []
  const ended = vi.fn<(error: unknown) => void>()
  const all = {
    category: 'logging' as const,
    place: 'collected' as const,
    source: null,
    filter: '',
    limit: 2,
  }
  const stream = client.listen(
    'pipelines.capture',
    { ...all, ...args },
    { onEvent: (event) => void events.push(event), onEnd: ended },
  )
  await vi.waitFor(async () => {
    await post(lines)
    expect(ended).toHaveBeenCalled()
  }, SOON)
  expect(ended.mock.calls[0]).toEqual([undefined])
  stream.dispose()
  return events
}
const text = ({ sample }: CapturedSample): string => sample.text

describe('samples from the tap', () => {
  it('are the points before scripts, of a source, their secrets hidden', async () => {
    const found = await captured(
      { source: 'shop' },
      'other message="0"\nshop message="7 token tkn_0123456789abcdef0123"',
    )
    expect(found.map(({ source, summary }) => [source, summary])).toEqual([
      ['shop', '7 token (secret)'],
      ['shop', '7 token (secret)'],
    ])
    expect(text(found[0]!)).not.toContain('"n"')
    const { results } = await client.call('pipelines.run', {
      script: SHOP,
      text: 'grok(_, "%{INT:n:int}")\n',
      samples: found.map(({ sample }) => sample),
      trace: true,
    })
    expect(results[0]!.after!.keys.find(({ key }) => key === 'n')?.value).toEqual({ kind: 'int', text: '7' })
  })
  it('are what an expression holds for, also behind scripts', async () => {
    const found = await captured({ place: 'piped', filter: 'n = 8' }, 'shop message="7"\nshop message="8"')
    expect(found.map(({ summary }) => summary)).toEqual(['8', '8'])
    expect(text(found[0]!)).toContain('"n"')
    expect(agent.tap.anyOpen).toBe(false)
  })
  it('end with an error when the expression is none', async () => {
    const ended = vi.fn<(error: unknown) => void>()
    const args = {
      category: 'logging',
      place: 'collected',
      source: null,
      filter: '{ a == }',
      limit: 1,
    } as const
    client.listen('pipelines.capture', args, { onEvent: () => {}, onEnd: ended })
    await vi.waitFor(() => expect(ended.mock.calls[0]?.[0]).toMatchObject({ code: 'FILTER_SYNTAX' }), SOON)
  })
})

it('samples from the store are of the source that scripts know', async () => {
  await post('shop message="7"\nother message="password=\\"hunter22\\""')
  await agent.store.flush()
  const all = await client.call('pipelines.stored', { category: 'logging', source: null, limit: 10 })
  expect(all.sources).toEqual(['other', 'shop'])
  expect(JSON.stringify(all)).not.toContain('hunter22')
  const shop = await client.call('pipelines.stored', { category: 'logging', source: 'shop', limit: 10 })
  expect([shop.samples.length, shop.sources]).toEqual([1, ['other', 'shop']])
})

it('the list says which sources a script is for', async () => {
  const scripts = await new Promise<readonly { name: string; sources: readonly string[] }[]>((resolve) => {
    const stream = client.listen(
      'pipelines.watch',
      {},
      {
        onEvent: (list) => {
          stream.dispose()
          resolve(list.scripts)
        },
      },
    )
  })
  expect(scripts.find(({ name }) => name === 'shop.p')?.sources).toEqual(['shop'])
})

describe('what an edit would change', () => {
  const draft = 'grok(_, "%{INT:n:int}")\nadd_key(extra, 1)\n'
  function impact(
    from: 'stored' | 'collected',
    mine = true,
    text = draft,
  ): { last: () => ImpactProgress | undefined } {
    let last: ImpactProgress | undefined
    client.listen(
      'pipelines.impact',
      { script: SHOP, text, from, mine, source: null, limit: 3 },
      { onEvent: (event) => void (last = event) },
    )
    return { last: () => last }
  }
  it('on stored points: those that the script gets', async () => {
    await post('shop message="7"\nshop message="8"\nother message="9"')
    await agent.store.flush()
    const mine = impact('stored')
    await vi.waitFor(() => expect(mine.last()?.done).toBe(true), SOON)
    expect(mine.last()).toMatchObject({
      scanned: 3,
      others: 1,
      changed: 2,
      keys: [{ key: 'extra', points: 2 }],
    })
    const every = impact('stored', false)
    await vi.waitFor(() => expect(every.last()).toMatchObject({ done: true, others: 0, changed: 3 }), SOON)
  })
  it('asks nobody for the answers of http_request, and says so', async () => {
    let asked = 0
    const server = createServer((_, response) => void response.end(String(++asked))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const text = `answer = http_request("GET", "${url}")\nadd_key(status, answer["status_code"])\n`
    try {
      await post('shop message="7"')
      await agent.store.flush()
      const compared = impact('stored', true, text)
      await vi.waitFor(() => expect(compared.last()).toMatchObject({ done: true, offline: true }), SOON)
      expect(asked).toBe(0)
      const samples = [{ format: 'message' as const, text: 'x' }]
      await client.call('pipelines.run', { script: SHOP, text, samples, trace: false })
      expect(asked).toBe(1)
    } finally {
      server.close()
    }
  })
  it('on the next collected points, which no script has changed', async () => {
    const live = impact('collected')
    await vi.waitFor(async () => {
      await post('shop message="7"')
      expect(live.last()?.done).toBe(true)
    }, SOON)
    expect(live.last()).toMatchObject({ scanned: 3, total: 3, changed: 3 })
    const [example] = live.last()!.examples
    expect(example!.before.keys.map(({ key }) => key)).not.toContain('n')
    expect(agent.tap.anyOpen).toBe(false)
  })
})

it('a run that is given up ends, and the next one does not wait for it', async () => {
  const abort = new AbortController()
  const samples = [{ format: 'message' as const, text: 'x' }]
  const endless = client.call(
    'pipelines.run',
    { script: SHOP, text: 'for ;; { }\n', samples, trace: false },
    { signal: abort.signal },
  )
  await client.call('pipelines.language', {})
  const started = performance.now()
  const next = client.call('pipelines.run', { script: SHOP, text: 'add_key(a, 1)\n', samples, trace: true })
  abort.abort()
  await expect(endless).rejects.toMatchObject({ code: 'KERNEL_CANCELLED' })
  expect((await next).results[0]!.after!.keys.map(({ key }) => key)).toContain('a')
  // Its own budget would have been 5 s.
  expect(performance.now() - started).toBeLessThan(4000)
})

it('statement times are those of warm code', async () => {
  const samples = Array.from({ length: 3 }, (_, n) => ({ format: 'message' as const, text: `order ${n}` }))
  const script = 'grok(_, "%{WORD:w} %{INT:n:int}")\nadd_key(a, 1)\n'
  const { results } = await client.call('pipelines.run', { script: SHOP, text: script, samples, trace: true })
  for (const { ns, steps } of results) {
    expect(ns).toBeGreaterThan(0)
    // A first run takes hundreds of µs.
    expect(ns).toBeLessThan(100_000)
    expect(steps.reduce((sum, step) => sum + step.ns, 0)).toBeLessThan(100_000)
  }
})
