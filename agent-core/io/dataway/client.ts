// HTTP to one DataWay: undici with keep-alive, imported when first needed (a local-only agent never loads it).
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Agent as UndiciAgent, Dispatcher, ProxyAgent as UndiciProxyAgent } from 'undici'
import type { Clock } from '../../kernel/clock.ts'
import type { Disposable } from '../../kernel/disposable.ts'
import { AgentError, errorText } from '../../kernel/errors.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import { maskSecrets } from '../../kernel/secrets.ts'
import type { DatawaySettings } from '../settings.ts'
import type { Endpoint } from './endpoint.ts'

const compress = promisify(gzip)
/** An answer is evidence for people, not data: this much of it is read. */
const ANSWER_BYTES = 64 * 1024
const WRITE_PATH = '/v1/write/'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'PUT'
  readonly params?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Reads the whole answer up to this size. */
  readonly maxAnswerBytes?: number
}

export interface ClientFacts {
  readonly version: string
  readonly hostname: string
  readonly os: string
  readonly arch: string
}

export interface EndpointHealth {
  readonly url: string
  state: 'unknown' | 'ok' | 'failing'
  latencyMs: number | null
  lastOk: number | null
  error: string | null
}

export interface ApiCalls {
  readonly api: string
  calls: number
  latencyMs: number | null
  retries: number
}

export interface ClientMetrics {
  readonly latency: ReturnType<Metrics['summary']>
  readonly retries: ReturnType<Metrics['counter']>
}

export function clientMetrics(metrics: Metrics): ClientMetrics {
  return {
    latency: metrics.summary('datakit_io_dataway_api_latency_seconds', 'DataWay call latency', [
      'api',
      'status',
    ]),
    retries: metrics.counter('datakit_io_http_retry_total', 'DataWay calls that were tried again', [
      'api',
      'status',
    ]),
  }
}

export class DatawayClient implements Disposable {
  readonly endpoint: Endpoint
  readonly health: EndpointHealth
  readonly calls = new Map<string, ApiCalls>()
  readonly #settings: DatawaySettings
  readonly #clock: Clock
  readonly #metrics: ClientMetrics
  readonly #agentHeaders: Readonly<Record<string, string>>
  readonly #callHeaders: () => Readonly<Record<string, string>>
  #dispatcher: Promise<UndiciAgent | UndiciProxyAgent> | undefined

