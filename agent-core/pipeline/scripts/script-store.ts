// The scripts that the agent has: which of them run, in which version, and why not. A script whose new text does not
// compile keeps running in its last good version and says so.
import type { Clock } from '../../kernel/clock.ts'
import { diagnostic, type Diagnostic } from '../../kernel/diagnostic.ts'
import type { Result } from '../../kernel/result.ts'
import type { Category } from '../../point/category.ts'
import { scriptErrorText, type ScriptError } from '../language/fault.ts'
import type { Checked, Tasks } from '../lanes/tasks.ts'
import {
  EMPTY_CONTEXT,
  NAMESPACES,
  scriptKey,
  type Namespace,
  type ScriptContext,
  type ScriptSource,
} from './script.ts'
import type { LastGood } from './last-good.ts'
import { groupScripts } from './runtime.ts'

export interface GivenScript {
  readonly category: Category
  readonly name: string
  readonly source: string
  readonly file?: string
}

export interface ScriptEntry extends ScriptSource {
  readonly file: string | undefined
  /** `previous`: the new text does not compile, the one before runs. `broken`: nothing runs under this name here. */
  readonly state: 'running' | 'previous' | 'broken' | 'suspended'
  /** What runs; undefined = nothing. */
  readonly good: string | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly error: ScriptError | undefined
  /** Times it was stopped since it changed or was enabled. */
  readonly breaches: number
  readonly breach: string | undefined
  /** ms since the epoch. */
  readonly updated: number
}

export type ScriptEvent =
  | 'INDEX'
  | 'INDEX_UPDATE'
  | 'INDEX_DELETE'
  | 'INDEX_DELETE_AND_BACK'
  | 'COMPILE_ERROR'

export interface ScriptStoreParts {
  readonly clock: Clock
  /** Compiles in a lane, under a budget. */
  readonly check: (args: Tasks['check']['args']) => Promise<Result<readonly Checked[]>>
  readonly onContext: (context: ScriptContext) => void
  /** Where versions that run in place of a text that does not compile outlive a restart; undefined = nowhere. */
  readonly lastGood?: LastGood
}

/** What configuration and pulls set besides the scripts. */
export type ContextSettings = Partial<Omit<ScriptContext, 'version' | 'scripts' | 'suspended'>>

const BREACHES = 2
const EVENTS = 128

export class ScriptStore {
  readonly #parts: ScriptStoreParts
  #entries = new Map<string, ScriptEntry>()
  #context: ScriptContext = EMPTY_CONTEXT
  #work: Promise<void> = Promise.resolve()
  readonly #events: { readonly time: number; readonly event: ScriptEvent; readonly script: string }[] = []

  constructor(parts: ScriptStoreParts) {
    this.#parts = parts
  }

  get context(): ScriptContext {
    return this.#context
  }

  get entries(): readonly ScriptEntry[] {
    return [...this.#entries.values()]
  }

  /** The last changes, oldest first. */
  get events(): readonly { readonly time: number; readonly event: ScriptEvent; readonly script: string }[] {
    return this.#events
  }

  get(key: string): ScriptEntry | undefined {
    return this.#entries.get(key)
  }

  /** Every script of a namespace; those not given are gone. Resolves when they are in force. */
  replace(namespace: Namespace, scripts: readonly GivenScript[]): Promise<void> {
    return this.#next(async () => {
      const others = [...this.#entries].filter(([, entry]) => entry.namespace !== namespace)
      const next = await this.#judge(namespace, scripts, this.#context.patterns)
      this.#announce(namespace, next)
      this.#entries = new Map([...others, ...next.map((entry) => [scriptKey(entry), entry] as const)])
      this.#publish()
      await this.#keepLastGood(namespace)
    })
  }

