// Tries a DataWay address without sending data: is it an address, does it answer, does it know the token.
import type { Clock } from '../../kernel/clock.ts'
import { errorText, toAgentError } from '../../kernel/errors.ts'
import { createMetrics } from '../../kernel/metrics.ts'
import { maskSecrets } from '../../kernel/secrets.ts'
import type { DatawaySettings } from '../settings.ts'
import { DatawayClient, clientMetrics, type Answer, type ClientFacts } from './client.ts'
import { Endpoint } from './endpoint.ts'

export interface ProbeStep {
  readonly name: 'address' | 'reach' | 'token'
  /** null = not reached. */
  readonly ok: boolean | null
  readonly text: string
}

export interface ProbeResult {
  readonly ok: boolean
  readonly latencyMs: number | null
  readonly steps: ProbeStep[]
}

export interface ProbeOptions {
  readonly settings: DatawaySettings
  readonly clock: Clock
  readonly facts: ClientFacts
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 10_000

export async function testDataway(url: string, options: ProbeOptions): Promise<ProbeResult> {
  const endpoint = Endpoint.parse(url.trim())
  if (!endpoint.ok) {
    const { message, hint } = endpoint.error
    return failed([{ name: 'address', ok: false, text: `${message}. ${hint}` }])
  }
  const steps: ProbeStep[] = [{ name: 'address', ok: true, text: endpoint.value.label }]
  const client = new DatawayClient(endpoint.value, options.settings, {
    clock: options.clock,
    metrics: clientMetrics(createMetrics()),
    facts: options.facts,
  })
  try {
    const started = options.clock.monotonic()
    const path = `/v1/check/token/${encodeURIComponent(endpoint.value.token)}`
    const answer = await client.request(path, { signal: options.signal, timeoutMs: TIMEOUT_MS })
    const latencyMs = options.clock.monotonic() - started
    steps.push({ name: 'reach', ok: true, text: `${Math.round(latencyMs)} ms` })
    const token = tokenStep(endpoint.value.token, answer)
    steps.push(token)
    return { ok: token.ok === true, latencyMs, steps }
  } catch (error) {
    steps.push({ name: 'reach', ok: false, text: maskSecrets(errorText(toAgentError(error))) })
    return failed(steps)
  } finally {
    await client.dispose()
  }
}

/** Valid if 200, or JSON code == 200 or an empty errorCode (spec points-io-http.md section 3). */
function tokenStep(token: string, answer: Answer): ProbeStep {
  if (token === '') return { name: 'token', ok: false, text: 'The address has no ?token=…' }
  const reply = parse(answer.body)
  const valid = answer.status === 200 || reply.code === 200 || reply.errorCode === ''
  if (valid) return { name: 'token', ok: true, text: 'The DataWay knows the token' }
  const text = reply.message ?? reply.errorCode ?? `HTTP ${answer.status}`
  return { name: 'token', ok: false, text: maskSecrets(String(text)) }
}

function parse(body: string): { code?: number; errorCode?: string; message?: string } {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

const REST = ['address', 'reach', 'token'] as const

/** The steps behind a failed one were not reached. */
function failed(steps: ProbeStep[]): ProbeResult {
  const rest = REST.slice(steps.length).map((name) => ({ name, ok: null, text: '' }))
  return { ok: false, latencyMs: null, steps: [...steps, ...rest] }
}
