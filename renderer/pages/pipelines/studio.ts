// The studio's state: the scripts there are and the one in the editor with its unsaved text; what it does is in trials.
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef } from 'vue'
import type { ScriptList, ScriptRef } from '../../../agent-core/contract/index.ts'
import { useServices } from '../../services.ts'
import { createDraftStore } from './drafts.ts'
import type { Vocabulary } from './editor/completion.ts'
import { keyOf, refOfKey } from './script-tree.ts'
import { createTrials } from './trials.ts'
import { guardUnsaved } from './unsaved-guard.ts'

export interface OpenScript {
  readonly ref: ScriptRef
  /** Text of the file; undefined while there is no file. */
  readonly saved: string | undefined
  readonly revision: string | null
  readonly editable: boolean
}

export const useStudio = defineStore('studio', () => {
  const services = useServices()
  const { client } = services
  const drafts = createDraftStore(localStorage)

  const list = shallowRef<ScriptList>()
  const vocabulary = shallowRef<Vocabulary>({ functions: [], patterns: [] })
  const error = shallowRef<unknown>()

  const open = shallowRef<OpenScript>()
  const text = ref('')
  const opening = ref(false)
  const conflict = ref(false)
  const saving = ref(false)
  const edited = shallowReactive(new Set<string>(drafts.keys()))

  let subscription: { dispose(): void } | undefined

  const key = computed(() => (open.value ? keyOf(open.value.ref) : ''))
  const dirty = computed(() => open.value !== undefined && text.value !== (open.value.saved ?? undefined))
  const info = computed(() => list.value?.scripts.find((one) => keyOf(one) === key.value))
  const trials = createTrials(services, {
    key,
    text,
    script: computed(() => open.value?.ref),
    exists: computed(() => open.value?.saved !== undefined),
  })
  const { judge, judgeSoon } = trials
  /** Somebody typed in this window. */
  let typed = false
  guardUnsaved(services.host, () => typed && edited.size > 0)

  function follow(): () => void {
    subscription = client.listen(
      'pipelines.watch',
      {},
      {
        onEvent: (event) => {
          const first = list.value === undefined
          list.value = event
          error.value = undefined
          if (first) void reopen()
        },
        onEnd: (ended) => (error.value = ended),
      },
    )
    void readVocabulary()
    return () => {
      subscription?.dispose()
      subscription = undefined
    }
  }

  /** After a reload, what was open before. */
  async function reopen(): Promise<void> {
    const script = refOfKey(drafts.lastOpen() ?? '')
    const known = list.value?.scripts.find((one) => script && keyOf(one) === keyOf(script))
    if (open.value || !script || (!known && !edited.has(keyOf(script)))) return
    await openScript(script, known?.editable ?? true)
  }

  async function readVocabulary(): Promise<void> {
    if (vocabulary.value.functions.length > 0) return
    try {
      vocabulary.value = await client.call('pipelines.language', {})
    } catch {
      // Without the vocabulary the editor completes less; the page says already that the agent does not answer.
    }
  }

  async function openScript(script: ScriptRef, editable: boolean): Promise<void> {
    if (keyOf(script) === key.value) return
    opening.value = true
    error.value = undefined
    try {
      const { text: saved, revision } = await client.call('pipelines.read', { script })
      show({ ref: script, saved, revision, editable })
    } catch (failure) {
      const kept = drafts.read(keyOf(script))
      if (kept?.base === null) show({ ref: script, saved: undefined, revision: null, editable: true })
      else error.value = failure
    } finally {
      opening.value = false
    }
    await trials.readCases()
  }

  /** A new script exists in the editor only, until it is saved. */
  function create(script: ScriptRef, first: string): void {
    show({ ref: script, saved: undefined, revision: null, editable: true }, first)
  }

  function show(next: OpenScript, first = ''): void {
    const kept = next.editable ? drafts.read(keyOf(next.ref)) : undefined
    trials.reset()
    open.value = next
    drafts.remember(keyOf(next.ref))
    text.value = kept?.text ?? next.saved ?? first
    conflict.value = kept !== undefined && kept.base !== next.revision
    if (next.saved === undefined) keepDraft()
    judge()
  }

  function edit(next: string): void {
    if (next === text.value) return
    typed = true
    text.value = next
    keepDraft()
    judgeSoon()
  }

  function keepDraft(): void {
    if (!open.value?.editable) return
    if (dirty.value) {
      drafts.write(key.value, { text: text.value, base: open.value.revision })
      edited.add(key.value)
    } else forget(key.value)
  }
  function forget(which: string): void {
    drafts.remove(which)
    edited.delete(which)
  }

  function close(): void {
    trials.cancel()
    open.value = undefined
  }

  /** Throws the edits away. A script that was never saved closes. */
  function discard(): void {
    if (!open.value) return
    forget(key.value)
    conflict.value = false
    if (open.value.saved === undefined) close()
    else {
      text.value = open.value.saved
      judge()
    }
  }

  /** True when it was saved. The newest file is taken as the base when the person chose to overwrite it. */
  async function save(overwrite = false): Promise<boolean> {
    if (!open.value?.editable || saving.value || (!dirty.value && !overwrite)) return false
    const mine = open.value
    saving.value = true
    error.value = undefined
    try {
      const base = overwrite
        ? (await client.call('pipelines.read', { script: mine.ref })).revision
        : mine.revision
      const sent = text.value
      const saved = await client.call('pipelines.save', { script: mine.ref, text: sent, base })
      if (open.value !== mine) return true
      open.value = { ...mine, saved: sent, revision: saved.revision }
      trials.diagnostics.value = saved.diagnostics
      conflict.value = false
      keepDraft()
      void trials.runCases()
      return true
    } catch (failure) {
      const code = failure instanceof Error && 'code' in failure ? failure.code : ''
      if (code === 'PIPELINE_CONFLICT' || code === 'PIPELINE_EXISTS') conflict.value = true
      else error.value = failure
      return false
    } finally {
      saving.value = false
    }
  }

  async function remove(): Promise<void> {
    if (!open.value) return
    const { ref: script, revision } = open.value
    if (revision !== null) await client.call('pipelines.delete', { script, base: revision })
    forget(keyOf(script))
    trials.forgetSamples(keyOf(script))
    close()
  }

  async function reread(): Promise<void> {
    if (!open.value) return
    const { ref: script, editable } = open.value
    forget(key.value)
    close()
    await openScript(script, editable)
  }

  const { reset: _reset, judgeSoon: _soon, forgetSamples: _forget, ...shown } = trials
  return {
    ...shown,
    list,
    vocabulary,
    error,
    open,
    text,
    opening,
    conflict,
    saving,
    edited,
    key,
    dirty,
    info,
    follow,
    openScript,
    create,
    edit,
    discard,
    save,
    remove,
    reread,
  }
})
