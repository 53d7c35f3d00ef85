// The studio's state: the scripts there are, the one in the editor with its unsaved text, its samples and what they gave.
import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef } from 'vue'
import type {
  CaseResult,
  DiagnosticView,
  SampleResult,
  ScriptList,
  ScriptRef,
  StatementCost,
} from '../../../agent-core/contract/index.ts'
import type { Timer } from '../../clock.ts'
import { useServices } from '../../services.ts'
import { createDraftStore } from './drafts.ts'
import type { Vocabulary } from './editor/completion.ts'
import { problemsOf } from './editor/problems.ts'
import { emptySample, MOST_SAMPLES, type SampleEntry } from './samples.ts'
import { keyOf, refOfKey } from './script-tree.ts'

/** A pause in typing after which the text is checked and run. */
const PAUSE_MS = 300
/** With more samples than this only the selected one is traced. */
const TRACED = 20

export interface OpenScript {
  readonly ref: ScriptRef
  /** Text of the file; undefined while there is no file. */
  readonly saved: string | undefined
  readonly revision: string | null
  readonly editable: boolean
}

export interface RunState {
  /** The text that these results belong to. */
  readonly text: string
  readonly results: ReadonlyMap<string, SampleResult>
  readonly statements: readonly StatementCost[]
  /** Samples that the statements' times are summed over. */
  readonly traced: number
}

const NO_RUN: RunState = { text: '', results: new Map(), statements: [], traced: 0 }

