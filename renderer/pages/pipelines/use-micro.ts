// The time formatter of the language in use.
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Quantity } from '../../format/quantity.ts'
import { microQuantity } from './micro.ts'

export function useMicro(): ComputedRef<(ns: number) => Quantity> {
  const { locale } = useI18n({ useScope: 'global' })
  return computed(() => {
    const language = locale.value
    return (ns) => microQuantity(ns, language)
  })
}
