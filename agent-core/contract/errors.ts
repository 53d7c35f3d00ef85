// Errors that the contract itself raises, and the class that carries any contract error inside a console.
import type { WireError } from './messages.ts'

const wire = (code: string, message: string, hint: string, retriable = false): WireError => ({
  code,
  message,
  hint,
  retriable,
})

/** Mirrors the kernel's table (a test compares both): this room imports nothing from the kernel. */
export const CONTRACT_ERRORS = {
  KERNEL_BUG: wire(
    'KERNEL_BUG',
    'Unexpected error',
    'This is a defect of the agent. Please report it with the log.',
  ),
  KERNEL_CANCELLED: wire('KERNEL_CANCELLED', 'Cancelled', 'The caller gave up; nothing was changed.', true),
  CONSOLE_UNKNOWN_METHOD: wire(
    'CONSOLE_UNKNOWN_METHOD',
    'Unknown method',
    'Reload the console: its version differs from the agent.',
  ),
  CONSOLE_BAD_ARGUMENTS: wire(
    'CONSOLE_BAD_ARGUMENTS',
    'Bad arguments',
    'Reload the console: its version differs from the agent.',
  ),
  CONSOLE_BAD_REPLY: wire(
    'CONSOLE_BAD_REPLY',
    'Bad reply',
    'Reload the console: its version differs from the agent.',
  ),
  CONSOLE_DISCONNECTED: wire(
    'CONSOLE_DISCONNECTED',
    'The agent is not reachable',
    'It reconnects by itself.',
    true,
  ),
} as const

export type ContractErrorCode = keyof typeof CONTRACT_ERRORS

/** One of the contract's own errors; `detail` names the thing and is appended to the message. */
export function contractError(code: ContractErrorCode, detail?: string): WireError {
  const entry = CONTRACT_ERRORS[code]
  return detail ? { ...entry, message: `${entry.message}: ${detail}` } : entry
}

/** Reads the five fields that may cross from anything shaped like an agent's error; undefined for the rest. */
export function asWireError(thrown: unknown): WireError | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { code, message, hint, retriable, data } = thrown as Partial<WireError>
  if (typeof code !== 'string' || typeof message !== 'string') return undefined
  if (typeof hint !== 'string' || typeof retriable !== 'boolean') return undefined
  return data === undefined ? { code, message, hint, retriable } : { code, message, hint, retriable, data }
}

/** What `call` rejects with and `onEnd` receives. */
export class ContractError extends Error {
  readonly code: string
  readonly hint: string
  readonly retriable: boolean
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(error: WireError) {
    super(error.message)
    this.name = 'ContractError'
    this.code = error.code
    this.hint = error.hint
    this.retriable = error.retriable
    this.data = error.data
  }
}
