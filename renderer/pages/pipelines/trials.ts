// What the script in the editor does: checked and run on its samples after each pause in typing; an older answer never
// spoils a newer one.
import { computed, ref, shallowReactive, shallowRef, type Ref } from 'vue'
import type {
  CaseResult,
  DiagnosticView,
  SampleResult,
  ScriptRef,
  StatementCost,
} from '../../../agent-core/contract/index.ts'
import type { Timer } from '../../clock.ts'
import type { Services } from '../../services.ts'
import { problemsOf } from './editor/problems.ts'
import { emptySample, MOST_SAMPLES, type SampleEntry } from './samples.ts'

/** A pause in typing after which the text is checked and run. */
const PAUSE_MS = 300
/** A run that takes longer says so and offers to be cancelled. */
const SLOW_MS = 400
/** With more samples than this only the selected one is traced. */
const TRACED = 20

export interface RunState {
  /** The text that these results belong to. */
  readonly text: string
  readonly results: ReadonlyMap<string, SampleResult>
  /** The samples as they were then, by their ids. */
  readonly samples: ReadonlyMap<string, SampleEntry['sample']>
  readonly statements: readonly StatementCost[]
  /** Samples that the statements' times are summed over. */
  readonly traced: number
}

const NO_RUN: RunState = { text: '', results: new Map(), samples: new Map(), statements: [], traced: 0 }

export interface Edited {
  readonly key: Readonly<Ref<string>>
  readonly script: Readonly<Ref<ScriptRef | undefined>>
  readonly text: Readonly<Ref<string>>
  /** There is a file, which may have cases beside it. */
  readonly exists: Readonly<Ref<boolean>>
}

