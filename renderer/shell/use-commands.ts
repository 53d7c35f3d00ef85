// What the command palette offers: what the open page can do, pages, actions on the agent and its collectors, appearance.
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { PAGES } from '../pages/pages.ts'
import { useServices } from '../services.ts'
import { useActions } from '../stores/actions.ts'
import { useOverview } from '../stores/overview.ts'
import { usePageCommands, type PageCommand } from '../stores/page-commands.ts'
import { useSettings } from '../stores/settings.ts'
import { useShell } from '../stores/shell.ts'
import { pageKey, reloadKey } from './keys.ts'

export interface Command extends PageCommand {
  readonly group: 'here' | 'go' | 'run' | 'look'
}

export function useCommands(): ComputedRef<readonly Command[]> {
  const { t } = useI18n()
  const router = useRouter()
  const { host } = useServices()
  const actions = useActions()
  const overview = useOverview()
  const settings = useSettings()
  const shell = useShell()
  const page = usePageCommands()

  const pages = computed<Command[]>(() =>
    PAGES.map((page, index) => ({
      id: `page.${page.id}`,
      group: 'go',
      label: t(`page.${page.id}`),
      icon: page.icon,
      key: pageKey(index, host),
      run: () => void router.push(page.path),
    })),
  )
  const agent = computed<Command[]>(() => [
    {
      id: 'reload',
      group: 'run',
      label: t('action.reload'),
      icon: 'refresh',
      key: reloadKey(host),
      run: () => void actions.reload(),
    },
    {
      id: 'connect',
      group: 'run',
      label: t('dataway.connect'),
      icon: 'plug',
      run: () => shell.openConnect(),
    },
  ])
  const collectors = computed<Command[]>(() =>
    (overview.snapshot?.collectors ?? [])
      .filter(({ state }) => state !== 'not_loaded')
      .flatMap(({ id, state }): Command[] => {
        const detail = t(`state.${state}`)
        return [
          {
            id: `once.${id}`,
            group: 'run',
            label: t('palette.runOnce', { id }),
            icon: 'play',
            detail,
            run: () => void actions.runOnce(id),
          },
          {
            id: `restart.${id}`,
            group: 'run',
            label: t('palette.restart', { id }),
            icon: 'refresh',
            detail,
            run: () => void actions.restart(id),
          },
        ]
      }),
  )
  const look = computed<Command[]>(() => [
    ...(['system', 'light', 'dark'] as const).map((theme): Command => ({
      id: `theme.${theme}`,
      group: 'look',
      label: t('palette.theme', { name: t(`settings.themes.${theme}`) }),
      icon: 'theme',
      run: () => void settings.write({ theme }),
    })),
    ...(['system', 'en', 'zh'] as const).map((language): Command => ({
      id: `language.${language}`,
      group: 'look',
      label: t('palette.language', { name: t(`settings.languages.${language}`) }),
      icon: 'settings',
      run: () => void settings.write({ language }),
    })),
  ])
  const here = computed<Command[]>(() => page.commands.map((one) => ({ ...one, group: 'here' })))
  return computed(() => [...here.value, ...pages.value, ...agent.value, ...look.value, ...collectors.value])
}
