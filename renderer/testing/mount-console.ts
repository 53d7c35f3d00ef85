// Mounts a component with everything the console gives it: an agent in memory, a clock that stands still, routes, texts.
import { mount, type VueWrapper } from '@vue/test-utils'
import { onTestFinished } from 'vitest'
import { createPinia } from 'pinia'
import { defineComponent, h, type App, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { createClient } from '../../agent-core/contract/client.ts'
import { createMemoryBridge, type MemoryBridge } from '../../agent-core/contract/memory-bridge.ts'
import type { ContractHandlers } from '../../agent-core/contract/server.ts'
import { inventedAgent } from '../dev/agent.ts'
import { createConsoleI18n, type Language } from '../i18n.ts'
import { PAGES } from '../pages/pages.ts'
import { provideServices, type Services } from '../services.ts'
import { FakeClock } from './fake-clock.ts'

export interface ConsoleOptions {
  /** State of the invented agent: failing, local, first, empty, loading. */
  readonly state?: string
  readonly language?: Language
  readonly handlers?: Partial<ContractHandlers>
  readonly host?: Services['host']
  readonly platform?: string
  readonly props?: Record<string, unknown>
  /** False: the agent does not answer yet. */
  readonly connected?: boolean
}

export interface MountedConsole {
  readonly wrapper: VueWrapper
  readonly bridge: MemoryBridge
  readonly clock: FakeClock
  /** Lets messages, promises and rendering settle. */
  settle(): Promise<void>
  /** Moves the clock, then settles. */
  advance(ms: number): Promise<void>
  /** Methods called so far, with their arguments. */
  calls(method: string): unknown[]
  /** Streams of this name that stand open. */
  open(stream: string): number
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setTimeout(resolve))
}

export async function mountConsole(
  component: Component,
  options: ConsoleOptions = {},
): Promise<MountedConsole> {
  const clock = new FakeClock()
  const language = options.language ?? 'en'
  const agent = inventedAgent({ clock, state: options.state ?? 'failing', theme: 'light', language })
  const bridge = createMemoryBridge({ ...agent, ...options.handlers })
  if (options.connected === false) bridge.setConnected(false)
  const i18n = createConsoleI18n(language)
  const router = createRouter({
    history: createMemoryHistory(),
    routes: PAGES.map(({ id, path }) => ({
      name: id,
      path,
      component: defineComponent(() => () => h('p', id)),
    })),
  })
  await router.push('/overview')
  const services = {
    install: (app: App) =>
      provideServices(app, {
        client: createClient(bridge),
        clock,
        i18n,
        host: options.host ?? 'web',
        platform: options.platform ?? 'linux',
        cspNonce: undefined,
      }),
  }
  const wrapper = mount(component, {
    attachTo: document.body,
    props: options.props ?? {},
    global: { plugins: [services, i18n, createPinia(), router] },
  })
  // Test files share a document: a dialog that stays open would keep the focus of the next ones.
  onTestFinished(() => wrapper.unmount())
  await settle()
  return {
    wrapper,
    bridge,
    clock,
    settle,
    async advance(ms) {
      clock.advance(ms)
      await settle()
    },
    calls: (method) =>
      bridge.sent.flatMap((message) =>
        message.t === 'call' && message.method === method ? [message.args] : [],
      ),
    open: (stream) =>
      bridge.sent.filter((message) => message.t === 'open' && message.stream === stream).length -
      bridge.sent.filter(
        (message) =>
          message.t === 'close' &&
          bridge.sent.some((one) => one.t === 'open' && one.stream === stream && one.id === message.id),
      ).length,
  }
}

/** The page goes behind another window, or comes back. */
export function setHidden(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}
