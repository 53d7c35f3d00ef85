// The only bridge into the page: one frozen object, two channels, messages of the contract and nothing else.
import { contextBridge, ipcRenderer } from 'electron'
import type { ConsoleBridge, ToAgent, ToConsole } from '../../agent-core/contract/messages.ts'
import { FROM_CONSOLE, TO_CONSOLE } from './channels.ts'

const KINDS: ReadonlySet<unknown> = new Set([
  'call',
  'cancel',
  'open',
  'credit',
  'close',
] satisfies ToAgent['t'][])
const load = crypto.randomUUID()
const receivers = new Set<(message: ToConsole) => void>()

ipcRenderer.on(TO_CONSOLE, (_event, forLoad: unknown, message: ToConsole) => {
  if (forLoad !== load) return
  for (const receive of receivers) receive(message)
})

const bridge: ConsoleBridge = {
  send(message) {
    if (!isToAgent(message)) throw new TypeError('not a message of the contract')
    ipcRenderer.send(FROM_CONSOLE, load, message)
  },
  onMessage(receive) {
    receivers.add(receive)
    return () => void receivers.delete(receive)
  },
  onStatus(receive) {
    receive(true)
    return () => {}
  },
  host: 'electron',
  platform: process.platform,
}

// Main checks again with the contract's schemas; this keeps anything else off the channel.
function isToAgent(message: unknown): message is ToAgent {
  if (typeof message !== 'object' || message === null) return false
  const { t, id } = message as Record<string, unknown>
  return KINDS.has(t) && Number.isSafeInteger(id)
}

contextBridge.exposeInMainWorld('datakit', Object.freeze(bridge))
