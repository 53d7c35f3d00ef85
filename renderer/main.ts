// Entry of the console page, in Electron and in a browser alike.
import { browserClock } from './clock.ts'
import { startConsole } from './start.ts'
import { pickBridge } from './transport/pick-bridge.ts'

startConsole({
  bridge: pickBridge(window, browserClock),
  clock: browserClock,
  mount: document.querySelector('#app')!,
  cspNonce: document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content,
})
