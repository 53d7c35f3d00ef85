// The pages of the console, in the order of the rail and of their keys. A page that is not in this list does not exist.
import type { Component } from 'vue'
import type { IconName } from '../ui/icons.ts'

export interface Page {
  readonly id: 'overview' | 'charts' | 'pipelines'
  readonly path: string
  readonly icon: IconName
  readonly component: () => Promise<{ default: Component }>
}

export const PAGES: readonly Page[] = [
  {
    id: 'overview',
    path: '/overview',
    icon: 'overview',
    component: () => import('./overview/OverviewPage.vue'),
  },
  { id: 'charts', path: '/charts', icon: 'charts', component: () => import('./charts/ChartsPage.vue') },
  {
    id: 'pipelines',
    path: '/pipelines',
    icon: 'pipelines',
    component: () => import('./pipelines/PipelinesPage.vue'),
  },
]
