// http_request on the agent's thread: where scripts may ask, with a cap on what they get.
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { HttpReply } from '../environment.ts'
import type { AskServer, BridgedRequest } from './http-bridge.ts'

export interface RequestRules {
  readonly disabled: boolean
  readonly hosts: readonly string[]
  readonly networks: readonly string[]
  readonly noInternal: boolean
}

const MAX_BODY = 4 * 1024 * 1024
const MAX_REDIRECTS = 10

const INTERNAL = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/128',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
])

/** A host on the list, or an address in a listed network, may be asked; without lists everyone but, where so set, internal ones. */
export function askServer(rules: RequestRules): AskServer {
  const networks = blockList(rules.networks)
  const allowed = async (url: URL): Promise<boolean> => {
    if (rules.disabled || !/^https?:$/.test(url.protocol)) return false
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (rules.hosts.includes(host)) return true
    if (rules.networks.length === 0 && rules.hosts.length === 0 && !rules.noInternal) return true
    const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map((a) => a.address)
    if (addresses.some((address) => inList(networks, address))) return true
    if (rules.networks.length > 0 || rules.hosts.length > 0) return false
    return !addresses.some((address) => inList(INTERNAL, address))
  }
  return async (request, signal) => {
    let url = new URL(request.url)
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (!(await allowed(url))) return undefined
      const answer = await send(url, request, signal)
      const next = answer.headers.get('location')
      if (answer.status < 300 || answer.status > 399 || next === null) return readReply(answer)
      await answer.body?.cancel()
      url = new URL(next, url)
    }
    return undefined
  }
}

const send = (url: URL, { method, headers, body }: BridgedRequest, signal: AbortSignal): Promise<Response> =>
  fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    redirect: 'manual',
    signal,
    ...(body === undefined || /^(?:get|head)$/i.test(method) ? {} : { body }),
  })

async function readReply(answer: Response): Promise<HttpReply | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > MAX_BODY) return undefined
    parts.push(part)
  }
  return { status: answer.status, body: Buffer.concat(parts).toString('utf8') }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) continue
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

const inList = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
