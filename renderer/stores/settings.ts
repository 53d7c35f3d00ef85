// A person's settings at this machine: read from the agent, applied to the page, written back at each change.
import { defineStore } from 'pinia'
import { onScopeDispose, ref, watch } from 'vue'
import * as v from 'valibot'
import type { ConsoleSettings } from '../../agent-core/contract/index.ts'
import { consoleSettings } from '../../agent-core/contract/settings.ts'
import { languageOf } from '../i18n.ts'
import { useServices } from '../services.ts'
import { useToasts } from './toasts.ts'

const DEFAULTS: ConsoleSettings = {
  theme: 'system',
  language: 'system',
  keepInTray: true,
  firstRunDone: false,
}

/** The look of the last time, so that a page does not flash in another one before the agent answers. */
const LOOK_KEY = 'datakit.look'
type Look = Pick<ConsoleSettings, 'theme' | 'language'>
const lookSchema = v.pick(consoleSettings, ['theme', 'language'])

function readLook(): Look | undefined {
  try {
    const parsed = v.safeParse(lookSchema, JSON.parse(localStorage.getItem(LOOK_KEY) ?? 'null'))
    return parsed.success ? parsed.output : undefined
  } catch {
    // No storage for this page, or not ours: the defaults do.
    return undefined
  }
}

function keepLook({ theme, language }: Look): void {
  try {
    localStorage.setItem(LOOK_KEY, JSON.stringify({ theme, language }))
  } catch {
    // No storage: the next start may flash.
  }
}

export const useSettings = defineStore('settings', () => {
  const { client, i18n } = useServices()
  const toasts = useToasts()
  const settings = ref<ConsoleSettings>({ ...DEFAULTS, ...readLook() })
  const loaded = ref(false)

  const stopStatus = client.onStatus((connected) => {
    if (connected) void read()
  })
  async function read(): Promise<void> {
    try {
      settings.value = await client.call('settings.read', {})
      keepLook(settings.value)
      loaded.value = true
    } catch {
      // The defaults stand: the next connection reads again.
    }
  }

  /** Applies at once; a write that fails is taken back and told. */
  async function write(change: Partial<ConsoleSettings>): Promise<void> {
    const before = settings.value
    settings.value = { ...before, ...change }
    try {
      settings.value = await client.call('settings.write', change)
      keepLook(settings.value)
    } catch (error) {
      settings.value = before
      toasts.failed('toast.settingsFailed', error)
    }
  }

  watch(
    () => settings.value.theme,
    (theme) => {
      const root = document.documentElement
      if (theme === 'system') delete root.dataset['theme']
      else root.dataset['theme'] = theme
    },
    { immediate: true },
  )
  watch(
    () => settings.value.language,
    (setting) => {
      const language = languageOf(setting, navigator.languages)
      i18n.global.locale.value = language
      document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
    },
    { immediate: true },
  )
  onScopeDispose(stopStatus)
  return { settings, loaded, write }
})
