// Every action of the studio: by its key, and by name in the command palette.
import { useI18n } from 'vue-i18n'
import { usePageCommands, type PageCommand } from '../../stores/page-commands.ts'
import type { IconName } from '../../ui/icons.ts'
import { useKeys, type Key } from '../../ui/use-keys.ts'
import { refOf } from './script-tree.ts'
import { useStudio } from './studio.ts'
import { STUDIO_KEYS } from './studio-keys.ts'

interface StudioAction {
  /** Its name is `pipelines.command.<id>`. */
  readonly id: string
  readonly icon: IconName
  readonly key?: Key
  /** False: it makes no sense now. */
  readonly ready: boolean
  run(): void
}

type Part<T> = () => T | null

/** What the page lets its parts do; a part that is not there is null. */
export interface StudioParts {
  /** Of the script. */
  errors(): number
  canSave(): boolean
  save(): void
  nextPart(): void
  showPane(which: 'trace' | 'problems' | 'grok'): void
  readonly bar: Part<{
    ask(what: 'delete' | 'discard'): void
    copy(): Promise<void>
    enable(): Promise<void>
  }>
  readonly below: Part<{ start(which: 'bench' | 'impact'): Promise<void> }>
  readonly editor: Part<{ nextProblem(): void; fix(): void }>
  readonly samples: Part<{
    addTyped(): Promise<void>
    pickFile(): void
    openTap(): void
    openStored(): void
    remove(): Promise<void>
    keepCase(): void
  }>
  readonly tree: Part<{ startNaming(): Promise<void> }>
}

export function useStudioActions(parts: StudioParts): void {
  const { t } = useI18n()
  const studio = useStudio()
  const actions = (): StudioAction[] => studioActions(studio, parts)

  useKeys(() =>
    // The editor applies fixes by itself; the browser's own meaning of a key never comes through.
    actions().flatMap(({ key, ready, run }) =>
      key && key !== STUDIO_KEYS.fix ? [{ ...key, run: () => ready && run() }] : [],
    ),
  )
  usePageCommands().offer((): PageCommand[] => [
    ...actions()
      .filter(({ ready }) => ready)
      .map(({ id, icon, key, run }) => ({
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

function studioActions(studio: ReturnType<typeof useStudio>, parts: StudioParts): StudioAction[] {
  const { open, entries, selected, problems, info } = studio
  const isOpen = open !== undefined
  const clean = isOpen && parts.errors() === 0
  return [
    { id: 'save', icon: 'check', key: STUDIO_KEYS.save, ready: parts.canSave(), run: () => parts.save() },
    { id: 'run', icon: 'play', key: STUDIO_KEYS.run, ready: isOpen, run: () => studio.judge() },
    {
      id: 'cancel',
      icon: 'close',
      key: STUDIO_KEYS.cancel,
      ready: studio.running,
      run: () => studio.cancel(),
    },
    {
      id: 'create',
      icon: 'plus',
      key: STUDIO_KEYS.create,
      ready: true,
      run: () => void parts.tree()?.startNaming(),
    },
    {
      id: 'addSample',
      icon: 'plus',
      key: STUDIO_KEYS.addSample,
      ready: isOpen,
      run: () => void parts.samples()?.addTyped(),
    },
    {
      id: 'fromFile',
      icon: 'folder',
      key: STUDIO_KEYS.fromFile,
      ready: isOpen,
      run: () => parts.samples()?.pickFile(),
    },
    {
      id: 'fromTap',
      icon: 'plug',
      key: STUDIO_KEYS.fromTap,
      ready: isOpen,
      run: () => parts.samples()?.openTap(),
    },
    {
      id: 'fromStore',
      icon: 'table',
      key: STUDIO_KEYS.fromStore,
      ready: isOpen,
      run: () => parts.samples()?.openStored(),
    },
    {
      id: 'removeSample',
      icon: 'close',
      ready: selected !== undefined,
      run: () => void parts.samples()?.remove(),
    },
    {
      id: 'saveCase',
      icon: 'check',
      key: STUDIO_KEYS.saveCase,
      ready: entries.length > 0,
      run: () => parts.samples()?.keepCase(),
    },
    {
      id: 'nextProblem',
      icon: 'search',
      key: STUDIO_KEYS.nextProblem,
      ready: problems.length > 0,
      run: () => parts.editor()?.nextProblem(),
    },
    {
      id: 'fix',
      icon: 'check',
      key: STUDIO_KEYS.fix,
      ready: problems.some(({ fixes }) => fixes.length > 0),
      run: () => parts.editor()?.fix(),
    },
    { id: 'trace', icon: 'table', ready: isOpen, run: () => parts.showPane('trace') },
    { id: 'problems', icon: 'table', ready: isOpen, run: () => parts.showPane('problems') },
    { id: 'grok', icon: 'search', key: STUDIO_KEYS.grok, ready: isOpen, run: () => parts.showPane('grok') },
    {
      id: 'bench',
      icon: 'overview',
      key: STUDIO_KEYS.bench,
      ready: clean && entries.length > 0,
      run: () => void parts.below()?.start('bench'),
    },
    {
      id: 'impact',
      icon: 'table',
      key: STUDIO_KEYS.impact,
      ready: clean,
      run: () => void parts.below()?.start('impact'),
    },
    { id: 'discard', icon: 'reset', ready: studio.dirty, run: () => parts.bar()?.ask('discard') },
    {
      id: 'delete',
      icon: 'close',
      ready: open?.editable === true && open.saved !== undefined,
      run: () => parts.bar()?.ask('delete'),
    },
    { id: 'copy', icon: 'copy', ready: open?.editable === false, run: () => void parts.bar()?.copy() },
    {
      id: 'enable',
      icon: 'play',
      ready: info?.state === 'suspended',
      run: () => void parts.bar()?.enable(),
    },
    { id: 'nextPart', icon: 'table', key: STUDIO_KEYS.nextPart, ready: true, run: () => parts.nextPart() },
  ]
}
