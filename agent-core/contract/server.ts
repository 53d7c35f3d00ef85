// The agent's end of the contract: one session a console, fed by whatever transport carries the messages.
import * as v from 'valibot'
import { check } from './check.ts'
import { asWireError, contractError } from './errors.ts'
import { contract as agentContract, type AgentContract } from './index.ts'
import type { Contract, Event, Method, ParsedArgs, Reply, Stream } from './define.ts'
import type { ToConsole, WireError } from './messages.ts'

/** A handler's answer: the value itself, or the kernel's Result (an object of exactly `ok` and `value` or `error`). */
export type Answer<T> =
  | T
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError }

export type MethodHandler<M extends Method> = (
  args: ParsedArgs<M>,
  call: { readonly signal: AbortSignal },
) => Answer<Reply<M>> | Promise<Answer<Reply<M>>>

export interface StreamControl {
  /** Aborts when the console closes the stream or goes away. */
  readonly signal: AbortSignal
  /** Ends the stream from the agent's side, with an error when it failed. */
  end(error?: WireError): void
}

/** `emit` is cheap while the console has no credit: events coalesce or are counted, and are checked only when sent. */
export type StreamHandler<S extends Stream> = (
  args: ParsedArgs<S>,
  emit: (event: Event<S>) => void,
  control: StreamControl,
) => Closable | Promise<Closable>

export interface Closable {
  dispose(): void | Promise<void>
}

export type ContractHandlers<C extends Contract = AgentContract> = {
  readonly [K in keyof C]: C[K] extends Method
    ? MethodHandler<C[K]>
    : C[K] extends Stream
      ? StreamHandler<C[K]>
      : never
}

export interface ContractSession {
  /** Takes whatever the transport received; what is no contract message is ignored. */
  receive(message: unknown): void
  /** Cancels the calls and closes the streams of this console. */
  dispose(): Promise<void>
}

export interface ServeOptions {
  /** Told of each exception that was no expected error: the console gets its text only, a log wants the stack. */
  readonly onBug?: (thrown: unknown, name: string) => void
}

/** Serves one console. `send` carries plain data and is never called after `dispose`. */
export const serveContract = (
  handlers: ContractHandlers,
  send: (message: ToConsole) => void,
  options?: ServeOptions,
): ContractSession => serve(agentContract, handlers, send, options)

export const serve = <C extends Contract>(
  contract: C,
  handlers: ContractHandlers<C>,
  send: (message: ToConsole) => void,
  options: ServeOptions = {},
): ContractSession => new Session(contract, handlers as unknown as AnyHandlers, send, options)

type AnyHandlers = Readonly<Record<string, AnyMethod & AnyStream>>
type AnyMethod = (args: unknown, call: { signal: AbortSignal }) => unknown
type AnyStream = (
  args: unknown,
  emit: (event: unknown) => void,
  control: StreamControl,
) => Closable | Promise<Closable>

const id = v.pipe(v.number(), v.integer(), v.minValue(1))
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536))
const toAgent = v.variant('t', [
  v.object({ t: v.literal('call'), id, method: v.string(), args: v.unknown() }),
  v.object({ t: v.literal('cancel'), id }),
  v.object({ t: v.literal('open'), id, stream: v.string(), args: v.unknown(), credit: count }),
  v.object({ t: v.literal('credit'), id, n: count }),
  v.object({ t: v.literal('close'), id }),
])
type Incoming = v.InferOutput<typeof toAgent>

class Session implements ContractSession {
  readonly #contract: Contract
  readonly #handlers: AnyHandlers
  readonly #send: (message: ToConsole) => void
  readonly #wireError: (thrown: unknown, name: string) => WireError
  readonly #calls = new Map<number, AbortController>()
  readonly #streams = new Map<number, ServedStream>()
  #closed = false

