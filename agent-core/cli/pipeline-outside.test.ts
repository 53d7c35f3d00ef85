// `datakit pipeline` with what scripts use from outside.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReferDatabase } from '../pipeline/state/refer-sqlite.ts'
import { writeMmdb } from '../pipeline/testdata/write-mmdb.ts'
import { pipelineCommand } from './pipeline.ts'

let workdir = ''
beforeEach(() => void (workdir = mkdtempSync(join(tmpdir(), 'cli-'))))
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(workdir, { recursive: true, force: true })
})

function put(path: string, content: string | Buffer): void {
  mkdirSync(join(workdir, path, '..'), { recursive: true })
  writeFileSync(join(workdir, path), content)
}

/** What a run prints on both channels. */
async function run(script: string, txt: string): Promise<{ out: string; complaints: string }> {
  put('pipeline/a.p', script)
  const lines: Record<'log' | 'error', string[]> = { log: [], error: [] }
  for (const channel of ['log', 'error'] as const)
    vi.spyOn(console, channel).mockImplementation((text: unknown) => void lines[channel].push(String(text)))
  await pipelineCommand({ name: 'a.p', txt, category: 'logging', namespace: 'default', workdir })
  vi.restoreAllMocks()
  return { out: lines.log.join('\n'), complaints: lines.error.join('\n') }
}

describe('datakit pipeline', () => {
  const GEO = 'grok(_, "%{NOTSPACE:ip}")\ngeoip(ip)'

  it('knows where an address is when a database is installed', async () => {
    const city = { '81.0.0.0/8': { city: { names: { en: 'Lyon' } }, country: { iso_code: 'FR' } } }
    put('data/ipdb/geolite2/GeoLite2-City.mmdb', writeMmdb('GeoLite2-City', city))
    expect((await run(GEO, '81.2.3.4')).out).toMatch(/"city": ""/)
    put('conf.d/datakit.conf', '[pipeline]\nipdb_type = "geolite2"\n')
    expect((await run(GEO, '81.2.3.4')).out).toMatch(/"city": "Lyon"/)
    put('data/ipdb/geolite2/GeoLite2-City.mmdb', 'damaged')
    const damaged = await run(GEO, '81.2.3.4')
    expect(damaged.out).toMatch(/"city": ""/)
    expect(damaged.complaints).toContain('GeoLite2-City.mmdb: not a MaxMind database')
  })

  it('has the reference tables of the configuration: from their address, or those that the agent keeps', async () => {
    const documents = [
      {
        table_name: 'users',
        column_name: ['uid', 'name'],
        column_type: ['string', 'string'],
        row_data: [['u1', 'one']],
      },
    ]
    const server = createServer((_, response) => response.end(JSON.stringify(documents)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const settings = `[pipeline]\nrefer_table_url = "http://127.0.0.1:${(server.address() as AddressInfo).port}/"\n`
    const script = 'query_refer_table("users", "uid", message)'
    try {
      expect((await run(script, 'u1')).out).not.toContain('"name"')
      put('conf.d/datakit.conf', settings)
      expect((await run(script, 'u1')).out).toMatch(/"name": "one"/)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    put('conf.d/datakit.conf', `${settings}use_sqlite = true\n`)
    mkdirSync(join(workdir, 'data/reftable_sqlite'), { recursive: true })
    const written = createReferDatabase(join(workdir, 'data/reftable_sqlite/tables-5.db'), documents)
    if (written.ok) written.value.close()
    expect((await run(script, 'u1')).out).toMatch(/"name": "one"/)
  })

  it('sends requests by the rules of the configuration, and ends when the script does not', async () => {
    const server = createServer((_, response) => response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const script =
      'r = http_request("GET", message)\nif r == nil { add_key(body, "refused") } else { add_key(body, r["body"]) }'
    try {
      const url = `http://127.0.0.1:${port}/`
      expect((await run(script, url)).out).toMatch(/"body": "refused"/)
      put(
        'conf.d/datakit.conf',
        '[pipeline]\nhttp_request_cidr_whiltelist = ["127.0.0.0/8"]\nbatch_timeout = "500ms"\n',
      )
      expect((await run(script, url)).out).toMatch(/"body": "hello"/)
      expect((await run(`${script}\nfor ;; {}`, url)).out).toMatch(/^\[E\] run pipeline failed: .*500 ms/)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
