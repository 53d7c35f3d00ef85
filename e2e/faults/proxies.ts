// Through what stands between: a real nginx in front of the agent and in front of the DataWay, and http_proxy.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDataway, TOKEN } from '../fixtures/dataway.ts'
import { agent, check, freePort, numbered, until, type FaultCase } from './case.ts'
import { arrivals } from './kill.ts'

function findNginx(): string | undefined {
  for (const path of ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'])
    try {
      execFileSync(path, ['-v'], { stdio: 'pipe' })
      return path
    } catch {
      // Not here.
    }
  return undefined
}

/** Debian's package, installed when we may. */
function nginxBinary(): string | { readonly missing: string } {
  const found = findNginx()
  if (found) return found
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { missing: 'nginx is not installed; run as root or install nginx-light' }
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'nginx-light'], {
      stdio: 'pipe',
      env,
    })
  } catch (error) {
    return { missing: `apt-get could not install nginx-light: ${(error as Error).message.split('\n')[0]}` }
  }
  return findNginx() ?? { missing: 'nginx-light was installed but has no nginx' }
}

export const nginx: FaultCase = {
  name: 'a real nginx before the agent and before the DataWay',
  async run({ short }) {
    const binary = short
      ? (findNginx() ?? { missing: 'nginx is not installed (the full run installs it)' })
      : nginxBinary()
    if (typeof binary !== 'string') return `skipped: ${binary.missing}`
    const dataway = await startDataway()
    const [front, back] = [await freePort(), await freePort()]
    const running = await agent({ urls: [`http://127.0.0.1:${back}?token=${TOKEN}`] })
    const dir = mkdtempSync(join(tmpdir(), 'datakit-nginx-'))
    let server: ChildProcess | undefined
    try {
      writeFileSync(
        join(dir, 'nginx.conf'),
        nginxConf(dir, { front, back, agent: running.port, dataway: dataway.port }),
      )
      server = spawn(
        binary,
        [
          '-p',
          dir,
          '-c',
          join(dir, 'nginx.conf'),
          '-g',
          `daemon off;${process.getuid?.() === 0 ? ' user root;' : ''}`,
        ],
        {
          stdio: 'pipe',
        },
      )
      await until('nginx listens', () => answers(front))
      const via = (path: string, body?: string): Promise<Response> =>
        fetch(`http://127.0.0.1:${front}${path}`, body === undefined ? {} : { method: 'POST', body })
      for (let body = 0; body < 10; body++) {
        const answer = await via(
          '/v1/write/logging',
          numbered(body * 1000, body * 1000 + 1000, 'x'.repeat(200)),
        )
        check(answer.status === 200, `a write through nginx was answered ${answer.status}`)
      }
      // Behind a proxy nobody is loopback: only public paths are open.
      check((await via('/metrics')).status === 403, '/metrics is open through nginx')
      check((await via('/v1/ping')).status === 200, '/v1/ping is closed through nginx')
      await until('all points arrive', () => arrivals(dataway.points()).size === 10_000)
      const largest = Math.max(...dataway.writes.map((write) => Number(write.headers['content-length'])))
      check(largest <= 16 * 1024, `a body of ${largest} bytes passed nginx's limit of 16 KiB`)
      return `10000 points; ${dataway.writes.length} writes, split below nginx's 413 limit`
    } finally {
      server?.kill()
      await running.dispose()
      await dataway.close()
      rmSync(dir, { recursive: true, force: true })
    }
  },
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/v1/ping`).then(
    () => true,
    () => false,
  )

const nginxConf = (dir: string, port: Record<'front' | 'back' | 'agent' | 'dataway', number>): string => `
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
worker_processes 1;
events { worker_connections 128; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/f;
  uwsgi_temp_path ${dir}/u;
  scgi_temp_path ${dir}/s;
  server {
    listen 127.0.0.1:${port.front};
    client_max_body_size 64m;
    location / {
      proxy_pass http://127.0.0.1:${port.agent};
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
  server {
    listen 127.0.0.1:${port.back};
    client_max_body_size 16k;
    location / { proxy_pass http://127.0.0.1:${port.dataway}; }
  }
}
`

export const httpProxy: FaultCase = {
  name: 'http_proxy',
  async run() {
    const dataway = await startDataway()
    const proxy = await startProxy()
    const running = await agent({
      urls: [dataway.url],
      dataway: `http_proxy = "http://127.0.0.1:${proxy.port}"`,
    })
    try {
      check((await running.post(numbered(0, 500))) === 200, 'a write was not answered 200')
      await until('all points arrive', () => arrivals(dataway.points()).size === 500)
      check(proxy.passed() > 0, 'nothing went through the proxy')
      return `500 points, ${proxy.passed()} connections or requests through the proxy`
    } finally {
      await running.dispose()
      await dataway.close()
      await proxy.close()
    }
  },
}

/** A forward proxy that takes both forms: CONNECT, and requests with an absolute address. */
async function startProxy(): Promise<{ port: number; passed(): number; close(): Promise<void> }> {
  let passed = 0
  const sockets = new Set<Socket>()
  const server = createServer((incoming, outgoing) => {
    passed++
    const target = httpRequest(
      incoming.url!,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      },
    )
    target.on('error', () => outgoing.destroy())
    incoming.pipe(target)
  })
  server.on('connect', (incoming, socket: Socket) => {
    passed++
    const [host, port] = incoming.url!.split(':')
    const target = connect(Number(port), host!, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(target).pipe(socket)
    })
    for (const one of [socket, target]) {
      sockets.add(one)
      one.on('error', () => one.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