  constructor(
    endpoint: Endpoint,
    settings: DatawaySettings,
    rest: {
      clock: Clock
      metrics: ClientMetrics
      facts: ClientFacts
      /** Headers of every call that is no write: the sinker's. */
      callHeaders?: () => Readonly<Record<string, string>>
    },
  ) {
    this.endpoint = endpoint
    this.#settings = settings
    this.#clock = rest.clock
    this.#metrics = rest.metrics
    this.#callHeaders = rest.callHeaders ?? (() => ({}))
    const { version, hostname, os, arch } = rest.facts
    this.#agentHeaders = {
      'user-agent': `datakit-${os}-${arch}/${version}/${asciiOnly(hostname)}`,
      referer: 'DataKit',
    }
    this.health = { url: endpoint.label, state: 'unknown', latencyMs: null, lastOk: null, error: null }
  }

  /** One request. Rejects with IO_DATAWAY_UNREACHABLE when there is no answer; any status is an Answer. */
  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const started = this.#clock.monotonic()
    const entry = this.#entry(path)
    entry.calls++
    try {
      const answer = await this.#send(path, options)
      const ms = this.#clock.monotonic() - started
      entry.latencyMs = ms
      this.#metrics.latency.observe({ api: path, status: String(answer.status) }, ms / 1000)
      this.#seen(answer, ms)
      return answer
    } catch (error) {
      if (options.signal?.aborted) throw new AgentError('KERNEL_CANCELLED')
      const text = maskSecrets(causeText(error))
      this.#metrics.latency.observe(
        { api: path, status: 'unknown' },
        (this.#clock.monotonic() - started) / 1000,
      )
      this.health.state = 'failing'
      this.health.error = text
      throw new AgentError('IO_DATAWAY_UNREACHABLE', `${this.endpoint.label}: ${text}`)
    }
  }

  /**
   * A call that is no write: without an answer or after 5xx it is made again, `max_retry_count` attempts in all,
   * `retry_delay` · 2^n apart. Gives the last attempt's answer, or rejects as request() does.
   */
  async call(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { maxRetryCount, retryDelayMs } = this.#settings
    for (let attempt = 1; ; attempt++) {
      let status = 'unknown'
      try {
        const answer = await this.request(path, options)
        if (answer.status < 500 || attempt >= maxRetryCount) return answer
        status = String(answer.status)
      } catch (error) {
        if (options.signal?.aborted || attempt >= maxRetryCount) throw error
      }
      this.retried(path, status)
      await this.#clock.sleep(retryDelayMs * 2 ** (attempt - 1), options.signal).catch(() => {
        throw new AgentError('KERNEL_CANCELLED')
      })
    }
  }

  /** POST /v1/write/<category>: a body of whole PBPoints or line protocol. */
  async write(
    category: string,
    body: Uint8Array,
    options: {
      contentType: string
      points: number
      headers?: Readonly<Record<string, string>>
      signal: AbortSignal
    },
  ): Promise<Answer> {
    const headers: Record<string, string> = {
      ...wireHeaders(options.headers ?? {}),
      'content-type': options.contentType,
      'x-points': String(options.points),
      'x-pkg-id': `dk_${randomBytes(10).toString('hex')}`,
    }
    let payload = body
    if (this.#settings.gzip) {
      payload = await compress(body)
      headers['content-encoding'] = 'gzip'
    }
    return this.request(`/v1/write/${category}`, {
      method: 'POST',
      body: payload,
      headers,
      signal: options.signal,
    })
  }

  retried(path: string, status: string): void {
    this.#entry(path).retries++
    this.#metrics.retries.inc({ api: path, status })
  }

  async dispose(): Promise<void> {
    const dispatcher = await this.#dispatcher?.catch(() => undefined)
    await dispatcher?.destroy()
  }

  #entry(api: string): ApiCalls {
    let entry = this.calls.get(api)
    if (!entry) this.calls.set(api, (entry = { api, calls: 0, latencyMs: null, retries: 0 }))
    return entry
  }

  #seen(answer: Answer, ms: number): void {
    this.health.latencyMs = ms
    if (answer.status < 400) {
      this.health.state = 'ok'
      this.health.lastOk = this.#clock.now()
      this.health.error = null
    } else {
      this.health.state = 'failing'
      this.health.error = maskSecrets(`${answer.status} ${answer.body.slice(0, 300)}`).trim()
    }
  }

  async #send(path: string, options: RequestOptions): Promise<Answer> {
    this.#dispatcher ??= createDispatcher(this.#settings)
    const dispatcher = await this.#dispatcher
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#settings.timeoutMs)
    const response = await dispatcher.request({
      origin: this.endpoint.origin,
      path: this.endpoint.url(path, options.params).slice(this.endpoint.origin.length),
      method: options.method ?? 'GET',
      headers: {
        ...this.#agentHeaders,
        ...(path.startsWith(WRITE_PATH) ? {} : wireHeaders(this.#callHeaders())),
        ...options.headers,
      },
      body: options.body ?? null,
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    })
    const body = await readAnswer(response, options.maxAnswerBytes ?? ANSWER_BYTES)
    return { status: response.statusCode, headers: response.headers, body }
  }
}

async function createDispatcher(settings: DatawaySettings): Promise<UndiciAgent | UndiciProxyAgent> {
  const { Agent, ProxyAgent } = await import('undici')
  const tls = settings.tlsInsecure ? { rejectUnauthorized: false } : {}
  const common = {
    connections: settings.maxIdleConnsPerHost,
    keepAliveTimeout: settings.idleTimeoutMs,
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.timeoutMs,
  }
  if (settings.httpProxy) return new ProxyAgent({ uri: settings.httpProxy, ...common, requestTls: tls })
  return new Agent({ ...common, connect: { timeout: settings.timeoutMs, ...tls } })
}

/** The whole answer must arrive for a 2xx to count: a body that breaks off is no acknowledgement. */
async function readAnswer(response: Dispatcher.ResponseData, limit: number): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response.body) {
    if (size < limit) parts.push(part as Buffer)
    size += (part as Buffer).length
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8')
}

function causeText(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time'
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? errorText(cause) : errorText(error)
}

/** Values as a header can carry them: UTF-8 bytes one character each, control characters as spaces. */
function wireHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      return [name, Buffer.from(value.replace(CONTROL, ' ').trim(), 'utf8').toString('latin1')]
    }),
  )
}

const CONTROL = /\p{Cc}/gu

const asciiOnly = (text: string): string => text.replace(/[^\x20-\x7e]/g, '_')
