// Short notices about what an action did. An error of a place stays in that place; a toast is for actions without one.
import { defineStore } from 'pinia'
import { onScopeDispose, shallowRef } from 'vue'
import type { Timer } from '../clock.ts'
import { useServices } from '../services.ts'

export interface Toast {
  readonly id: number
  readonly severity: 'info' | 'error'
  /** Key of the locale files with its parameters. */
  readonly text: string
  readonly params: Readonly<Record<string, string>>
  /** What the agent said, word for word. */
  readonly detail: string | undefined
}

const INFO_MS = 4000
const ERROR_MS = 12_000
const MOST = 3

export const useToasts = defineStore('toasts', () => {
  const { clock } = useServices()
  const toasts = shallowRef<readonly Toast[]>([])
  const timers = new Map<number, Timer>()
  let lastId = 0

  const close = (id: number): void => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
    timers.get(id)?.dispose()
    timers.delete(id)
  }
  const show = (toast: Omit<Toast, 'id'>): void => {
    const id = ++lastId
    toasts.value = [...toasts.value.slice(-(MOST - 1)), { ...toast, id }]
    const ms = toast.severity === 'error' ? ERROR_MS : INFO_MS
    timers.set(
      id,
      clock.after(ms, () => close(id)),
    )
  }
  const told = (text: string, params: Readonly<Record<string, string>> = {}): void =>
    show({ severity: 'info', text, params, detail: undefined })
  const failed = (text: string, error: unknown, params: Readonly<Record<string, string>> = {}): void =>
    show({ severity: 'error', text, params, detail: errorDetail(error) })
  onScopeDispose(() => {
    for (const timer of timers.values()) timer.dispose()
  })
  return { toasts, told, failed, close }
})

/** Message and remedy of a contract error, the text of anything else. */
export function errorDetail(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : ''
  return hint ? `${error.message}. ${hint}` : error.message
}
