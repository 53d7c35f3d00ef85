// How a command of the same user talks to the running agent: an HTTP listener on 127.0.0.1 whose port and token stand in
// data/control.json, readable by that user only. A browser cannot use it: it never has the token, and any request with
// an Origin is refused.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import type { Agent } from '../agent.ts'
import { tapArgs } from '../contract/tap.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { errorText } from '../kernel/errors.ts'
import { watchTap } from './tap.ts'

/** What stands in data/control.json. */
export interface ControlFile {
  readonly port: number
  readonly token: string
  readonly pid: number
}

/** Bytes that may wait for a slow reader; beyond, points are left out and counted. */
const MAX_WAITING = 1024 * 1024
const MAX_BODY = 64 * 1024

/** Serves until disposed. Never rejects: an agent without it works, and the log says why. */
export async function serveControl(agent: Agent, file: string): Promise<Disposable> {
  const token = randomBytes(32).toString('base64url')
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (!allowed(request, token)) return void response.writeHead(403).end()
    if (request.method !== 'POST' || request.url !== '/tap') return void response.writeHead(404).end()
    tap(agent, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(400)
      response.end(JSON.stringify({ error: errorText(error) }))
    })
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    rmSync(file, { force: true })
    writeFileSync(file, JSON.stringify({ port, token, pid: process.pid } satisfies ControlFile), {
      mode: 0o600,
    })
  } catch (error) {
    agent.log.warn('commands cannot reach this agent', { file, error: errorText(error) })
  }
  return {
    async dispose() {
      rmSync(file, { force: true })
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function allowed(request: IncomingMessage, token: string): boolean {
  const { origin, authorization = '', host = '' } = request.headers
  if (origin !== undefined || !/^127\.0\.0\.1(:\d+)?$/.test(host)) return false
  const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Answers with a JSON line a point until the caller goes. */
async function tap(agent: Agent, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    size += (part as Buffer).length
    if (size > MAX_BODY) throw new Error('the request is too long')
    parts.push(part as Buffer)
  }
  const args = v.parse(tapArgs, JSON.parse(Buffer.concat(parts).toString()))
  let lost = 0
  const listening = watchTap(agent, args, (event) => {
    if (response.writableLength > MAX_WAITING) return void lost++
    const skipped = event.skipped + lost
    lost = 0
    response.write(`${JSON.stringify({ ...event, skipped })}\n`)
  })
  if (!listening.ok) throw listening.error
  response.on('close', () => void listening.value.dispose())
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
}
