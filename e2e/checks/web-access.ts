// Ways into the web console for those who have no business there, spoken over plain sockets because browsers do not
// let a page set Host. Each returns what got in: nothing, when the console is safe.
import { request } from 'node:http'

export interface Visit {
  readonly port: number
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** One GET; an upgrade when the headers ask for it. */
export function visit({ port, path = '/', headers = {} }: Visit): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, headers, agent: false })
    outgoing.on('response', (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
    })
    outgoing.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve({ status: 101, headers: answer.headers })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

/** Foreign names and origins, with a good cookie, for requests and upgrades. Names of those that were let in. */
export async function foreignVisitorsLetIn(port: number, cookie: string): Promise<string[]> {
  const own = `127.0.0.1:${port}`
  const visitors: Record<string, Record<string, string>> = {
    'rebound name': { host: `evil.test:${port}`, origin: `http://evil.test:${port}` },
    'rebound name without origin': { host: `evil.test:${port}` },
    'other port': { host: '127.0.0.1:1' },
    'foreign origin': { host: own, origin: 'http://evil.test' },
    'other port as origin': { host: own, origin: 'http://127.0.0.1:1' },
    'https of ours': { host: own, origin: `https://${own}` },
    'null origin': { host: own, origin: 'null' },
  }
  const letIn: string[] = []
  for (const [name, headers] of Object.entries(visitors)) {
    if ((await visit({ port, headers: { ...headers, cookie } })).status < 400) letIn.push(`request: ${name}`)
    const upgrade = await visit({ port, path: '/rpc', headers: { ...headers, ...UPGRADE, cookie } })
    if (upgrade.status < 400) letIn.push(`upgrade: ${name}`)
  }
  const silent = await visit({ port, path: '/rpc', headers: { host: own, ...UPGRADE, cookie } })
  if (silent.status < 400) letIn.push('upgrade: no origin')
  return letIn
}

/** Our own name, but no session: nothing, a wrong one, a used token. Names of those that were let in. */
export async function strangersLetIn(port: number, usedToken: string, asset: string): Promise<string[]> {
  const own = `127.0.0.1:${port}`
  const from = { host: own, origin: `http://${own}` }
  const wrong = { cookie: `datakit_console_${port}=wrong` }
  const strangers: Record<string, Visit> = {
    page: { port },
    'page with a wrong cookie': { port, headers: wrong },
    asset: { port, path: asset },
    'empty token': { port, path: '/?token=' },
    'wrong token': { port, path: '/?token=wrong' },
    'used token': { port, path: `/?token=${usedToken}` },
    upgrade: { port, path: '/rpc', headers: { ...from, ...UPGRADE } },
    'upgrade with a wrong cookie': { port, path: '/rpc', headers: { ...from, ...UPGRADE, ...wrong } },
    'upgrade with the used token': {
      port,
      path: `/rpc?token=${usedToken}`,
      headers: { ...from, ...UPGRADE },
    },
  }
  const letIn: string[] = []
  for (const [name, stranger] of Object.entries(strangers))
    if ((await visit(stranger)).status < 400) letIn.push(name)
  return letIn
}

/** The owner's own visit with a fresh address: the cookie, and what its flags lack. */
export async function enter(port: number, token: string): Promise<{ cookie: string; lacks: string[] }> {
  const answer = await visit({ port, path: `/?token=${token}` })
  const [line = ''] = [answer.headers['set-cookie'] ?? []].flat()
  const lacks = ['HttpOnly', 'SameSite=Strict', 'Path=/'].filter((flag) => !line.split('; ').includes(flag))
  if (answer.headers['location'] !== '/') lacks.push('redirect without the token')
  return { cookie: line.split(';')[0]!, lacks }
}
