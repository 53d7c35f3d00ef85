// The formatters of the language in use.
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { createQuantities, type Quantities } from './quantity.ts'
import { createTimes, type Times } from './times.ts'

export type Format = Quantities & Times

const made = new WeakMap<object, ComputedRef<Format>>()

/** One set of formatters an app: Intl's are dear to make. */
export function useFormat(): ComputedRef<Format> {
  const { t, locale } = useI18n({ useScope: 'global' })
  const existing = made.get(locale)
  if (existing) return existing
  const format = computed<Format>(() => ({
    ...createQuantities(locale.value, (key) => t(`unit.${key}`)),
    ...createTimes(locale.value),
  }))
  made.set(locale, format)
  return format
}
