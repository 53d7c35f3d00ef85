// Sources to scripts that can run. Scripts of one category and namespace are compiled as a set, because they may use
// each other: a script that uses a missing, broken or circular one does not compile.
import { diagnostic, type Diagnostic } from '../../kernel/diagnostic.ts'
import { functions as allFunctions } from '../functions/registry.ts'
import type { FunctionDefinition, FunctionTable } from '../functions/define-function.ts'
import { globalPatterns, type PatternLookup } from '../grok/grok.ts'
import { builtInPattern } from '../grok/patterns.ts'
import { Compiler } from './compiler.ts'
import { fixesOf } from './fixes.ts'
import { ScriptFault, type ScriptError } from './fault.ts'
import { Frame, type Execute } from './frame.ts'
import { parse } from './parser.ts'
import { KeyTable, PointView } from './point-view.ts'
import { Source } from './source.ts'

/** Scripts that were compiled together share the numbering of keys and the views that follow from it. */
export class ScriptSet {
  readonly keys = new KeyTable()
  readonly #idle: PointView[] = []

  /** A view of a point; `release` gives it back. */
  acquire(): PointView {
    return this.#idle.pop() ?? new PointView(this.keys)
  }

  release(view: PointView): void {
    this.#idle.push(view)
  }
}

export interface CompiledScript {
  readonly name: string
  readonly set: ScriptSet
  readonly frame: Frame
  readonly execute: Execute
  /** Functions that it, or a script it uses, calls. */
  readonly called: ReadonlySet<FunctionDefinition>
  /** True when it keeps state between points (cache, aggregation, window): it must stay in one place. */
  readonly stateful: boolean
}

export interface CompileResult {
  /** Absent when there is an error. */
  readonly script?: CompiledScript
  /** Every error found, in order of the source. */
  readonly diagnostics: readonly Diagnostic[]
  /** The error that the language reports. */
  readonly firstError?: ScriptError
}

export interface CompileOptions {
  /** Global grok patterns besides the built-in ones, which win. */
  readonly patterns?: ReadonlyMap<string, string>
  /** Statements report to the frame's trace hook. Costs nothing when off: other code is compiled. */
  readonly trace?: boolean
  /** Monotonic ms for the trace. */
  readonly now?: () => number
  readonly functions?: FunctionTable
}

/** Compiles every script of a set: file name to result. */
export function compileScripts(
  sources: ReadonlyMap<string, string>,
  options: CompileOptions = {},
): Map<string, CompileResult> {
  const linker = new Linker(sources, options)
  return new Map([...sources.keys()].map((name) => [name, linker.result(name)]))
}

/** Compiles one script; `others` are those that it may use. */
export function compileScript(
  script: { readonly name: string; readonly source: string; readonly others?: ReadonlyMap<string, string> },
  options: CompileOptions = {},
): CompileResult {
  const sources = new Map([...(script.others ?? []), [script.name, script.source] as const])
  return new Linker(sources, options).result(script.name)
}

const STATEFUL = new Set(['agg_create', 'agg_metric', 'cache_get', 'cache_set', 'point_window', 'window_hit'])

interface Outcome {
  readonly script?: CompiledScript
  readonly source: Source
  readonly faults: readonly { readonly error: ScriptError; readonly to?: number; readonly syntax: boolean }[]
  /** The first fault as thrown, so that users of the script can extend its chain. */
  readonly first?: ScriptFault
}

class Linker {
  readonly #sources: ReadonlyMap<string, string>
  readonly #options: CompileOptions
  readonly #set = new ScriptSet()
  readonly #done = new Map<string, Outcome>()
  readonly #path: string[] = []
  readonly #patterns: PatternLookup

  constructor(sources: ReadonlyMap<string, string>, options: CompileOptions) {
    this.#sources = sources
    this.#options = options
    this.#patterns = globalPatterns((name) => builtInPattern(name) ?? options.patterns?.get(name))
  }

