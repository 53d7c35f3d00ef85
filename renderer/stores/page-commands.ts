// What the open page can do, for the command palette: a page tells while it is shown.
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowReactive } from 'vue'
import type { IconName } from '../ui/icons.ts'
import type { Key } from '../ui/use-keys.ts'

export interface PageCommand {
  readonly id: string
  readonly label: string
  readonly icon: IconName
  readonly detail?: string
  readonly key?: Key
  run(): void
}

export const usePageCommands = defineStore('page-commands', () => {
  const sources = shallowReactive(new Set<() => readonly PageCommand[]>())
  const commands = computed(() => [...sources].flatMap((source) => source()))
  /** Offers commands until the component that calls this goes away. */
  function offer(source: () => readonly PageCommand[]): void {
    sources.add(source)
    onScopeDispose(() => sources.delete(source))
  }
  return { commands, offer }
})