  /** Settings besides the scripts; other patterns mean that every script is compiled anew. */
  configure(settings: ContextSettings): Promise<void> {
    return this.#next(async () => {
      const { patterns } = settings
      const changed = patterns !== undefined && !sameMap(patterns, this.#context.patterns)
      const next = { ...this.#context, ...settings }
      if (settingsText(next) === settingsText(this.#context) && !changed) return
      this.#context = next
      if (changed) {
        const all: ScriptEntry[] = []
        for (const [namespace, entries] of Object.entries(Object.groupBy(this.entries, (e) => e.namespace)))
          all.push(...(await this.#judge(namespace as Namespace, entries, patterns)))
        this.#entries = new Map(all.map((entry) => [scriptKey(entry), entry]))
      }
      this.#publish()
      if (changed) for (const namespace of NAMESPACES) await this.#keepLastGood(namespace)
    })
  }

  /** A script was stopped. Twice, and it runs no more until it changes or is enabled. True when that just happened. */
  breach(key: string, detail: string): boolean {
    const entry = this.#entries.get(key)
    if (!entry || entry.state === 'suspended') return false
    const breaches = entry.breaches + 1
    const suspended = breaches >= BREACHES
    this.#entries.set(key, {
      ...entry,
      breaches,
      breach: detail,
      ...(suspended ? { state: 'suspended' } : {}),
    })
    if (suspended) this.#publish()
    return suspended
  }

  enable(key: string): Promise<void> {
    return this.#next(async () => {
      const entry = this.#entries.get(key)
      if (entry?.state !== 'suspended') return
      const state = entry.good === entry.source ? 'running' : 'previous'
      this.#entries.set(key, { ...entry, state, breaches: 0, breach: undefined })
      this.#publish()
    })
  }

  diagnostics(): Diagnostic[] {
    const scripts = this.entries.flatMap((entry): Diagnostic[] => {
      const file = entry.file ?? scriptKey(entry)
      if (entry.state === 'suspended')
        return [
          diagnostic(
            'PIPELINE_SUSPENDED',
            `${entry.name} is suspended: it was stopped twice (${entry.breach})`,
            {
              file,
              notes: ['Its points pass as they are.'],
            },
          ),
        ]
      if (entry.state === 'running') return []
      const text = entry.error ? scriptErrorText(entry.error).split('\n')[0]! : entry.name
      const note = entry.state === 'previous' ? 'The last good version is in force.' : 'It does not run.'
      return [diagnostic('PIPELINE_CHECK', text, { file, notes: [note] })]
    })
    const unkept = this.#parts.lastGood?.problem
    if (unkept === undefined) return scripts
    const notes = ['The last good version of a script that does not compile may be lost at a restart.']
    return [...scripts, diagnostic('PIPELINE_FILE', unkept, { severity: 'warning', notes })]
  }

