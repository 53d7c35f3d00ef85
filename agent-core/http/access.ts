// Who may call what, in one place (spec points-io-http.md section 4).
//
//   loopback client, own Host          everything
//   other client, or any proxy header  public_apis (empty: every write path), routes of inputs, ping, ntp
//   loopback listener, foreign Host    nothing: a web page that pointed its own name at 127.0.0.1 (DNS rebinding)
import { isIP } from 'node:net'
import { CATEGORIES } from '../point/category.ts'

export interface AccessRules {
  readonly publicApis: readonly string[]
  /** The server listens on a loopback address or a unix socket only. */
  readonly loopbackListener: boolean
}

export interface Caller {
  /** Peer address; empty for a unix socket. */
  readonly address: string
  readonly host: string | undefined
  /** X-Forwarded-For or X-Real-IP is present: somebody else stands behind the peer. */
  readonly proxied: boolean
}

const ALWAYS_PUBLIC = ['/v1/ping', '/v1/ntp']
const WRITE_PATHS = CATEGORIES.filter((c) => c.local).map((c) => `/v1/write/${c.name}`)

export type Refusal = 'publicAccessDisabled' | 'foreignHost'

export function createAccess(rules: AccessRules): (path: string, caller: Caller) => Refusal | undefined {
  const open = new Set([...(rules.publicApis.length > 0 ? rules.publicApis : WRITE_PATHS), ...ALWAYS_PUBLIC])
  return (path, caller) => {
    if (caller.proxied || !isLoopback(caller.address))
      return open.has(path) ? undefined : 'publicAccessDisabled'
    // RUM comes from web pages whose Host is whatever their network calls this machine.
    if (rules.loopbackListener && path !== '/v1/write/rum' && !isOwnHost(caller.host)) return 'foreignHost'
    return undefined
  }
}

/** 127.0.0.0/8, ::1, their mapped form, and the peer of a unix socket (no address). */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '')
  return plain === '' || plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain)
}

/** A Host that can only mean this machine. HTTP/1.0 clients send none. */
export function isOwnHost(host: string | undefined): boolean {
  if (host === undefined || host === '') return true
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  return isIP(name) !== 0 && isLoopback(name)
}
