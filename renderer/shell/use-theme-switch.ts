// The quick switch between light and dark: it looks at what is shown now, whatever the setting says.
import { useSettings } from '../stores/settings.ts'

export function useThemeSwitch(): { switchTheme(): void } {
  const store = useSettings()
  return {
    switchTheme() {
      const { theme } = store.settings
      const dark = theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark'
      void store.write({ theme: dark ? 'light' : 'dark' })
    },
  }
}
