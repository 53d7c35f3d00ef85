// One DataWay address: parsed, its token kept out of sight, its request URLs built.
import { createHash } from 'node:crypto'
import { AgentError } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'

export class Endpoint {
  /** Stable name of this address on disk (cursor files): a hash, so no token lands in a file name. */
  readonly id: string
  /** For people: scheme, host, port. Never the token. */
  readonly label: string
  readonly origin: string
  readonly token: string
  readonly #query: URLSearchParams

  private constructor(url: URL) {
    this.origin = url.origin
    this.label = url.origin
    this.#query = new URLSearchParams(url.search)
    this.token = this.#query.get('token') ?? ''
    this.id = createHash('sha256')
      .update(`${url.origin}?${sorted(this.#query)}`)
      .digest('hex')
      .slice(0, 16)
  }

  static parse(text: string): Result<Endpoint> {
    let url: URL
    try {
      url = new URL(text)
    } catch {
      return err(new AgentError('IO_DATAWAY_URL', withoutQuery(text)))
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return err(new AgentError('IO_DATAWAY_URL', `${withoutQuery(text)}: the scheme must be https or http`))
    if (url.username || url.password)
      return err(
        new AgentError('IO_DATAWAY_URL', `${url.host}: user and password do not belong into the address`),
      )
    return ok(new Endpoint(url))
  }

  /**
   * URL of a call: all parameters of the configured address and the call's own, re-encoded sorted by key
   * (spec points-io-http.md section 3); the configured path is ignored.
   */
  url(path: string, params: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams(this.#query)
    for (const [key, value] of Object.entries(params)) query.set(key, value)
    const text = sorted(query)
    return `${this.origin}${path}${text ? `?${text}` : ''}`
  }
}

function sorted(query: URLSearchParams): string {
  const copy = new URLSearchParams(query)
  copy.sort()
  return copy.toString()
}

const withoutQuery = (text: string): string => text.split('?')[0]!.slice(0, 200)
