// The one error type of the agent: a code of the table in error-codes.ts, a message that names the thing, a remedy.
import { ERROR_CODES, type ErrorCode } from './error-codes.ts'

export type { ErrorCode }

/** What crosses a boundary (console contract, HTTP, log): never a stack, never a secret. */
export interface ErrorInfo {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
  readonly retriable: boolean
  readonly data?: Readonly<Record<string, unknown>>
}

export class AgentError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly retriable: boolean
  readonly data: Readonly<Record<string, unknown>> | undefined

  /**
   * @param code   a key of ERROR_CODES
   * @param detail names the thing that failed: appended to the code's message
   * @param options.hint overrides the table's remedy; options.data must be plain JSON-like values
   */
  constructor(
    code: ErrorCode,
    detail?: string,
    options: { hint?: string; data?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    const entry = ERROR_CODES[code]
    super(detail ? `${entry.message}: ${detail}` : entry.message, { cause: options.cause })
    this.name = 'AgentError'
    this.code = code
    this.hint = options.hint ?? entry.hint
    this.retriable = entry.retriable
    this.data = options.data
  }

  info(): ErrorInfo {
    const { code, message, hint, retriable, data } = this
    return data === undefined ? { code, message, hint, retriable } : { code, message, hint, retriable, data }
  }
}

/** Wraps anything thrown: an AgentError stays, the rest becomes KERNEL_BUG with the text kept. */
export function toAgentError(thrown: unknown): AgentError {
  if (thrown instanceof AgentError) return thrown
  return new AgentError('KERNEL_BUG', errorText(thrown), { cause: thrown })
}

/** One line of text for anything thrown. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name
  if (typeof thrown === 'string') return thrown
  try {
    return JSON.stringify(thrown) ?? String(thrown)
  } catch {
    return String(thrown)
  }
}

/** The errno code of a Node system error ('ENOENT', 'EADDRINUSE', ...), or undefined. */
export function errnoOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined
}
