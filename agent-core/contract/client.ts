// The console's end of the contract: typed calls with cancellation, streams with credit that survive a reconnect.
import { check } from './check.ts'
import { ContractError, contractError } from './errors.ts'
import { contract as agentContract, type AgentContract } from './index.ts'
import type { Args, Contract, Event, MethodName, Reply, StreamName } from './define.ts'
import type { ConsoleBridge, ToConsole, WireError } from './messages.ts'

export { ContractError }

export interface StreamListener<E> {
  /** Credit for the next event is granted when this returns, so a slow listener slows the agent's end. */
  onEvent(event: E, lost: number): void
  /** The stream is over: the agent ended it, or an event did not fit the schema. Not called by `dispose`. */
  onEnd?(error: ContractError | undefined): void
}

export interface ContractClient<C extends Contract> {
  /** Rejects with a ContractError: the agent's own, CONSOLE_DISCONNECTED, CONSOLE_BAD_REPLY or KERNEL_CANCELLED. */
  call<M extends MethodName<C>>(
    method: M,
    args: Args<C[M]>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Reply<C[M]>>
  /** Opens at once or with the next connection, and again after each reconnect, until disposed or ended. */
  listen<S extends StreamName<C>>(
    stream: S,
    args: Args<C[S]>,
    listener: StreamListener<Event<C[S]>>,
  ): { dispose(): void }
  /** Calls at once with the present state, then on each change. Returns the unsubscribe function. */
  onStatus(receive: (connected: boolean) => void): () => void
  dispose(): void
}

/** Events that may be under way before the listener has taken one. */
const CREDIT = { latest: 2, drop: 64 } as const

interface PendingCall {
  readonly name: string
  settle(result: { value: unknown } | { error: ContractError }): void
}

interface OpenStream {
  readonly name: string
  readonly args: unknown
  readonly credit: number
  readonly listener: StreamListener<never>
  /** 0 while there is no connection. */
  id: number
  consumed: number
}

export const createClient = (bridge: ConsoleBridge): ContractClient<AgentContract> =>
  createContractClient(agentContract, bridge)

export function createContractClient<C extends Contract>(
  contract: C,
  bridge: ConsoleBridge,
): ContractClient<C> {
  const connection = new Connection(contract, bridge)
  return {
    call: (method, args, options) =>
      connection.call(method, args, options?.signal) as Promise<Reply<C[typeof method]>>,
    listen: (stream, args, listener) => connection.listen(stream, args, listener as StreamListener<never>),
    onStatus: (receive) => connection.onStatus(receive),
    dispose: () => connection.dispose(),
  }
}

class Connection {
  readonly #contract: Contract
  readonly #bridge: ConsoleBridge
  readonly #calls = new Map<number, PendingCall>()
  readonly #streams = new Set<OpenStream>()
  readonly #open = new Map<number, OpenStream>()
  readonly #statusListeners = new Set<(connected: boolean) => void>()
  readonly #unsubscribe: (() => void)[]
  #connected = false
  #lastId = 0

  constructor(contract: Contract, bridge: ConsoleBridge) {
    this.#contract = contract
    this.#bridge = bridge
    this.#unsubscribe = [
      bridge.onMessage((message) => this.#receive(message)),
      bridge.onStatus((connected) => this.#setConnected(connected)),
    ]
  }

  call(name: string, args: unknown, signal?: AbortSignal): Promise<unknown> {
    const spec = this.#contract[name]
    if (spec?.kind !== 'method') return failed(contractError('CONSOLE_UNKNOWN_METHOD', name))
    const checked = check(spec.args, args)
    if (!checked.ok) return failed(contractError('CONSOLE_BAD_ARGUMENTS', `${name}: ${checked.problem}`))
    if (signal?.aborted) return failed(contractError('KERNEL_CANCELLED', name))
    if (!this.#connected) return failed(contractError('CONSOLE_DISCONNECTED', name))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.#bridge.send({ t: 'cancel', id })
        pending.settle({ error: new ContractError(contractError('KERNEL_CANCELLED', name)) })
      }
      const pending: PendingCall = {
        name,
        settle: (result) => {
          this.#calls.delete(id)
          signal?.removeEventListener('abort', cancel)
          if ('error' in result) reject(result.error)
          else resolve(result.value)
        },
      }
      this.#calls.set(id, pending)
      signal?.addEventListener('abort', cancel, { once: true })
      this.#bridge.send({ t: 'call', id, method: name, args: checked.value })
    })
  }

