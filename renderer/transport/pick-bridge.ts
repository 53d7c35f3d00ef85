// Which bridge this page has: preload's in Electron, else the WebSocket of the host that served it.
import { createWebSocketBridge } from './websocket.ts'
import type { ConsoleBridge } from '../../agent-core/contract/messages.ts'
import type { Clock } from '../clock.ts'

export function pickBridge(page: Window, clock: Clock): ConsoleBridge {
  if (page.datakit) return page.datakit
  const url = new URL('/rpc', page.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const bridge = createWebSocketBridge({
    open: () => new WebSocket(url),
    clock,
    platform: platformOf(page.navigator.userAgent),
    random: Math.random,
  })
  page.document.addEventListener('visibilitychange', () => {
    if (!page.document.hidden) bridge.retryNow()
  })
  return bridge
}

/** Node's name of the platform that the browser runs on: it decides between Ctrl and Command. */
export function platformOf(userAgent: string): string {
  if (/Macintosh|Mac OS X/.test(userAgent)) return 'darwin'
  return /Windows/.test(userAgent) ? 'win32' : 'linux'
}
