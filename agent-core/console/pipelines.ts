// The pipeline studio's side of the contract.
import { join } from 'node:path'
import type { Agent } from '../agent.ts'
import type { CapturedSample, PipelinesContract, Sample, ScriptRef } from '../contract/pipelines.ts'
import type { ContractHandlers, StreamControl } from '../contract/server.ts'
import { AgentError } from '../kernel/errors.ts'
import type { Result } from '../kernel/result.ts'
import { functionList } from '../pipeline/functions/registry.ts'
import { builtInPattern, builtInPatternNames } from '../pipeline/grok/patterns.ts'
import type { Subject, TaskName, Tasks } from '../pipeline/lanes/tasks.ts'
import type { Category } from '../point/category.ts'
import type { Point } from '../point/point.ts'
import { capture, captured } from './studio/capture.ts'
import { readCases, writeCases } from './studio/cases.ts'
import { entryOf, ScriptFiles } from './studio/files.ts'
import { viewFunction } from './studio/function-docs.ts'
import { draftPatterns, suggestPatterns, tryGrok } from './studio/grok-bench.ts'
import { collectedPoints, storedPoints } from './studio/judged-points.ts'
import { benchDraft, compareDrafts, IMPACT_PAGE } from './studio/measure.ts'
import { samplePoint } from './studio/points.ts'
import { getsPoint, sourceOf } from './studio/reach.ts'
import { splitSamples } from './studio/split.ts'
import { watchScripts } from './studio/script-list.ts'
import { draftDiagnostics, tryCases, tryDraft } from './studio/trial.ts'

/** The work itself ends with its stream's signal. */
const NOTHING_OPEN = { dispose: () => {} }

interface StoredArgs {
  readonly category: Category
  readonly source: string | null
  readonly limit: number
}

interface Draft {
  readonly script: ScriptRef
  readonly text: string
}

const RUN_BUDGET_MS = 5000
/** Stored points that are looked through for samples of one source. */
const MOST_LOOKED_AT = 5000

