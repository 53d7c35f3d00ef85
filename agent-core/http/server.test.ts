import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock, systemClock } from '../kernel/clock.ts'
import { AgentError } from '../kernel/errors.ts'
import { silentLogger } from '../kernel/logger.ts'
import { createMetrics } from '../kernel/metrics.ts'
import { appFixture } from './testing.ts'
import { listeningInodes, parseLsof, parseNetstat, portHolder } from './port-holder.ts'
import { createHttpServer, parseListen, type HttpServer, type HttpState } from './server.ts'

const servers: HttpServer[] = []
const blockers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  for (const blocker of blockers.splice(0))
    await new Promise<void>((resolve) => blocker.close(() => resolve()))
})

function serve(listen: string, clock = new FakeClock(), onChange?: (state: HttpState) => void): HttpServer {
  const metrics = createMetrics()
  metrics.counter('datakit_io_feed_total', 'Feeds', ['name']).inc({ name: 'cpu' })
  const server = createHttpServer({
    settings: { listen },
    clock,
    log: silentLogger,
    createApp: async () => (await appFixture({}, { clock, metrics, startedAt: clock.now() - 62_500 })).app,
    ...(onChange ? { onChange } : {}),
  })
  servers.push(server)
  return server
}

async function block(): Promise<number> {
  const blocker = createServer()
  blockers.push(blocker)
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  return (blocker.address() as AddressInfo).port
}

describe('HTTP server', () => {
  it('answers ping and metrics', async () => {
    const server = serve('127.0.0.1:0')
    await server.start()
    const base = `http://127.0.0.1:${server.port()}`
    const ping = await fetch(`${base}/v1/ping`)
    expect(ping.headers.get('x-datakit')).toBe('1.2.3/ws-1')
    expect(await ping.json()).toEqual({
      content: { version: '1.2.3', uptime: '1m2.5s', host: 'ws-1', commit: 'abc' },
    })
    const metrics = await fetch(`${base}/metrics`)
    expect(metrics.headers.get('content-type')).toContain('text/plain')
    expect(await metrics.text()).toContain('datakit_io_feed_total{name="cpu"} 1')
  })

  it('says who holds a taken port, goes on trying and takes it when it is free', async () => {
    const port = await block()
    const states: HttpState['state'][] = []
    let listening: () => void = () => {}
    const taken = new Promise<void>((resolve) => (listening = resolve))
    const server = serve(`127.0.0.1:${port}`, systemClock as FakeClock, (state) => {
      states.push(state.state)
      if (state.state === 'listening') listening()
    })
    await server.start()
    const { state, error } = server.state()
    expect(state).toBe('retrying')
    expect(error).toMatchObject({ code: 'HTTP_PORT_IN_USE' })
    expect(error!.message).toContain(`127.0.0.1:${port}`)
    expect(error!.data).toMatchObject({ port, pid: process.pid })
    await new Promise<void>((resolve) => blockers.splice(0)[0]!.close(() => resolve()))
    await taken
    expect(states).toEqual(['retrying', 'listening'])
    expect((await fetch(`http://127.0.0.1:${port}/v1/ping`)).status).toBe(200)
  })

  it('keeps the agent running without a server when listen is no address', async () => {
    const server = serve('myhost:9529')
    await server.start()
    expect(server.state()).toMatchObject({ state: 'off', error: { code: 'HTTP_LISTEN' } })
  })
})

describe('parseListen', () => {
  it.each([
    ['localhost:9529', { host: '127.0.0.1', port: 9529 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::1]:9529', { host: '::1', port: 9529 }],
    [':9529', { host: '0.0.0.0', port: 9529 }],
    ['/run/datakit.sock', { path: '/run/datakit.sock' }],
  ])('%s', (text, address) => expect(parseListen(text)).toEqual(address))
  it.each(['', '9529', 'host:9529', '127.0.0.1:99999', '127.0.0.1:x'])('refuses %j', (text) =>
    expect(parseListen(text)).toBeInstanceOf(AgentError),
  )
})

describe('portHolder', () => {
  it('finds this process by /proc', async () => {
    const port = await block()
    expect(await portHolder(port)).toMatchObject({ pid: process.pid })
  })
  it('is undefined for a port that nobody holds', async () => {
    const port = await block()
    await new Promise<void>((resolve) => blockers.splice(0)[0]!.close(() => resolve()))
    expect(await portHolder(port)).toBeUndefined()
  })
  it('reads the tables of the systems', () => {
    const tcp = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:2539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1',
      '   1: 0100007F:2539 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4243 1',
    ].join('\n')
    expect(listeningInodes(tcp, 9529)).toEqual(['4242'])
    expect(parseLsof('p812\ncdatakit\nf12\n')).toEqual({ pid: 812, name: 'datakit' })
    const netstat = [
      '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
      '  TCP    127.0.0.1:9529         127.0.0.1:50000        HERGESTELLT      77',
      '  TCP    127.0.0.1:9529         0.0.0.0:0              ABHÖREN          4711',
    ].join('\r\n')
    expect(parseNetstat(netstat, 9529)).toBe(4711)
  })
})
