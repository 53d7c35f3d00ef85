// A console and an agent in one process: the bridge of unit tests and of the console's development page.
import { contract as agentContract, type AgentContract } from './index.ts'
import { serve, type ContractHandlers, type ContractSession, type ServeOptions } from './server.ts'
import type { Contract } from './define.ts'
import type { ConsoleBridge, ToAgent, ToConsole } from './messages.ts'

export interface MemoryBridge extends ConsoleBridge {
  /** Drops or restores the connection, as a host that goes away and comes back. */
  setConnected(connected: boolean): void
  /** What the console has sent so far. */
  readonly sent: readonly ToAgent[]
  dispose(): Promise<void>
}

/** Messages are structured clones, delivered in order and never within the call that sends them. */
export const createMemoryBridge = (handlers: ContractHandlers): MemoryBridge =>
  createBridge<AgentContract>(agentContract, handlers)

export function createBridge<C extends Contract>(
  contract: C,
  handlers: ContractHandlers<C>,
  options?: ServeOptions,
): MemoryBridge {
  const receivers = new Set<(message: ToConsole) => void>()
  const statusReceivers = new Set<(connected: boolean) => void>()
  const sent: ToAgent[] = []
  const connect = (): ContractSession =>
    serve(
      contract,
      handlers,
      (message) => {
        const copy = structuredClone(message)
        queueMicrotask(() => {
          for (const receive of receivers) receive(copy)
        })
      },
      options,
    )
  let session: ContractSession | undefined = connect()
  const setConnected = (connected: boolean): void => {
    if (connected === (session !== undefined)) return
    if (connected) session = connect()
    else {
      void session?.dispose()
      session = undefined
    }
    for (const receive of statusReceivers) receive(connected)
  }
  return {
    host: 'web',
    platform: 'linux',
    sent,
    setConnected,
    send(message) {
      const copy = structuredClone(message)
      sent.push(copy)
      const to = session
      queueMicrotask(() => to?.receive(copy))
    },
    onMessage(receive) {
      receivers.add(receive)
      return () => receivers.delete(receive)
    },
    onStatus(receive) {
      statusReceivers.add(receive)
      receive(session !== undefined)
      return () => statusReceivers.delete(receive)
    },
    async dispose() {
      await session?.dispose()
      session = undefined
    },
  }
}
