// What preload puts into the page.
import type { ConsoleBridge } from '../agent-core/contract/messages.ts'

declare global {
  interface Window {
    datakit?: ConsoleBridge
  }
}
