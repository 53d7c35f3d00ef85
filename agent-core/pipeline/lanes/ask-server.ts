// http_request on the agent's thread: where scripts may ask, with a cap on what they get. An address is judged when the
// connection to it is made, so that a name cannot mean one server when it is checked and another when it is asked.
import { lookup } from 'node:dns'
import { isIP, type BlockList, type LookupFunction } from 'node:net'
import type { Agent, Dispatcher } from 'undici'
import type { Disposable } from '../../kernel/disposable.ts'
import type { HttpReply } from '../environment.ts'
import type { AskServer, BridgedRequest } from './http-bridge.ts'
import { blockList, inList, isInternal, plainAddress } from './internal-address.ts'

export interface RequestRules {
  readonly disabled: boolean
  readonly hosts: readonly string[]
  readonly networks: readonly string[]
  readonly noInternal: boolean
}

const MAX_BODY = 4 * 1024 * 1024
const MAX_REDIRECTS = 10
const CONNECTIONS = 8
const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Not for another server than the one they were meant for. */
const OWN_HEADERS = /^(?:authorization|cookie|cookie2|www-authenticate|host)$/i

/** One set of rules and the connections made under it. */
export class ScriptRequests implements Disposable {
  readonly #rules: RequestRules
  readonly #hosts: ReadonlySet<string>
  readonly #networks: BlockList
  readonly #resolve: LookupFunction
  #agent: Promise<Agent> | undefined

  /** `resolve`: the system's, but in tests. */
  constructor(rules: RequestRules, resolve: LookupFunction = lookup as LookupFunction) {
    this.#rules = rules
    this.#hosts = new Set(rules.hosts.map((host) => host.toLowerCase().replace(/^\[|\]$/g, '')))
    this.#networks = blockList(rules.networks)
    this.#resolve = resolve
  }

  /** undefined for anything that is not allowed or too long; rejects when there is no answer. */
  readonly ask: AskServer = async (request, signal) => {
    let url = new URL(request.url)
    let { method, headers, body } = request
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (!this.#mayAsk(url)) return undefined
      const answer = await this.#send(url, { method, headers, body }, signal)
      const location = answer.headers['location']
      if (!REDIRECTS.has(answer.statusCode) || typeof location !== 'string') return readReply(answer)
      answer.body.destroy()
      const next = new URL(location, url)
      if (answer.statusCode < 307 && !/^(?:get|head)$/i.test(method)) {
        method = 'GET'
        body = undefined
      }
      if (next.host !== url.host) headers = headers.filter(([name]) => !OWN_HEADERS.test(name))
      url = next
    }
    return undefined
  }

  async dispose(): Promise<void> {
    const agent = await this.#agent?.catch(() => undefined)
    await agent?.destroy()
  }

  /** What can be said without a name's addresses. */
  #mayAsk(url: URL): boolean {
    if (this.#rules.disabled || !/^https?:$/.test(url.protocol)) return false
    const host = hostOf(url)
    return isIP(host) === 0 || this.#allowed(host, [host]).length > 0
  }

  /**
   * The addresses of a host that may be asked: all of a listed host, those in a listed network; without lists all but,
   * where so set, internal ones.
   */
  #allowed(host: string, addresses: readonly string[]): readonly string[] {
    if (this.#hosts.has(host)) return addresses
    const { hosts, networks, noInternal } = this.#rules
    if (hosts.length > 0 || networks.length > 0)
      return addresses.filter((address) => inList(this.#networks, plainAddress(address)))
    return noInternal ? addresses.filter((address) => !isInternal(address)) : addresses
  }

  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    this.#resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const all = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      const allowed = this.#allowed(
        hostname.toLowerCase().replace(/\.$/, ''),
        all.map(({ address }) => address),
      )
      const left = all.filter(({ address }) => allowed.includes(address))
      if (left.length === 0) return callback(new Error(`http_request may not ask ${hostname}`), [])
      if (options.all) callback(null, left)
      else callback(null, left[0]!.address, left[0]!.family)
    })
  }

  async #send(
    url: URL,
    { method, headers, body }: Pick<BridgedRequest, 'method' | 'headers' | 'body'>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    this.#agent ??= import('undici').then(
      ({ Agent }) => new Agent({ connections: CONNECTIONS, connect: { lookup: this.#lookup } }),
    )
    const agent = await this.#agent
    const fields = Object.fromEntries(headers)
    const named = Object.keys(fields).some((name) => name.toLowerCase() === 'authorization')
    if (url.username !== '' && !named) {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      fields['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
    }
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method.toUpperCase() as Dispatcher.HttpMethod,
      headers: fields,
      body: body ?? null,
      signal,
    })
    // A body that is left before its end says so as an error event, which would end the process.
    answer.body.on('error', () => {})
    return answer
  }
}

async function readReply({
  statusCode,
  headers,
  body,
}: Dispatcher.ResponseData): Promise<HttpReply | undefined> {
  if (Number(headers['content-length'] ?? 0) > MAX_BODY) return void body.destroy()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    const bytes = part as Uint8Array
    size += bytes.length
    // Leaving the loop ends the connection.
    if (size > MAX_BODY) return undefined
    parts.push(bytes)
  }
  return { status: statusCode, body: Buffer.concat(parts).toString('utf8') }
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
