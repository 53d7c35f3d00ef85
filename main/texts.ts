// The few words main shows itself: tray menu and dialogs.

const en = { show: 'Show console', quit: 'Quit', tooltip: 'DataKit Desktop: collecting' }
export type Texts = typeof en

const TEXTS: Readonly<Record<'en' | 'zh', Texts>> = {
  en,
  zh: { show: '显示控制台', quit: '退出', tooltip: 'DataKit Desktop：正在采集' },
}

/** @param language the console's setting; @param locale the system's, e.g. `zh-CN` */
export function textsFor(language: 'system' | 'en' | 'zh', locale: string): Texts {
  if (language !== 'system') return TEXTS[language]
  return locale.toLowerCase().startsWith('zh') ? TEXTS.zh : TEXTS.en
}