  result(name: string): CompileResult {
    const { script, source, faults, first } = this.#compile(name)
    const names = () => (this.#options.functions ?? allFunctions).keys()
    const diagnostics = faults.map(({ error, to, syntax }) => toDiagnostic(source, error, to, syntax, names))
    if (script) return { script, diagnostics }
    return first ? { diagnostics, firstError: first.error() } : { diagnostics }
  }

  #compile(name: string): Outcome {
    const done = this.#done.get(name)
    if (done) return done
    const source = new Source(name, this.#sources.get(name)!)
    this.#path.push(name)
    const outcome = this.#build(source)
    this.#path.pop()
    this.#done.set(name, outcome)
    return outcome
  }

  #build(source: Source): Outcome {
    const { statements, faults } = parse(source.text)
    const linked = new Set<CompiledScript>()
    const compiler = new Compiler({
      source,
      keys: this.#set.keys,
      functions: this.#options.functions ?? allFunctions,
      pattern: this.#patterns,
      link: (target, at) => {
        const script = this.#link(source, target, at)
        linked.add(script)
        return script
      },
      trace: this.#options.trace ?? false,
      now: this.#options.now ?? (() => 0),
    })
    const execute = compiler.script(statements)
    const syntax = faults.map(({ message, at, to }) => ({ fault: new ScriptFault(message, source, at), to }))
    const all = [
      ...syntax.map(({ fault, to }) => ({ error: fault.error(), to, syntax: true })),
      ...compiler.faults.map((fault) => ({ error: fault.error(), syntax: false })),
    ]
    const first = syntax[0]?.fault ?? compiler.faults[0]
    if (first) return { source, faults: all, first }
    const called = new Set(compiler.called)
    for (const { called: more } of linked) for (const f of more) called.add(f)
    const script: CompiledScript = {
      name: source.name,
      set: this.#set,
      frame: new Frame(compiler.slotCount),
      execute,
      called,
      stateful: [...called].some((f) => STATEFUL.has(f.name)),
    }
    return { script, source, faults: [] }
  }

  #link(source: Source, target: string, at: number): CompiledScript {
    if (!this.#sources.has(target)) throw new ScriptFault(`script ${target} not found`, source, at)
    const start = this.#path.indexOf(target)
    if (start >= 0) {
      const circle = [...this.#path.slice(start), target].join(' -> ')
      throw new ScriptFault(`circular dependency: ${circle}`, source, at).from(source, at)
    }
    const { script, first } = this.#compile(target)
    if (script) return script
    const fault = new ScriptFault(first!.message, source, at)
    fault.places.splice(0, 1, ...first!.places, { source, offset: at })
    throw fault
  }
}

function toDiagnostic(
  source: Source,
  error: ScriptError,
  to: number | undefined,
  syntax: boolean,
  functionNames: () => Iterable<string>,
): Diagnostic {
  const [innermost, ...outer] = error.chain
  // A fault in a used script is shown at the call in this one.
  const here = error.chain.find((p) => p.file === source.name) ?? innermost!
  const end = to ?? wordEnd(source.text, here.offset)
  const label = { from: here.offset, to: end, line: here.line, column: here.column, text: error.message }
  const elsewhere =
    innermost!.file === source.name ? [] : [`in ${innermost!.file}:${innermost!.line}:${innermost!.column}`]
  const notes = [
    ...elsewhere,
    ...outer.filter((p) => p !== here).map((p) => `called from ${p.file}:${p.line}:${p.column}`),
  ]
  return diagnostic(syntax ? 'PIPELINE_SYNTAX' : 'PIPELINE_CHECK', error.message, {
    file: source.name,
    labels: [label],
    ...(notes.length > 0 ? { notes } : {}),
    fixes:
      innermost!.file === source.name
        ? fixesOf(error.message, source.text, here.offset, functionNames())
        : [],
  })
}

function wordEnd(text: string, from: number): number {
  const word = /[\w\u0080-\uffff]+|"[^"\n]*"|'[^'\n]*'|[^\s]/y
  word.lastIndex = from
  return from + (word.exec(text)?.[0].length ?? 1)
}