export function createTrials({ client, clock }: Pick<Services, 'client' | 'clock'>, edited: Edited) {
  const { key, script, text } = edited
  const diagnostics = shallowRef<readonly DiagnosticView[]>([])
  const samplesOf = shallowReactive(new Map<string, readonly SampleEntry[]>())
  const selectedId = ref<string>()
  const run = shallowRef<RunState>(NO_RUN)
  const running = ref(false)
  const slow = ref(false)
  const runError = shallowRef<unknown>()
  const cases = shallowRef<ReadonlyMap<string, CaseResult>>(new Map())

  let pause: Timer | undefined
  let patience: Timer | undefined
  let abort = new AbortController()
  let lastSample = 0

  const problems = computed(() => problemsOf(diagnostics.value, text.value.length))
  const entries = computed(() => samplesOf.get(key.value) ?? [])
  const selected = computed(() => entries.value.find(({ id }) => id === selectedId.value) ?? entries.value[0])
  const result = computed(() => (selected.value ? run.value.results.get(selected.value.id) : undefined))
  /** The result is that of this sample and this text; until the next run it shows what was. */
  const isCurrent = computed(
    () =>
      selected.value !== undefined &&
      run.value.text === text.value &&
      run.value.samples.get(selected.value.id) === selected.value.sample,
  )
  const failedCases = computed(() => [...cases.value.values()].filter(({ passed }) => !passed))
  const draft = () => ({ script: script.value!, text: text.value })

  /** For another script: nothing of the one before stays. */
  function reset(): void {
    cancel()
    diagnostics.value = []
    run.value = NO_RUN
    cases.value = new Map()
    runError.value = undefined
    selectedId.value = undefined
  }

  function judgeSoon(): void {
    pause?.dispose()
    pause = clock.after(PAUSE_MS, judge)
  }

  /** Checks the text and, when it compiles, runs the samples; what is under way for an older text is given up. */
  function judge(): void {
    pause?.dispose()
    abort.abort()
    if (!script.value) return
    const mine = new AbortController()
    abort = mine
    begin()
    void attempt(mine.signal).finally(() => {
      if (abort === mine) rest()
    })
  }

  function begin(): void {
    running.value = true
    patience ??= clock.after(SLOW_MS, () => (slow.value = true))
  }
  function rest(): void {
    running.value = false
    slow.value = false
    patience?.dispose()
    patience = undefined
  }
  function cancel(): void {
    pause?.dispose()
    abort.abort()
    rest()
  }

  async function attempt(signal: AbortSignal): Promise<void> {
    try {
      const { diagnostics: found } = await client.call('pipelines.check', draft(), { signal })
      if (signal.aborted) return
      diagnostics.value = found
      if (!found.some(({ severity }) => severity === 'error')) await runSamples(signal)
    } catch (failure) {
      if (!signal.aborted) runError.value = failure
    }
  }

  async function runSamples(signal: AbortSignal): Promise<void> {
    const all = entries.value
    const sent = draft()
    if (all.length === 0) {
      run.value = { ...NO_RUN, text: sent.text }
      return
    }
    runError.value = undefined
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
      const args = { ...sent, samples: [one.sample], trace: true }
      const traced = await client.call('pipelines.run', args, { signal })
      if (traced.results[0]) results.set(one.id, traced.results[0])
      statements = traced.statements
    }
    if (signal.aborted) return
    const samples = new Map(all.map(({ id, sample }) => [id, sample]))
    run.value = { text: sent.text, results, samples, statements, traced: few ? all.length : 1 }
    if (all.some(({ origin }) => origin === 'case')) await runCases(signal)
  }

  /** Among many samples, the steps of one are asked for when it is chosen. */
  async function traceSelected(): Promise<void> {
    const one = selected.value
    const { signal } = abort
    if (!one || running.value || entries.value.length <= TRACED || result.value?.steps.length !== 0) return
    try {
      const args = { ...draft(), samples: [one.sample], trace: true }
      const { results, statements } = await client.call('pipelines.run', args, { signal })
      if (signal.aborted || !results[0]) return
      const all = new Map([...run.value.results, [one.id, results[0]]])
      run.value = { ...run.value, results: all, statements, traced: 1 }
    } catch (failure) {
      if (!signal.aborted) runError.value = failure
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

  async function readCases(): Promise<void> {
    if (!script.value || !edited.exists.value) return
    const mine = key.value
    try {
      const { cases: found } = await client.call('pipelines.cases', { script: script.value })
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

  /** How many there was room for. */
  function addSamples(added: readonly Omit<SampleEntry, 'id'>[]): number {
    if (!script.value) return 0
    const room = MOST_SAMPLES - entries.value.length
    const fresh = added.slice(0, room).map((one) => ({ ...one, id: `s${++lastSample}` }))
    const typed = entries.value.filter(({ origin }) => origin !== 'case')
    const saved = entries.value.filter(({ origin }) => origin === 'case')
    samplesOf.set(key.value, [...typed, ...fresh, ...saved])
    selectedId.value = fresh.at(-1)?.id ?? selectedId.value
    judge()
    return fresh.length
  }
  const addEmpty = (): void => void addSamples([{ origin: 'typed', sample: emptySample(), name: undefined }])

  function changeSample(id: string, sample: SampleEntry['sample']): void {
    samplesOf.set(
      key.value,
      entries.value.map(({ summary, ...one }) =>
        one.id === id ? { ...one, sample } : { ...one, ...(summary === undefined ? {} : { summary }) },
      ),
    )
    judgeSoon()
  }

  async function removeSample(entry: SampleEntry): Promise<void> {
    if (entry.origin === 'case' && entry.name !== undefined)
      await client.call('pipelines.deleteCase', { script: script.value!, name: entry.name })
    const at = entries.value.indexOf(entry)
    const rest = entries.value.filter(({ id }) => id !== entry.id)
    samplesOf.set(key.value, rest)
    selectedId.value = rest[Math.min(at, rest.length - 1)]?.id
  }
  const forgetSamples = (which: string): void => void samplesOf.delete(which)

  return {
    diagnostics,
    selectedId,
    run,
    running,
    slow,
    runError,
    cases,
    problems,
    entries,
    selected,
    result,
    isCurrent,
    failedCases,
    reset,
    judge,
    judgeSoon,
    cancel,
    traceSelected,
    readCases,
    runCases,
    addSamples,
    addEmpty,
    changeSample,
    removeSample,
    forgetSamples,
  }
}
