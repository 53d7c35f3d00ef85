// Every action of the studio: by its key, and by name in the command palette.
import { useI18n } from 'vue-i18n'
import { usePageCommands, type PageCommand } from '../../stores/page-commands.ts'
import type { IconName } from '../../ui/icons.ts'
import { useKeys, type Key } from '../../ui/use-keys.ts'
import { refOf } from './script-tree.ts'
import { useStudio } from './studio.ts'
import { STUDIO_KEYS } from './studio-keys.ts'

export interface StudioAction {
  /** Its name is `pipelines.command.<id>`. */
  readonly id: string
  readonly icon: IconName
  readonly key?: Key
  /** False: it makes no sense now. */
  readonly ready: boolean
  run(): void
}

export function useStudioActions(actions: () => readonly StudioAction[]): void {
  const { t } = useI18n()
  const studio = useStudio()
  const ready = (): StudioAction[] => actions().filter((one) => one.ready)

  useKeys(() =>
    // The editor applies fixes by itself; the browser's own meaning of a key never comes through.
    actions().flatMap(({ key, ready: isReady, run }) =>
      key && key !== STUDIO_KEYS.fix ? [{ ...key, run: () => isReady && run() }] : [],
    ),
  )
  usePageCommands().offer((): PageCommand[] => [
    ...ready().map(({ id, icon, key, run }) => ({
      id: `pipelines.${id}`,
      label: t(`pipelines.command.${id}`),
      icon,
      ...(key ? { key } : {}),
      run,
    })),
    ...(studio.list?.scripts ?? []).map((one) => ({
      id: `pipelines.open.${one.namespace}/${one.category}/${one.name}`,
      label: t('pipelines.command.open', { name: `${one.category}/${one.name}` }),
      icon: 'pipelines' as const,
      detail: t(`pipelines.namespace.${one.namespace}`),
      run: () => void studio.openScript(refOf(one), one.editable),
    })),
  ])
}
