// Actions on the agent that have no place of their own on a page: each tells what came of it.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useServices } from '../services.ts'
import { useToasts } from './toasts.ts'

export const useActions = defineStore('actions', () => {
  const { client } = useServices()
  const toasts = useToasts()
  const reloading = ref(false)

  async function reload(): Promise<void> {
    if (reloading.value) return
    reloading.value = true
    try {
      const { diagnostics } = await client.call('agent.reload', {})
      const errors = diagnostics.filter(({ severity }) => severity === 'error').length
      if (errors > 0) toasts.told('toast.reloadedWithErrors', { count: String(errors) })
      else toasts.told('toast.reloaded')
    } catch (error) {
      toasts.failed('toast.reloadFailed', error)
    } finally {
      reloading.value = false
    }
  }

  async function restart(id: string): Promise<void> {
    try {
      await client.call('inputs.restart', { id })
      toasts.told('toast.restarted', { id })
    } catch (error) {
      toasts.failed('toast.restartFailed', error, { id })
    }
  }

  async function runOnce(id: string): Promise<void> {
    try {
      await client.call('inputs.runOnce', { id })
      toasts.told('toast.ranOnce', { id })
    } catch (error) {
      toasts.failed('toast.runOnceFailed', error, { id })
    }
  }
  return { reloading, reload, restart, runOnce }
})
