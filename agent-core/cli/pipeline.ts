// `datakit pipeline`: one text through one script, with DataKit's output.
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { existsSync, readdirSync } from 'node:fs'
import { workLayout, type WorkLayout } from '../config/layout.ts'
import type { Platform } from '../config/registry.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { fromPoint, toPoint } from '../pipeline/conformance.ts'
import { ScriptRequests } from '../pipeline/lanes/ask-server.ts'
import type { Subject } from '../pipeline/lanes/tasks.ts'
import { compileScript, type CompiledScript } from '../pipeline/language/compile.ts'
import { scriptErrorText } from '../pipeline/language/fault.ts'
import { runScript } from '../pipeline/language/run.ts'
import { loadRemote } from '../pipeline/scripts/remote.ts'
import { NAMESPACES } from '../pipeline/scripts/script.ts'
import { readWorkspace } from '../pipeline/scripts/workspace.ts'
import { openEnvironment } from '../pipeline/state/open-environment.ts'
import { newScriptState } from '../pipeline/state/state.ts'
import { parseCategory, type Category } from '../point/category.ts'
import { decodeBody } from '../point/decode.ts'
import { keyValue, Kind, lookup, makePoint, type Point } from '../point/point.ts'
import { commandLanes } from './command-lanes.ts'
import { pipelineOutput } from './pipeline-output.ts'
import { configuredPipeline, scriptSources } from './script-sources.ts'
import { chooseWorkdir } from './workdir.ts'

export interface PipelineCommandOptions {
  readonly name?: string
  readonly txt?: string
  readonly file?: string
  readonly category: string
  readonly namespace: string
  readonly tab?: boolean
  readonly date?: boolean
  readonly workdir?: string
}

export const PIPELINE_USAGE = `usage: datakit pipeline -P [pipeline-script-name.p] -T [text] [other-options...]

Pipeline used to debug exists pipeline script.

  -C, --category string    data category (logging, metric, ...) (default "logging")
      --date               append date display(according to local timezone) on timestamp
  -F, --file string        text file path for the pipeline or grok(json or raw text)
      --log string         log path (default "/dev/null")
  -P, --name string        pipeline name
  -N, --namespace string   namespace (default, gitrepo, remote) (default "default")
      --tab                output result in table format
  -T, --txt string         text string for the pipeline or grok(json or raw text)
`

/** True when the script ran; what failed is printed as DataKit prints it. */
export async function pipelineCommand(options: PipelineCommandOptions): Promise<boolean> {
  if (!options.name || (!options.txt && !options.file)) {
    console.log(PIPELINE_USAGE)
    return false
  }
  const category = parseCategory(options.category)
  if (!category) return failed(`unknown category ${options.category}`)
  const script = await loadScript({ ...options, name: options.name, category })
  if (!script.ok) return failed(script.error)
  let text = options.txt ?? ''
  if (options.file)
    try {
      text = (await readFile(options.file, 'utf8')).replace(/\s+$/, '')
    } catch (error) {
      return failed(errorText(error))
    }
  if (text === '') return failed(`${options.file} holds no text`)
  const point = pointOf(category, text)
  if (!point.ok) return failed(point.error)
  const layout = workLayout(chooseWorkdir(options.workdir), process.platform as Platform)
  const outcome = await runOnce(layout, script.value, category, point.value)
  if (!outcome.ok) return failed(outcome.error)
  console.log(pipelineOutput(outcome.value, { tab: options.tab ?? false, date: options.date ?? false }))
  return true
}

/** Says what failed as DataKit does. */
interface Ran {
  readonly point: Point
  readonly dropped: boolean
  readonly ms: number
}