  constructor(
    contract: Contract,
    handlers: AnyHandlers,
    send: (message: ToConsole) => void,
    options: ServeOptions,
  ) {
    this.#contract = contract
    this.#handlers = handlers
    this.#wireError = (thrown, name) => {
      const expected = asWireError(thrown)
      if (!expected) options.onBug?.(thrown, name)
      return expected ?? contractError('KERNEL_BUG', textOf(thrown))
    }
    this.#send = (message) => {
      if (!this.#closed) send(message)
    }
  }

  receive(message: unknown): void {
    const parsed = v.safeParse(toAgent, message)
    if (!parsed.success || this.#closed) return
    const incoming = parsed.output
    if (incoming.t === 'call') void this.#call(incoming)
    else if (incoming.t === 'cancel') this.#calls.get(incoming.id)?.abort()
    else if (incoming.t === 'open') this.#open(incoming)
    else if (incoming.t === 'credit') this.#streams.get(incoming.id)?.grant(incoming.n)
    else void this.#close(incoming.id)
  }

  async dispose(): Promise<void> {
    this.#closed = true
    for (const call of this.#calls.values()) call.abort()
    this.#calls.clear()
    await Promise.all([...this.#streams.keys()].map((id) => this.#close(id)))
  }

  async #call({ id, method: name, args }: Incoming & { t: 'call' }): Promise<void> {
    const spec = Object.hasOwn(this.#contract, name) ? this.#contract[name] : undefined
    const fail = (error: WireError): void => this.#send({ t: 'reply', id, ok: false, error })
    if (spec?.kind !== 'method') return fail(contractError('CONSOLE_UNKNOWN_METHOD', name))
    if (this.#calls.has(id)) return
    const checked = check(spec.args, args)
    if (!checked.ok) return fail(contractError('CONSOLE_BAD_ARGUMENTS', `${name}: ${checked.problem}`))
    const abort = new AbortController()
    this.#calls.set(id, abort)
    try {
      const answer = await this.#handlers[name]!(checked.value, { signal: abort.signal })
      const result = resultOf(answer)
      if ('error' in result) return fail(this.#wireError(result.error, name))
      const reply = check(spec.result, result.value)
      if (reply.ok) this.#send({ t: 'reply', id, ok: true, value: reply.value })
      else fail(contractError('CONSOLE_BAD_REPLY', `${name}: ${reply.problem}`))
    } catch (thrown) {
      const cancelled = abort.signal.aborted && thrown instanceof Error && thrown.name === 'AbortError'
      fail(cancelled ? contractError('KERNEL_CANCELLED', name) : this.#wireError(thrown, name))
    } finally {
      this.#calls.delete(id)
    }
  }

  #open({ id, stream: name, args, credit }: Incoming & { t: 'open' }): void {
    const spec = Object.hasOwn(this.#contract, name) ? this.#contract[name] : undefined
    const fail = (error: WireError): void => this.#send({ t: 'end', id, error })
    if (spec?.kind !== 'stream') return fail(contractError('CONSOLE_UNKNOWN_METHOD', name))
    if (this.#streams.has(id)) return
    const checked = check(spec.args, args)
    if (!checked.ok) return fail(contractError('CONSOLE_BAD_ARGUMENTS', `${name}: ${checked.problem}`))
    const send = (message: ToConsole): void => {
      if (message.t === 'end') void this.#close(id)
      this.#send(message)
    }
    const served = new ServedStream({ id, name, spec, credit, send, wireError: this.#wireError })
    this.#streams.set(id, served)
    served.start(this.#handlers[name]!, checked.value)
  }

  async #close(id: number): Promise<void> {
    const served = this.#streams.get(id)
    this.#streams.delete(id)
    await served?.dispose()
  }
}

interface StreamOptions {
  readonly id: number
  readonly name: string
  readonly spec: Stream
  readonly credit: number
  readonly send: (message: ToConsole) => void
  readonly wireError: (thrown: unknown, name: string) => WireError
}

/** One open stream: its credit, and what waits or was lost while there is none. */
class ServedStream implements Closable {
  readonly #options: StreamOptions
  readonly #abort = new AbortController()
  #credit: number
  #lost = 0
  #waiting: { readonly event: unknown } | undefined
  #source: Promise<Closable | undefined> | undefined

  constructor(options: StreamOptions) {
    this.#options = options
    this.#credit = options.credit
  }

  start(handler: AnyStream, args: unknown): void {
    const control: StreamControl = { signal: this.#abort.signal, end: (error) => this.#end(error) }
    const fail = (thrown: unknown): undefined => this.#fail(thrown)
    // Started in a microtask: a handler that ends its stream at once must still find #source to be disposed.
    this.#source = Promise.resolve()
      .then(() => handler(args, (event) => this.#emit(event), control))
      .catch(fail)
  }

  grant(n: number): void {
    this.#credit += n
    const waiting = this.#waiting
    if (!waiting) return
    this.#waiting = undefined
    this.#deliver(waiting.event)
  }

  async dispose(): Promise<void> {
    this.#abort.abort()
    this.#waiting = undefined
    const source = await this.#source
    try {
      await source?.dispose()
    } catch (thrown) {
      // The stream is gone: nobody to answer, only somebody to tell.
      this.#options.wireError(thrown, this.#options.name)
    }
  }

  #emit(event: unknown): void {
    if (this.#abort.signal.aborted) return
    if (this.#credit > 0) return this.#deliver(event)
    const { overflow } = this.#options.spec
    if (overflow === 'drop' || this.#waiting) this.#lost++
    if (overflow === 'latest') this.#waiting = { event }
  }

  #deliver(event: unknown): void {
    const { id, name, spec, send } = this.#options
    const checked = check(spec.event, event)
    if (!checked.ok) return this.#end(contractError('CONSOLE_BAD_REPLY', `${name}: ${checked.problem}`))
    const lost = this.#lost
    this.#lost = 0
    this.#credit--
    send({ t: 'event', id, value: checked.value, lost })
  }

  #fail(thrown: unknown): undefined {
    this.#end(this.#options.wireError(thrown, this.#options.name))
  }

  #end(error: WireError | undefined): void {
    if (this.#abort.signal.aborted) return
    this.#abort.abort()
    const { id, send, name, wireError } = this.#options
    send(error ? { t: 'end', id, error: wireError(error, name) } : { t: 'end', id })
  }
}

/** Only an object of exactly `ok` and `value` or `error` is a Result: a reply of its own may well have an `ok`. */
function resultOf(answer: unknown): { value: unknown } | { error: unknown } {
  if (typeof answer !== 'object' || answer === null || Object.keys(answer).length !== 2)
    return { value: answer }
  if ('ok' in answer && answer.ok === true && 'value' in answer) return { value: answer.value }
  if ('ok' in answer && answer.ok === false && 'error' in answer) return { error: answer.error }
  return { value: answer }
}

/** Text only: a stack stays in the agent. */
const textOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