export function pipelineHandlers(agent: Agent): ContractHandlers<PipelinesContract> {
  const { clock } = agent
  const pipeline = () => agent.pipeline
  const files = new ScriptFiles(pipeline, join(agent.facts.workdir, 'pipeline'))
  const task = <K extends TaskName>(
    name: K,
    args: Tasks[K]['args'],
    signal: AbortSignal,
  ): Promise<Result<Tasks[K]['value']>> => pipeline().pool.task(name, args, RUN_BUDGET_MS, signal)
  const runUntil = (signal: AbortSignal) => (args: Tasks['run']['args']) => task('run', args, signal)
  const grokUntil = (signal: AbortSignal) => (args: Tasks['grok']['args']) => task('grok', args, signal)

  /** A script as lanes take it, with the others that it may use. */
  function subject({ script, text }: Draft): Subject {
    const { entries, context } = pipeline().store
    const { category, name, namespace } = script
    const others = entries.filter(
      (one) => one.category === category && one.namespace === namespace && one.name !== name,
    )
    return {
      category,
      name,
      source: text,
      others: new Map(others.map((one) => [one.name, one.good ?? one.source])),
      patterns: context.patterns,
      referTables: context.referTables,
      geo: context.geo,
    }
  }
  const saved = (script: ScriptRef): Subject | undefined => {
    const text = entryOf(pipeline(), script)?.good
    return text === undefined ? undefined : subject({ script, text })
  }
  /** Newest stored points of one source, or of all, and the sources that were met on the way. */
  async function stored({ category, source, limit }: StoredArgs) {
    const sources = new Set<string>()
    const samples: CapturedSample[] = []
    let before: number | undefined
    for (let seen = 0; seen < MOST_LOOKED_AT;) {
      const page = await agent.store.recentPoints({ category, limit: IMPACT_PAGE, before })
      if (!page.ok) return page
      for (const { point, received } of page.value.points) {
        const of = sourceOf(category, point)
        sources.add(of)
        if (samples.length < limit && (source === null || of === source))
          samples.push(captured(category, point, received))
      }
      seen += page.value.points.length
      if (page.value.next === null) break
      before = page.value.next
    }
    return { sources: [...sources].toSorted(), samples }
  }

  /** Ends the stream when the work does, with its error. */
  const follow = (work: Promise<Result<null>>, control: StreamControl): void =>
    void work.then(
      (done) => control.signal.aborted || control.end(done.ok ? undefined : done.error),
      (bug: unknown) => control.end(new AgentError('KERNEL_BUG', String(bug))),
    )

  return {
    'pipelines.watch': (_args, emit, { signal }) =>
      watchScripts(
        {
          pipeline,
          metrics: agent.metrics,
          clock,
          casesOf: async (file) => {
            const cases = await readCases(file)
            return cases.ok ? cases.value.length : 0
          },
        },
        emit,
        signal,
      ),
    'pipelines.read': ({ script }) => files.read(script),
    'pipelines.save': async ({ script, text, base }) => {
      const revision = await files.save(script, text, base)
      if (!revision.ok) return revision
      const entry = entryOf(pipeline(), script)
      const diagnostics = draftDiagnostics(entry?.diagnostics ?? [], subject({ script, text }))
      return { revision: revision.value, diagnostics }
    },
    'pipelines.delete': async ({ script, base }) => emptied(await files.delete(script, base)),
    'pipelines.enable': async ({ script: { namespace, category, name } }) => {
      await pipeline().store.enable(`${namespace}/${category}/${name}`)
      return {}
    },
    'pipelines.check': async (draft, { signal }) => {
      const checked = subject(draft)
      const report = await runUntil(signal)({ subject: checked, points: [], trace: false })
      return report.ok ? { diagnostics: draftDiagnostics(report.value.diagnostics, checked) } : report
    },
    'pipelines.language': () => {
      const own = pipeline().store.context.patterns
      return {
        functions: functionList.map(viewFunction),
        patterns: [
          ...builtInPatternNames().map((name) => ({
            name,
            pattern: builtInPattern(name) ?? '',
            builtIn: true,
          })),
          ...[...own].map(([name, pattern]) => ({ name, pattern, builtIn: false })),
        ],
      }
    },
    'pipelines.run': ({ samples, trace, ...draft }, { signal }) =>
      tryDraft(runUntil(signal), clock, subject(draft), samples, { trace, timed: true }),
    'pipelines.split': ({ text, format }) => splitSamples(text, format),
    'pipelines.stored': stored,
    'pipelines.capture': ({ limit, ...args }, emit, control) => {
      let left = limit
      const opened = capture(agent.tap, args, (point, skipped) => {
        if (left <= 0) return
        emit({ ...captured(args.category, point, clock.now()), skipped })
        if (--left === 0) control.end()
      })
      if (opened.ok) return opened.value
      control.end(opened.error)
      return NOTHING_OPEN
    },
    'pipelines.cases': async ({ script }) => {
      const file = files.pathOf(script)
      if (!file.ok) return { cases: [] }
      const cases = await readCases(file.value)
      return cases.ok ? { cases: cases.value } : cases
    },
    'pipelines.saveCase': ({ script, case: one }) =>
      changeCases(script, (cases) => [...cases.filter(({ name }) => name !== one.name), one]),
    'pipelines.deleteCase': ({ script, name }) =>
      changeCases(script, (cases) => cases.filter((one) => one.name !== name)),
    'pipelines.runCases': async (draft, { signal }) => {
      const file = files.pathOf(draft.script)
      const cases = file.ok ? await readCases(file.value) : { ok: true as const, value: [] }
      return cases.ok ? tryCases(runUntil(signal), clock, subject(draft), cases.value) : cases
    },
    'pipelines.grok': ({ pattern, text, script }, { signal }) => {
      const patterns = new Map([...pipeline().store.context.patterns, ...draftPatterns(script)])
      return tryGrok(grokUntil(signal), { pattern, text, patterns })
    },
    'pipelines.suggest': async ({ text, from, to }, { signal }) => ({
      patterns: await suggestPatterns(grokUntil(signal), text.slice(from, to)),
    }),
    'pipelines.bench': ({ samples, seconds, ...draft }, emit, control) => {
      const points = pointsOf(samples, draft)
      const args = { draft: subject(draft), saved: saved(draft.script), points, ms: seconds * 1000 }
      follow(benchDraft(pipeline().pool, clock, args, emit, control.signal), control)
      return NOTHING_OPEN
    },
    'pipelines.impact': ({ from, mine, source, limit, ...draft }, emit, control) => {
      const { category } = draft.script
      const gets = getsPoint(draft.script, pipeline().store.context)
      const wanted = (point: Point): boolean =>
        (!mine || gets(point)) && (source === null || sourceOf(category, point) === source)
      const collected =
        from === 'collected'
          ? collectedPoints(agent.tap, clock, { category, source, filter: '', limit, wanted }, control.signal)
          : undefined
      if (collected && !collected.ok) {
        control.end(collected.error)
        return NOTHING_OPEN
      }
      const next = collected?.value.next ?? storedPoints(agent.store, category, wanted)
      const args = { draft: subject(draft), saved: saved(draft.script), limit, next }
      follow(compareDrafts(pipeline().pool, args, emit, control.signal), control)
      return collected?.value ?? NOTHING_OPEN
    },
  }

  function pointsOf(samples: readonly Sample[], { script }: Draft) {
    const now = clock.nowNs()
    return samples.flatMap((one) => {
      const point = samplePoint(one, script, now)
      return point.ok ? [point.value] : []
    })
  }

  async function changeCases(
    script: ScriptRef,
    change: (cases: Parameters<typeof writeCases>[1]) => Parameters<typeof writeCases>[1],
  ) {
    const file = files.pathOf(script)
    if (!file.ok) return file
    const cases = await readCases(file.value)
    return cases.ok ? emptied(await writeCases(file.value, change(cases.value))) : cases
  }
}

const emptied = (result: Result<null>) => (result.ok ? {} : result)
