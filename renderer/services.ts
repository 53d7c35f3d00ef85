// What components and stores get from the page: the contract client, the clock, facts about the host.
import { inject, type App, type InjectionKey } from 'vue'
import type { ContractClient } from '../agent-core/contract/client.ts'
import type { AgentContract } from '../agent-core/contract/index.ts'
import type { ConsoleBridge } from '../agent-core/contract/messages.ts'
import type { Clock } from './clock.ts'
import type { ConsoleI18n } from './i18n.ts'

export interface Services {
  readonly client: ContractClient<AgentContract>
  readonly clock: Clock
  readonly i18n: ConsoleI18n
  readonly host: ConsoleBridge['host']
  /** Node's platform name of the machine that shows this page. */
  readonly platform: string
  /** For the few libraries that add a style element: the page's CSP allows it with this nonce only. */
  readonly cspNonce: string | undefined
}

const servicesKey: InjectionKey<Services> = Symbol('services')

export const provideServices = (app: App, services: Services): void => {
  app.provide(servicesKey, services)
}

export function useServices(): Services {
  const services = inject(servicesKey)
  if (!services) throw new Error('services are not provided to this app')
  return services
}