  #next(run: () => Promise<void>): Promise<void> {
    const done = this.#work.then(run)
    this.#work = done.catch(() => {})
    return done
  }

  async #judge(
    namespace: Namespace,
    scripts: readonly GivenScript[],
    patterns: ReadonlyMap<string, string>,
  ): Promise<ScriptEntry[]> {
    const sources = scripts.map(({ category, name, source }) => ({ namespace, category, name, source }))
    const files = new Map(scripts.map((s) => [`${s.category}/${s.name}`, s.file]))
    const out: ScriptEntry[] = []
    for (const group of groupScripts(sources)) {
      const now = await this.#check(group, patterns)
      // Those that fail go on in their last good version, which others of the group may use.
      const mixed = group.map((script) => {
        const key = scriptKey(script)
        const good = this.#entries.get(key)?.good ?? this.#parts.lastGood?.get(key)
        return now.get(key)!.ok || good === undefined ? script : { ...script, source: good }
      })
      const back = mixed.some((script, i) => script.source !== group[i]!.source)
      const fallback = back ? await this.#check(mixed, patterns) : now
      for (const [i, script] of group.entries())
        out.push(
          this.#entry(script, mixed[i]!, now, fallback, files.get(`${script.category}/${script.name}`)),
        )
    }
    return out
  }

  #entry(
    script: ScriptSource,
    mixed: ScriptSource,
    now: ReadonlyMap<string, Checked>,
    fallback: ReadonlyMap<string, Checked>,
    file: string | undefined,
  ): ScriptEntry {
    const key = scriptKey(script)
    const before = this.#entries.get(key)
    const checked = now.get(key)!
    const runs = fallback.get(key)!
    const good = runs.ok ? mixed.source : undefined
    const same = before?.source === script.source
    const suspended = same && before.state === 'suspended' && good !== undefined
    return {
      ...script,
      file,
      good,
      stateful: runs.stateful,
      state: suspended
        ? 'suspended'
        : good === undefined
          ? 'broken'
          : good === script.source
            ? 'running'
            : 'previous',
      diagnostics: checked.diagnostics,
      error: checked.error,
      breaches: same ? before.breaches : 0,
      breach: same ? before.breach : undefined,
      updated: same ? before.updated : this.#parts.clock.now(),
    }
  }

  /** Keeps on disk what runs of a namespace besides its scripts' own texts. */
  async #keepLastGood(namespace: Namespace): Promise<void> {
    const { lastGood } = this.#parts
    if (!lastGood) return
    const keep = new Map([...lastGood.sources].filter(([key]) => !key.startsWith(`${namespace}/`)))
    for (const entry of this.entries) {
      if (entry.namespace !== namespace || entry.good === entry.source) continue
      const key = scriptKey(entry)
      const good = entry.good ?? lastGood.get(key)
      if (good !== undefined) keep.set(key, good)
    }
    await lastGood.save(keep)
  }

  /** One that takes too long to compile is found by compiling them one by one. */
  async #check(
    scripts: readonly ScriptSource[],
    patterns: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, Checked>> {
    const all = await this.#parts.check({ scripts, patterns })
    if (all.ok) return byKey(all.value)
    const fine: ScriptSource[] = []
    const refused: Checked[] = []
    for (const script of scripts) {
      const one = scripts.length === 1 ? all : await this.#parts.check({ scripts: [script], patterns })
      if (one.ok) fine.push(script)
      else
        refused.push({
          key: scriptKey(script),
          ok: false,
          stateful: false,
          diagnostics: [diagnostic(one.error.code, one.error.message, { file: script.name })],
        })
    }
    const rest =
      fine.length > 0 && scripts.length > 1 ? await this.#parts.check({ scripts: fine, patterns }) : undefined
    return new Map([...byKey(rest?.ok ? rest.value : []), ...byKey(refused)])
  }

  #announce(namespace: Namespace, next: readonly ScriptEntry[]): void {
    const keys = new Set(next.map(scriptKey))
    for (const entry of next) {
      const before = this.#entries.get(scriptKey(entry))
      if (before?.source === entry.source && before.state === entry.state) continue
      if (entry.state === 'broken' || entry.state === 'previous') this.#note('COMPILE_ERROR', entry)
      else this.#note(before ? 'INDEX_UPDATE' : 'INDEX', entry)
    }
    for (const [key, entry] of this.#entries) {
      if (entry.namespace !== namespace || keys.has(key)) continue
      const other = this.entries.some(
        (e) =>
          e.namespace !== namespace &&
          e.category === entry.category &&
          e.name === entry.name &&
          e.good !== undefined,
      )
      this.#note(other ? 'INDEX_DELETE_AND_BACK' : 'INDEX_DELETE', entry)
    }
  }

  #note(event: ScriptEvent, entry: ScriptEntry): void {
    this.#events.push({ time: this.#parts.clock.now(), event, script: scriptKey(entry) })
    if (this.#events.length > EVENTS) this.#events.shift()
  }

  #publish(): void {
    const scripts = this.entries.flatMap(({ category, namespace, name, good, stateful }): ScriptSource[] =>
      good === undefined ? [] : [{ category, namespace, name, source: good, stateful: stateful ?? false }],
    )
    const suspended = this.entries.filter((e) => e.state === 'suspended').map(scriptKey)
    this.#context = { ...this.#context, version: this.#context.version + 1, scripts, suspended }
    this.#parts.onContext(this.#context)
  }
}

/** What tells one context's settings from another's; what is large has a stamp. */
const settingsText = ({ referTables, geo, ...rest }: ScriptContext): string =>
  JSON.stringify({
    ...rest,
    scripts: [],
    patterns: [],
    refer: referTables && [referTables.kind, referTables.stamp],
    geo: geo?.stamp,
  })

const byKey = (checked: readonly Checked[]): Map<string, Checked> => new Map(checked.map((c) => [c.key, c]))

const sameMap = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
