// Puts the console together on a page: services, stores, languages, routes.
import { createPinia, disposePinia } from 'pinia'
import { createApp } from 'vue'
import { createRouter, createWebHashHistory } from 'vue-router'
import { createClient } from '../agent-core/contract/client.ts'
import type { ConsoleBridge } from '../agent-core/contract/messages.ts'
import App from './App.vue'
import type { Clock } from './clock.ts'
import { createConsoleI18n, languageOf } from './i18n.ts'
import { PAGES } from './pages/pages.ts'
import { provideServices } from './services.ts'
import './styles/tokens.css'
import './styles/ground.css'
import './styles/controls.css'
import './styles/data.css'

export interface StartOptions {
  readonly bridge: ConsoleBridge
  readonly clock: Clock
  readonly mount: Element
  readonly cspNonce: string | undefined
}

/** Disposing it leaves no timer, stream or listener behind. */
export function startConsole({ bridge, clock, mount, cspNonce }: StartOptions): { dispose(): void } {
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [
      ...PAGES.map(({ id, path, component }) => ({ name: id, path, component })),
      { path: '/:unknown(.*)', redirect: PAGES[0]!.path },
    ],
  })
  const app = createApp(App)
  const pinia = createPinia()
  const client = createClient(bridge)
  const i18n = createConsoleI18n(languageOf('system', navigator.languages))
  provideServices(app, {
    client,
    clock,
    i18n,
    host: bridge.host,
    platform: bridge.platform,
    cspNonce,
  })
  app.use(i18n)
  app.use(pinia)
  app.use(router)
  app.mount(mount)
  return {
    dispose() {
      app.unmount()
      disposePinia(pinia)
      client.dispose()
    },
  }
}