/** In place; in a lane where the script sends requests, for which it has to wait. */
async function runOnce(
  layout: WorkLayout,
  loaded: LoadedScript,
  category: Category,
  point: Point,
): Promise<Result<Ran, string>> {
  const { script, name, source, others, patterns } = loaded
  const texts = [source, ...others.values()]
  const sources = await scriptSources(layout, texts)
  if (texts.some((text) => /\bhttp_request\s*\(/.test(text)))
    return runInLane(layout, { category, name, source, others, patterns, ...sources }, point)
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const { environment, close } = openEnvironment({ clock: systemClock, timeZone }, sources)
  const started = systemClock.monotonic()
  const { error, dropped } = runScript(script, point, {
    category,
    environment,
    state: newScriptState(systemClock),
  })
  const ms = systemClock.monotonic() - started
  close()
  return error ? err(`run pipeline failed: ${scriptErrorText(error)}`) : ok({ point, dropped, ms })
}

async function runInLane(layout: WorkLayout, subject: Subject, point: Point): Promise<Result<Ran, string>> {
  const { requests: rules, budgetMs } = configuredPipeline(layout)
  const requests = new ScriptRequests(rules)
  const pool = commandLanes({ lanes: 1, budgetMs, ask: requests.ask })
  try {
    const report = await pool.task('run', { subject, points: [fromPoint(point)], trace: false }, budgetMs)
    if (!report.ok) return err(`run pipeline failed: ${report.error.message}`)
    const { error, after, dropped, ms } = report.value.samples[0]!
    return error
      ? err(`run pipeline failed: ${scriptErrorText(error)}`)
      : ok({ point: toPoint(after), dropped, ms })
  } finally {
    await pool.dispose()
    await requests.dispose()
  }
}

export function failed(text: string): false {
  console.log(`[E] ${text}`)
  return false
}

export interface LoadedScript {
  readonly script: CompiledScript
  readonly name: string
  readonly source: string
  readonly others: ReadonlyMap<string, string>
  readonly patterns: ReadonlyMap<string, string>
}

/** A script by its name in a namespace, else by a path; scripts beside it may be used. */
export async function loadScript(options: {
  readonly name: string
  readonly category: Category
  readonly namespace: string
  readonly workdir?: string
}): Promise<Result<LoadedScript, string>> {
  const { name, category, namespace } = options
  if (!NAMESPACE_NAMES.includes(namespace))
    return err(`unknown namespace ${namespace}: ${NAMESPACE_NAMES.join(', ')}`)
  const layout = workLayout(chooseWorkdir(options.workdir), process.platform as Platform)
  let sources = new Map<string, string>()
  let patterns: ReadonlyMap<string, string> = new Map()
  try {
    patterns = (await readWorkspace(layout.pipelineDir)).patterns
    if (/[\\/]/.test(name)) sources = await beside(name)
    else if (namespace === 'remote')
      sources = byName((await loadRemote(layout.remotePipelineDir)).scripts, category)
    else sources = byName((await readWorkspace(workspaceDir(layout.root, namespace))).files, category)
    if (!sources.has(basename(name)) && existsSync(name)) sources = await beside(name)
  } catch (error) {
    return err(errorText(error))
  }
  const file = basename(name)
  const source = sources.get(file)
  if (source === undefined) return err(`get pipeline failed: name:${name} namespace:${namespace}`)
  sources.delete(file)
  const { script, firstError } = compileScript({ name: file, source, others: sources }, { patterns })
  if (!script) return err(scriptErrorText(firstError!))
  return ok({ script, name: file, source, others: sources, patterns })
}

const NAMESPACE_NAMES: readonly string[] = NAMESPACES.toReversed()

function workspaceDir(root: string, namespace: string): string {
  if (namespace === 'gitrepo') {
    const dir = join(root, 'gitrepos')
    const last = existsSync(dir) ? readdirSync(dir).toSorted().at(-1) : undefined
    return join(dir, last ?? '-', 'pipeline')
  }
  return join(root, namespace === 'confd' ? 'pipeline_confd' : 'pipeline')
}

function byName(
  scripts: readonly { category: Category; name: string; source: string }[],
  category: Category,
): Map<string, string> {
  return new Map(scripts.filter((s) => s.category === category).map((s) => [s.name, s.source]))
}

async function beside(path: string): Promise<Map<string, string>> {
  const dir = dirname(path)
  const out = new Map<string, string>()
  for (const name of readdirSync(dir))
    if (extname(name) === '.p' || name === basename(path))
      out.set(name, await readFile(join(dir, name), 'utf8'))
  return out
}

/** Logging: the text is the message. Other categories: one point in line protocol. */
function pointOf(category: Category, text: string): Result<Point, string> {
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n
  if (category === 'logging') return ok(makePoint('default', [keyValue('message', Kind.string, text)], now))
  const decoded = decodeBody({
    encoding: 'line-protocol',
    category,
    precision: '',
    body: Buffer.from(text),
    now,
    strict: false,
  })
  if (!decoded.ok) return err(decoded.error.message)
  const point = decoded.value[0]!
  return lookup(point, 'message') || point.kvs.length > 0 ? ok(point) : err('no points')
}
