// Is the agent there, who is it, and does somebody look?
import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { AgentInfo } from '../../agent-core/contract/index.ts'
import { useServices } from '../services.ts'

/** A first connection takes less than this, or something is wrong. */
const FIRST_CONNECTION_MS = 4000

export const useConnection = defineStore('connection', () => {
  const { client, clock } = useServices()
  const connected = ref(false)
  /** Nobody answers: the connection is gone, or none came in the time that one takes. */
  const lost = ref(false)
  const agent = shallowRef<AgentInfo>()
  const visible = ref(!document.hidden)
  /** Ticks once a second while the page is visible. */
  const now = ref(clock.now())

  const readAgent = async (): Promise<void> => {
    try {
      agent.value = await client.call('agent.info', {})
    } catch {
      // The connection went again, or versions differ: what needs the agent says so in its own place.
    }
  }
  const stopStatus = client.onStatus((isConnected) => {
    lost.value = !isConnected && (connected.value || lost.value)
    connected.value = isConnected
    if (isConnected) void readAgent()
  })
  const tick = (): void => {
    if (visible.value) now.value = clock.now()
  }
  const timers = [
    clock.every(1000, tick),
    clock.after(FIRST_CONNECTION_MS, () => (lost.value ||= !connected.value)),
  ]
  const look = (): void => {
    visible.value = !document.hidden
    tick()
  }
  document.addEventListener('visibilitychange', look)

  onScopeDispose(() => {
    stopStatus()
    for (const timer of timers) timer.dispose()
    document.removeEventListener('visibilitychange', look)
  })
  return { connected, lost, agent, visible, now }
})