export const useStudio = defineStore('studio', () => {
  const { client, clock } = useServices()
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

  const diagnostics = shallowRef<readonly DiagnosticView[]>([])
  const samplesOf = shallowReactive(new Map<string, readonly SampleEntry[]>())
  const selectedId = ref<string>()
  const run = shallowRef<RunState>(NO_RUN)
  const running = ref(false)
  const runError = shallowRef<unknown>()
  const cases = shallowRef<ReadonlyMap<string, CaseResult>>(new Map())

  let subscription: { dispose(): void } | undefined
  let pause: Timer | undefined
  let abort = new AbortController()
  let lastSample = 0

  const key = computed(() => (open.value ? keyOf(open.value.ref) : ''))
  const dirty = computed(() => open.value !== undefined && text.value !== (open.value.saved ?? undefined))
  const info = computed(() => list.value?.scripts.find((one) => keyOf(one) === key.value))
  const problems = computed(() => problemsOf(diagnostics.value, text.value.length))
  const entries = computed(() => samplesOf.get(key.value) ?? [])
  const selected = computed(() => entries.value.find(({ id }) => id === selectedId.value) ?? entries.value[0])
  const result = computed(() => (selected.value ? run.value.results.get(selected.value.id) : undefined))
  const failedCases = computed(() => [...cases.value.values()].filter(({ passed }) => !passed))
  const draft = () => ({ script: open.value!.ref, text: text.value })

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
    await readCases()
  }

  /** A new script exists in the editor only, until it is saved. */
  function create(script: ScriptRef, first: string): void {
    show({ ref: script, saved: undefined, revision: null, editable: true }, first)
  }

  function show(next: OpenScript, first = ''): void {
    const kept = next.editable ? drafts.read(keyOf(next.ref)) : undefined
    abort.abort()
    open.value = next
    drafts.remember(keyOf(next.ref))
    text.value = kept?.text ?? next.saved ?? first
    conflict.value = kept !== undefined && kept.base !== next.revision
    diagnostics.value = []
    run.value = NO_RUN
    cases.value = new Map()
    runError.value = undefined
    selectedId.value = undefined
    if (next.saved === undefined) keepDraft()
    judge()
  }

  async function readCases(): Promise<void> {
    if (!open.value || open.value.saved === undefined) return
    const mine = key.value
    try {
      const { cases: found } = await client.call('pipelines.cases', { script: open.value.ref })
      if (key.value !== mine) return
      const others = entries.value.filter(({ origin }) => origin !== 'case')
      const saved = found.map(({ name, sample }): SampleEntry => ({
        id: `case:${name}`,
        origin: 'case',
        sample,
        name,
      }))
      samplesOf.set(mine, [...others, ...saved])
      judge()
    } catch (failure) {
      runError.value = failure
    }
  }

  function edit(next: string): void {
    if (next === text.value) return
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
    pause?.dispose()
    cancel()
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
      diagnostics.value = saved.diagnostics
      conflict.value = false
      keepDraft()
      void runCases()
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
    samplesOf.delete(keyOf(script))
    close()
  }

  async function reread(): Promise<void> {
    if (!open.value) return
    const { ref: script, editable } = open.value
    forget(key.value)
    close()
    await openScript(script, editable)
  }

  function judgeSoon(): void {
    pause?.dispose()
    pause = clock.after(PAUSE_MS, judge)
  }

  /** Checks the text and, when it compiles, runs the samples; what is under way for an older text is given up. */
  function judge(): void {
    pause?.dispose()
    abort.abort()
    if (!open.value) return
    const mine = new AbortController()
    abort = mine
    void check(mine.signal).then((clean) => {
      if (clean && !mine.signal.aborted) void runSamples(mine.signal)
    })
  }

  async function check(signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await client.call('pipelines.check', draft(), { signal })
      if (signal.aborted) return false
      diagnostics.value = answer.diagnostics
      return !answer.diagnostics.some(({ severity }) => severity === 'error')
    } catch (failure) {
      if (!signal.aborted) runError.value = failure
      return false
    }
  }

  async function runSamples(signal: AbortSignal): Promise<void> {
    const all = entries.value
    const sent = draft()
    if (all.length === 0) {
      run.value = { ...NO_RUN, text: sent.text }
      return
    }
    running.value = true
    runError.value = undefined
    try {
      const few = all.length <= TRACED
      const answer = await client.call(
        'pipelines.run',
        { ...sent, samples: all.map(({ sample }) => sample), trace: few },
        { signal },
      )
      const results = new Map(answer.results.map((one, index) => [all[index]!.id, one]))
      let { statements } = answer
      const one = selected.value
      if (!few && one) {
        const traced = await client.call(
          'pipelines.run',
          { ...sent, samples: [one.sample], trace: true },
          { signal },
        )
        if (traced.results[0]) results.set(one.id, traced.results[0])
        statements = traced.statements
      }
      if (signal.aborted) return
      run.value = { text: sent.text, results, statements, traced: few ? all.length : 1 }
      if (all.some(({ origin }) => origin === 'case')) await runCases(signal)
    } catch (failure) {
      if (!signal.aborted) runError.value = failure
    } finally {
      if (!signal.aborted) running.value = false
    }
  }

  async function runCases(signal?: AbortSignal): Promise<void> {
    if (!entries.value.some(({ origin }) => origin === 'case')) return
    try {
      const { results } = await client.call('pipelines.runCases', draft(), signal ? { signal } : {})
      cases.value = new Map(results.map((one) => [one.name, one]))
    } catch (failure) {
      if (!signal?.aborted) runError.value = failure
    }
  }

  function cancel(): void {
    abort.abort()
    running.value = false
  }

  function addSamples(added: readonly Omit<SampleEntry, 'id'>[]): void {
    if (!open.value) return
    const room = MOST_SAMPLES - entries.value.length
    const fresh = added.slice(0, room).map((one) => ({ ...one, id: `s${++lastSample}` }))
    const typed = entries.value.filter(({ origin }) => origin !== 'case')
    const saved = entries.value.filter(({ origin }) => origin === 'case')
    samplesOf.set(key.value, [...typed, ...fresh, ...saved])
    selectedId.value = fresh.at(-1)?.id ?? selectedId.value
    judge()
  }
  const addEmpty = (): void => addSamples([{ origin: 'typed', sample: emptySample(), name: undefined }])

  function changeSample(id: string, sample: SampleEntry['sample']): void {
    samplesOf.set(
      key.value,
      entries.value.map((one) => (one.id === id ? { ...one, sample } : one)),
    )
    judgeSoon()
  }

  async function removeSample(entry: SampleEntry): Promise<void> {
    if (entry.origin === 'case' && entry.name !== undefined)
      await client.call('pipelines.deleteCase', { script: open.value!.ref, name: entry.name })
    const at = entries.value.indexOf(entry)
    const rest = entries.value.filter(({ id }) => id !== entry.id)
    samplesOf.set(key.value, rest)
    selectedId.value = rest[Math.min(at, rest.length - 1)]?.id
  }

  return {
    list,
    vocabulary,
    error,
    open,
    text,
    opening,
    conflict,
    saving,
    edited,
    diagnostics,
    selectedId,
    run,
    running,
    runError,
    cases,
    key,
    dirty,
    info,
    problems,
    entries,
    selected,
    result,
    failedCases,
    follow,
    openScript,
    create,
    edit,
    discard,
    save,
    remove,
    reread,
    judge,
    cancel,
    readCases,
    runCases,
    addSamples,
    addEmpty,
    changeSample,
    removeSample,
  }
})
