// The agent's snapshot: listened to while the page is visible, kept while it is not.
import { defineStore, storeToRefs } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { ContractError } from '../../agent-core/contract/client.ts'
import type { OverviewSnapshot } from '../../agent-core/contract/index.ts'
import { byName } from './collectors.ts'
import type { Timer } from '../clock.ts'
import { useServices } from '../services.ts'
import { useConnection } from './connection.ts'

/** How long until a stream that the agent ended is opened again. */
const REOPEN_MS = 3000

export const useOverview = defineStore('overview', () => {
  const { client, clock } = useServices()
  const { visible } = storeToRefs(useConnection())
  const snapshot = shallowRef<OverviewSnapshot>()
  const error = shallowRef<ContractError>()
  const generation = ref(0)
  const collectors = computed(() => byName(snapshot.value?.collectors ?? []))

  watch(
    [visible, generation],
    ([isVisible], _before, onCleanup) => {
      if (!isVisible) return
      let reopen: Timer | undefined
      const stream = client.listen(
        'overview.watch',
        {},
        {
          onEvent(event) {
            snapshot.value = event
            error.value = undefined
          },
          onEnd(ended) {
            error.value = ended
            reopen = clock.after(REOPEN_MS, () => generation.value++)
          },
        },
      )
      onCleanup(() => {
        stream.dispose()
        reopen?.dispose()
      })
    },
    { immediate: true },
  )
  return { snapshot, error, collectors }
})
