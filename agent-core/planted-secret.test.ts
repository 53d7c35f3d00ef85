// Secrets planted in the configuration and in what a DataWay answers must not come out anywhere: logs, events, metrics,
// contract replies, diagnostics, HTTP answers, dead letters.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createHandlers } from './console/handlers.ts'
import { SettingsFile } from './console/settings-file.ts'
import { serveContract } from './contract/server.ts'
import { useLab } from './testdata/lab.ts'

const TOKEN = 'tkn_plantedplantedplantedplantedplan'
const PASSWORD = 'pl4nted-Passw0rd'
const SECRETS = [TOKEN, PASSWORD, 'plantedplanted']

const lab = useLab()

/** Text of every file below, but for the configuration (that is where secrets live) and the answer kept as it came. */
function filesBelow(path: string): string[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name)
    if (['conf.d', '.pull'].includes(name)) return []
    return statSync(file).isDirectory() ? filesBelow(file) : [`${file}: ${readFileSync(file, 'latin1')}`]
  })
}

const leaks = (texts: readonly string[]): string[] =>
  texts.flatMap((text) =>
    SECRETS.filter((secret) => text.includes(secret)).map((secret) => {
      const at = text.indexOf(secret)
      return `${text.slice(0, 80)} … ${text.slice(Math.max(0, at - 60), at + 40)}`
    }),
  )

describe('a planted secret', () => {
  it('comes out nowhere', async () => {
    const url = `http://127.0.0.1:${lab.dataway.port}?token=${TOKEN}`
    writeFileSync(
      join(lab.dir, 'conf.d/datakit.conf'),
      [
        'default_enabled_inputs = []',
        '[http_api]\nlisten = "127.0.0.1:0"',
        '[logging]\nlevel = "debug"',
        '[io]\nflush_interval = "50ms"',
        `[dataway]\nurls = ["${url}", "http://user:${PASSWORD}@127.0.0.1:1?token=${TOKEN}", "ftp://x?token=${TOKEN}"]`,
        `retry_delay = "20ms"`,
      ].join('\n'),
    )
    writeFileSync(
      join(lab.dir, 'conf.d/bad.conf'),
      `[[inputs.cpu]]\n  nosuch = "https://user:${PASSWORD}@h/?token=${TOKEN}"\n`,
    )
    lab.dataway.replies['/v1/datakit/pull'] =
      `{"error":"token ${TOKEN} is unknown", "password": "${PASSWORD}"`
    lab.dataway.replies['/v1/query/raw'] = { content: 'ok' }
    const running = await lab.start({ offline: false })
    const out: string[] = []
    const base = `http://127.0.0.1:${running.http.port()}`
    const call = async (path: string, init: RequestInit = {}): Promise<void> => {
      const answer = await fetch(`${base}${path}`, init)
      out.push(`${path}: ${await answer.text()} ${JSON.stringify([...answer.headers])}`)
    }
    // Refused with an answer that repeats the token, then no answer at all.
    lab.dataway.script(403, 'reset', 400)
    lab.dataway.answerHeaders = { 'x-echo': TOKEN }
    await call('/v1/write/logging', { method: 'POST', body: 'a m="x"' })
    await lab.dataway.until((d) => d.writes.length >= 1)
    await call('/v1/write/logging', { method: 'POST', body: 'a m="x"' })
    await lab.dataway.until((d) => d.writes.length >= 2)
    await call('/v1/lasterror', {
      method: 'POST',
      body: JSON.stringify({
        input: 'x',
        source: 'y',
        err_content: `GET ${url} failed, password="${PASSWORD}"`,
      }),
    })
    await call('/restart?token=wrong')
    await call('/v1/global/host/tags')
    await vi.waitFor(() => expect(lab.dataway.calls).toContain('GET /v1/datakit/pull'))
    await lab.dataway.close()
    await call('/v1/query/raw', { method: 'POST', body: '{"queries":[]}' })
    await call('/metrics')

    const handlers = createHandlers(running, new SettingsFile(join(lab.dir, 'data/console.json')))
    const session = serveContract(handlers.handlers, (message) => void out.push(JSON.stringify(message)))
    const methods = ['agent.info', 'agent.reload', 'settings.read']
    for (const [i, method] of methods.entries()) session.receive({ t: 'call', id: i + 1, method, args: {} })
    session.receive({ t: 'call', id: 10, method: 'dataway.test', args: { url } })
    session.receive({ t: 'open', id: 11, stream: 'overview.watch', args: {}, credit: 5 })
    await vi.waitFor(() => {
      for (const id of [1, 2, 3, 10]) expect(out.join('\n')).toContain(`"t":"reply","id":${id},`)
      expect(out.join('\n')).toContain('"t":"event","id":11')
    })
    await session.dispose()
    await handlers.dispose()
    out.push(JSON.stringify(running.diagnostics()))
    await running.stop()
    const files = filesBelow(lab.dir)
    // It can fail: the search finds what lies in the configuration.
    expect(leaks([readFileSync(join(lab.dir, 'conf.d/datakit.conf'), 'utf8')])).not.toEqual([])
    expect(files.some((text) => text.includes('dead-letter'))).toBe(true)
    expect(leaks([...out, ...files])).toEqual([])
  }, 40_000)
})