  listen(name: string, args: unknown, listener: StreamListener<never>): { dispose(): void } {
    const spec = this.#contract[name]
    const checked = spec?.kind === 'stream' ? check(spec.args, args) : undefined
    if (spec?.kind !== 'stream' || !checked?.ok) {
      const error = checked
        ? contractError('CONSOLE_BAD_ARGUMENTS', `${name}: ${checked.ok ? '' : checked.problem}`)
        : contractError('CONSOLE_UNKNOWN_METHOD', name)
      queueMicrotask(() => listener.onEnd?.(new ContractError(error)))
      return { dispose: () => {} }
    }
    const stream: OpenStream = {
      name,
      args: checked.value,
      credit: CREDIT[spec.overflow],
      listener,
      id: 0,
      consumed: 0,
    }
    this.#streams.add(stream)
    if (this.#connected) this.#openStream(stream)
    return { dispose: () => this.#closeStream(stream) }
  }

  onStatus(receive: (connected: boolean) => void): () => void {
    this.#statusListeners.add(receive)
    receive(this.#connected)
    return () => this.#statusListeners.delete(receive)
  }

  dispose(): void {
    for (const stream of this.#streams) this.#closeStream(stream)
    this.#setConnected(false)
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    this.#statusListeners.clear()
  }

  #setConnected(connected: boolean): void {
    if (connected === this.#connected) return
    this.#connected = connected
    if (connected) {
      for (const stream of this.#streams) this.#openStream(stream)
    } else {
      for (const stream of this.#streams) stream.id = 0
      this.#open.clear()
      for (const call of this.#calls.values())
        call.settle({ error: new ContractError(contractError('CONSOLE_DISCONNECTED', call.name)) })
    }
    for (const receive of this.#statusListeners) receive(connected)
  }

  #openStream(stream: OpenStream): void {
    stream.id = ++this.#lastId
    stream.consumed = 0
    this.#open.set(stream.id, stream)
    const { id, name, args, credit } = stream
    this.#bridge.send({ t: 'open', id, stream: name, args, credit })
  }

  #closeStream(stream: OpenStream): void {
    if (!this.#streams.delete(stream)) return
    this.#open.delete(stream.id)
    if (stream.id !== 0) this.#bridge.send({ t: 'close', id: stream.id })
  }

  #receive(message: ToConsole): void {
    if (message.t === 'reply') this.#reply(message)
    else if (message.t === 'event') this.#event(message)
    else if (message.t === 'end') this.#end(message)
  }

  #reply(message: ToConsole & { t: 'reply' }): void {
    const call = this.#calls.get(message.id)
    if (!call) return
    if (!message.ok) return call.settle({ error: new ContractError(message.error) })
    const spec = this.#contract[call.name]
    const checked = spec?.kind === 'method' ? check(spec.result, message.value) : undefined
    if (checked?.ok) return call.settle({ value: checked.value })
    const detail = `${call.name}: ${checked?.problem ?? ''}`
    call.settle({ error: new ContractError(contractError('CONSOLE_BAD_REPLY', detail)) })
  }

  #event(message: ToConsole & { t: 'event' }): void {
    const stream = this.#open.get(message.id)
    const spec = stream && this.#contract[stream.name]
    if (!stream || spec?.kind !== 'stream') return
    const checked = check(spec.event, message.value)
    if (!checked.ok) {
      this.#closeStream(stream)
      const error = contractError('CONSOLE_BAD_REPLY', `${stream.name}: ${checked.problem}`)
      stream.listener.onEnd?.(new ContractError(error))
      return
    }
    try {
      stream.listener.onEvent(checked.value as never, message.lost)
    } finally {
      this.#grant(stream)
    }
  }

  /** Credit goes back in halves: one message for several events, and the agent never runs dry waiting for it. */
  #grant(stream: OpenStream): void {
    stream.consumed++
    if (stream.consumed * 2 < stream.credit || !this.#open.has(stream.id)) return
    this.#bridge.send({ t: 'credit', id: stream.id, n: stream.consumed })
    stream.consumed = 0
  }

  #end(message: ToConsole & { t: 'end' }): void {
    const stream = this.#open.get(message.id)
    if (!stream) return
    this.#open.delete(stream.id)
    this.#streams.delete(stream)
    stream.listener.onEnd?.(message.error && new ContractError(message.error))
  }
}

async function failed(error: WireError): Promise<never> {
  throw new ContractError(error)
}
