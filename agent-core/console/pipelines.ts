// The pipeline studio's side of the contract.
import { join } from 'node:path'
import type { Agent } from '../agent.ts'
import type { FunctionDoc, PipelinesContract, Sample, ScriptRef } from '../contract/pipelines.ts'
import type { ContractHandlers, StreamControl } from '../contract/server.ts'
import { AgentError } from '../kernel/errors.ts'
import type { Result } from '../kernel/result.ts'
import { fromPoint } from '../pipeline/conformance.ts'
import { functionList } from '../pipeline/functions/registry.ts'
import type { FunctionDefinition } from '../pipeline/functions/define-function.ts'
import { builtInPattern, builtInPatternNames } from '../pipeline/grok/patterns.ts'
import type { Subject, TaskName, Tasks } from '../pipeline/lanes/tasks.ts'
import { encodePbJson } from '../point/json-encode.ts'
import { lookup, type Point } from '../point/point.ts'
import { readCases, writeCases } from './studio/cases.ts'
import { entryOf, ScriptFiles } from './studio/files.ts'
import { draftPatterns, suggestPatterns, tryGrok } from './studio/grok-bench.ts'
import { benchDraft, compareOnStored } from './studio/measure.ts'
import { samplePoint } from './studio/points.ts'
import { splitSamples } from './studio/split.ts'
import { watchScripts } from './studio/script-list.ts'
import { draftDiagnostics, tryCases, tryDraft } from './studio/trial.ts'

interface Draft {
  readonly script: ScriptRef
  readonly text: string
}

const RUN_BUDGET_MS = 5000
const BENCH_BUDGET_MS = 10_000
const SUMMARY_LENGTH = 200

export function pipelineHandlers(agent: Agent): ContractHandlers<PipelinesContract> {
  const { clock } = agent
  const pipeline = () => agent.pipeline
  const files = new ScriptFiles(pipeline, join(agent.facts.workdir, 'pipeline'))
  const task = <K extends TaskName>(name: K, args: Tasks[K]['args']): Promise<Result<Tasks[K]['value']>> =>
    pipeline().pool.task(name, args, name === 'bench' ? BENCH_BUDGET_MS : RUN_BUDGET_MS)
  const run = (args: Tasks['run']['args']) => task('run', args)
  const attempt = (args: Tasks['grok']['args']) => task('grok', args)

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
  const stored = async (script: ScriptRef, source: string | null, limit: number, before?: number) =>
    agent.store.recentPoints({
      category: script.category,
      ...(source === null ? {} : { source }),
      limit,
      before,
    })

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
    'pipelines.check': async (draft) => {
      const checked = subject(draft)
      const report = await run({ subject: checked, points: [], trace: false })
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
    'pipelines.run': ({ samples, trace, ...draft }) => tryDraft(run, clock, subject(draft), samples, trace),
    'pipelines.split': ({ text, format }) => splitSamples(text, format),
    'pipelines.stored': async ({ category, source, limit }) => {
      const page = await stored({ category, namespace: 'default', name: 'a.p' }, source, limit)
      if (!page.ok) return page
      const { points } = page.value
      return {
        sources: [...new Set(points.map((one) => one.source))].toSorted(),
        samples: points.map(({ received, source: from, point }) => ({
          time: received,
          source: from,
          summary: summaryOf(point),
          sample: { format: 'json' as const, text: encodePbJson([point]) },
        })),
      }
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
    'pipelines.runCases': async (draft) => {
      const file = files.pathOf(draft.script)
      const cases = file.ok ? await readCases(file.value) : { ok: true as const, value: [] }
      return cases.ok ? tryCases(run, clock, subject(draft), cases.value) : cases
    },
    'pipelines.grok': ({ pattern, text, script }) => {
      const patterns = new Map([...pipeline().store.context.patterns, ...draftPatterns(script)])
      return tryGrok(attempt, { pattern, text, patterns })
    },
    'pipelines.suggest': async ({ text, from, to }) => ({
      patterns: await suggestPatterns(attempt, text.slice(from, to)),
    }),
    'pipelines.bench': ({ samples, seconds, ...draft }, emit, control) => {
      const points = pointsOf(samples, draft)
      const args = { draft: subject(draft), saved: saved(draft.script), points, ms: seconds * 1000 }
      follow(benchDraft(pipeline().pool, clock, args, emit, control.signal), control)
      return { dispose: () => {} }
    },
    'pipelines.impact': ({ source, limit, ...draft }, emit, control) => {
      const read = async (most: number, before: number | undefined) => {
        const page = await stored(draft.script, source, most, before)
        if (!page.ok) return page
        const points = page.value.points.map(({ point }) => fromPoint(point))
        return { ok: true as const, value: { points, next: page.value.next } }
      }
      const args = { draft: subject(draft), saved: saved(draft.script), limit, read }
      follow(compareOnStored(pipeline().pool, args, emit, control.signal), control)
      return { dispose: () => {} }
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

function summaryOf(point: Point): string {
  const message = lookup(point, 'message')
  const text = message
    ? String(message.value)
    : point.kvs.map(({ key, value }) => `${key}=${String(value)}`).join(' ')
  return text.slice(0, SUMMARY_LENGTH)
}

function viewFunction({ name, params, named, returns, doc, examples }: FunctionDefinition): FunctionDoc {
  const listed = params.map((one) => {
    const rest = one.rest === true ? '...' : ''
    return one.default === undefined ? `${rest}${one.name}` : `${one.name} = ${one.default}`
  })
  return {
    name,
    signature: `${name}(${listed.join(', ')})${returns === undefined ? '' : ` ${returns}`}`,
    params: params.map(({ name: param, kind, default: given, rest }) => ({
      name: param,
      kind,
      ...(given === undefined ? {} : { default: given }),
      ...(rest === undefined ? {} : { rest }),
    })),
    named: named !== undefined && named !== false,
    returns: returns ?? null,
    doc: { en: doc.en, zh: doc.zh },
    examples: examples.map(({ script, message, expect }) => ({
      script,
      ...(message === undefined ? {} : { message }),
      expect: Object.fromEntries(
        Object.entries(expect).map(([key, value]) => [key, value === null ? null : JSON.stringify(value)]),
      ),
    })),
  }
}
