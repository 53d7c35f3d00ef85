// Who may talk to the web console: its own loopback name in Host and Origin, and a session bought with a one-time token.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const MAX_TOKENS = 8
const MAX_SESSIONS = 32
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost']

const secret = (): string => randomBytes(32).toString('base64url')

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

/** A bounded list of secrets: adding beyond the bound forgets the oldest. */
class Secrets {
  readonly #held: string[] = []
  readonly #bound: number

  constructor(bound: number) {
    this.#bound = bound
  }

  issue(): string {
    const value = secret()
    this.#held.push(value)
    if (this.#held.length > this.#bound) this.#held.shift()
    return value
  }

  has(value: string): boolean {
    return this.#held.some((held) => same(held, value))
  }

  /** True once: what was taken is gone. */
  take(value: string): boolean {
    const at = this.#held.findIndex((held) => same(held, value))
    if (at >= 0) this.#held.splice(at, 1)
    return at >= 0
  }
}

export class Access {
  readonly #hosts: ReadonlySet<string>
  readonly #cookie: string
  readonly #tokens = new Secrets(MAX_TOKENS)
  readonly #sessions = new Secrets(MAX_SESSIONS)

  /** @param port where the console listens: part of Host, Origin and the cookie's name (cookies ignore ports). */
  constructor(port: number) {
    this.#hosts = new Set(LOOPBACK_NAMES.map((name) => `${name}:${port}`))
    this.#cookie = `datakit_console_${port}`
  }

  /** A token for one visit. */
  issueToken(): string {
    return this.#tokens.issue()
  }

  /**
   * False for a name that is not ours (DNS rebinding) and for a page of another origin.
   * @param origin 'required' for upgrades: browsers always send it there
   */
  ownOrigin(headers: IncomingHttpHeaders, origin: 'required' | 'optional'): boolean {
    const host = headers.host
    if (host === undefined || !this.#hosts.has(host)) return false
    if (headers.origin === undefined) return origin === 'optional'
    return headers.origin === `http://${host}`
  }

  hasSession(headers: IncomingHttpHeaders): boolean {
    return cookieValues(headers.cookie, this.#cookie).some((value) => this.#sessions.has(value))
  }

  /** The Set-Cookie value for a token that was issued and not used; undefined otherwise. */
  exchange(token: string): string | undefined {
    if (!this.#tokens.take(token)) return undefined
    return `${this.#cookie}=${this.#sessions.issue()}; Path=/; HttpOnly; SameSite=Strict`
  }
}

function cookieValues(header: string | undefined, name: string): string[] {
  const prefix = `${name}=`
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length))
}
