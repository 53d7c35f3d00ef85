// Languages: all texts stand in resources/locale, none in components.
import { createI18n } from 'vue-i18n'
import en from '../resources/locale/en.json'
import zh from '../resources/locale/zh.json'

export type Language = 'en' | 'zh'
const messages = { en, zh }

export const createConsoleI18n = (language: Language) =>
  createI18n({ legacy: false, locale: language, fallbackLocale: 'en', messages })

export type ConsoleI18n = ReturnType<typeof createConsoleI18n>

/** The language of `setting`, where 'system' is the first of the system's languages that we have. */
export function languageOf(setting: 'system' | Language, system: readonly string[]): Language {
  if (setting !== 'system') return setting
  for (const tag of system) {
    if (/^zh\b/i.test(tag)) return 'zh'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'en'
}
