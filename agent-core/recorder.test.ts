// [recorder] of datakit.conf in a whole agent, and `datakit import` of what it wrote.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from './agent.ts'
import { readRecorded, recordedFiles } from './io/recorder/recorded-files.ts'
import { FakeClock, systemClock, type Clock } from './kernel/clock.ts'
import { bareAgent } from './testing.ts'

let dir: string
let agent: Agent | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'recording-'))
  for (const folder of ['conf.d', 'pipeline']) mkdirSync(join(dir, folder))
})
afterEach(async () => {
  await agent?.stop()
  agent = undefined
  rmSync(dir, { recursive: true, force: true })
})

const conf = (recorder: string, rest = ''): void =>
  writeFileSync(
    join(dir, 'conf.d/datakit.conf'),
    `[http_api]\nlisten = "127.0.0.1:0"\n[recorder]\nenabled = true\n${recorder}\n${rest}`,
  )

async function start(clock: Clock = systemClock): Promise<Agent> {
  agent = bareAgent(dir, clock)
  await agent.start()
  return agent
}

async function post(path: string, lines: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${agent!.http.port()}/v1/write/${path}`, {
    method: 'POST',
    body: lines,
  })
  expect(answer.status).toBe(200)
}

/** Files under a directory once so many are there, without the time in their names. */
async function recorded(root: string, count: number): Promise<string[]> {
  for (;;) {
    const files = existsSync(root) ? (readdirSync(root, { recursive: true }) as string[]) : []
    const names = files.filter((name) => /\.(?:lp|pbjson)$/.test(name))
    if (names.length >= count) return names.map((name) => name.replace(/\.\d{16,}\./, '.')).toSorted()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('[recorder]', () => {
  it('writes what is fed behind scripts and blacklist, into recorder/ as protobuf JSON by default', async () => {
    conf('', '[io.filters]\nlogging = ["{ level = \'debug\' }"]')
    writeFileSync(
      join(dir, 'pipeline/a.p'),
      'add_key(seen, 1)\nif message == "drop" { drop() }\ncreate_point("made", nil, {"n": 1})',
    )
    await start()
    await post('logging', 'a message="kept",level="info"\na message="drop"\na message="out",level="debug"')
    await post('metric?input=my/tool', 'cpu v=1')
    const root = join(dir, 'recorder')
    expect(await recorded(root, 3)).toEqual([
      'logging/v1-write.logging.pbjson',
      'metric/pipeline-create_point.pbjson',
      'metric/v1-write.my-tool.pbjson',
    ])
    const [file] = await recordedFiles(root)
    const points = await readRecorded(file!, 1n)
    expect(points).toMatchObject({ ok: true, value: [{ name: 'a' }] })
    expect(points.ok && points.value[0]!.kvs.map(({ key }) => key)).toContain('seen')
  })

  it('obeys path, encoding, inputs and categories, in the spelling of the sample too', async () => {
    const root = join(dir, 'elsewhere')
    for (const key of ['categories', 'category']) {
      rmSync(root, { recursive: true, force: true })
      conf(
        `path = ${JSON.stringify(root)}\nencoding = "v1"\ninputs = ["v1-write.tool"]\n${key} = ["metric", "object"]`,
      )
      await start()
      await post('metric?input=tool', 'cpu v=1i')
      await post('metric?input=other', 'cpu v=2i')
      await post('logging?input=tool', 'a message="m"')
      await post('object?input=tool', 'o v=3i')
      await agent!.stop()
      expect(await recorded(root, 2)).toEqual(['metric/v1-write.tool.lp', 'object/v1-write.tool.lp'])
      const [file] = await recordedFiles(root)
      expect(readFileSync(file!.file, 'utf8')).toMatch(/^cpu,host=.* v=1i \d+\n?$/)
    }
  })

  it('ends after its duration, and takes another configuration while it runs', async () => {
    const clock = new FakeClock(Date.now())
    conf('duration = "10m"')
    const a = await start(clock)
    await post('metric', 'cpu v=1')
    expect(await recorded(join(dir, 'recorder'), 1)).toHaveLength(1)
    await clock.advance(10 * 60_000 + 1)
    await post('metric', 'cpu v=2')
    conf('duration = "0s"')
    await a.reload()
    await clock.advance(24 * 3600_000)
    await post('metric', 'cpu v=3')
    await a.stop()
    expect(await recorded(join(dir, 'recorder'), 2)).toHaveLength(2)
  })

  it('refuses an encoding that no agent can write, and says so', async () => {
    conf('encoding = "json"')
    const a = await start()
    expect(a.diagnostics()).toContainEqual(expect.objectContaining({ path: 'recorder.encoding' }))
    await post('metric', 'cpu v=1')
    expect(await recorded(join(dir, 'recorder'), 1)).toEqual(['metric/v1-write.metric.pbjson'])
  })
})
