// Globals of a console page.
import type { ConsoleBridge } from '../agent-core/contract/messages.ts'

declare global {
  interface Window {
    /** Set by the preload script in Electron; a browser has none and takes the WebSocket. */
    readonly datakit?: ConsoleBridge
  }
}
