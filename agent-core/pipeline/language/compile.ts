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

/** A `use` of another script. */
export interface Reference {
  readonly target: string
  readonly at: number
  /** There once the set is linked, which is before anything runs. */
  script: CompiledScript | undefined
}

/** Where a script uses another. */
interface Use {
  readonly source: Source
  readonly at: number
}

/** A script by itself: parsed and checked, its references still open. */
interface Unit {
  readonly source: Source
  readonly execute: Execute
  readonly slotCount: number
  readonly called: ReadonlySet<FunctionDefinition>
  readonly references: readonly Reference[]
  /** Syntax errors, then check errors. */
  readonly faults: readonly {
    readonly fault: ScriptFault
    readonly to?: number
    readonly syntax: boolean
  }[]
  script?: CompiledScript
}

class Linker {
  readonly #sources: ReadonlyMap<string, string>
  readonly #options: CompileOptions
  readonly #set = new ScriptSet()
  readonly #units = new Map<string, Unit>()
  readonly #patterns: PatternLookup

  constructor(sources: ReadonlyMap<string, string>, options: CompileOptions) {
    this.#sources = sources
    this.#options = options
    this.#patterns = globalPatterns((name) => builtInPattern(name) ?? options.patterns?.get(name))
  }

  result(name: string): CompileResult {
    const unit = this.#unit(name)
    // References count after everything in the script itself.
    const links = this.#link(unit, [])
    const faults = [...unit.faults, ...links.map((fault) => ({ fault, to: undefined, syntax: false }))]
    const names = () => (this.#options.functions ?? allFunctions).keys()
    const diagnostics = faults.map(({ fault, to, syntax }) =>
      toDiagnostic(unit.source, fault.error(), to, syntax, names),
    )
    const first = faults[0]?.fault
    if (first) return { diagnostics, firstError: first.error() }
    return { script: this.#script(unit), diagnostics }
  }

  #unit(name: string): Unit {
    let unit = this.#units.get(name)
    if (!unit) {
      unit = this.#build(new Source(name, this.#sources.get(name)!))
      this.#units.set(name, unit)
    }
    return unit
  }

  #build(source: Source): Unit {
    const { statements, faults } = parse(source.text)
    const references: Reference[] = []
    const compiler = new Compiler({
      source,
      keys: this.#set.keys,
      functions: this.#options.functions ?? allFunctions,
      pattern: this.#patterns,
      link: (target, at) => {
        const reference = { target, at, script: undefined }
        references.push(reference)
        return reference
      },
      trace: this.#options.trace ?? false,
      now: this.#options.now ?? (() => 0),
    })
    const execute = compiler.script(statements)
    return {
      source,
      execute,
      slotCount: compiler.slotCount,
      called: compiler.called,
      references,
      faults: [
        ...faults.map(({ message, at, to }) => ({
          fault: new ScriptFault(message, source, at),
          to,
          syntax: true,
        })),
        ...compiler.faults.map((fault) => ({ fault, syntax: false })),
      ],
    }
  }

  /** Looks for the scripts that a script uses; a fault for each that is missing, broken or a circle. */
  #link(unit: Unit, callers: readonly Use[]): ScriptFault[] {
    if (unit.script) return []
    return unit.references.flatMap((reference) => this.#linkOne(unit, reference, callers) ?? [])
  }

  #linkOne({ source }: Unit, reference: Reference, callers: readonly Use[]): ScriptFault | undefined {
    const { target, at } = reference
    if (!this.#sources.has(target)) return new ScriptFault(`script ${target} not found`, source, at)
    const path = [...callers, { source, at }]
    const names = path.map((use) => use.source.name)
    if (names.includes(target)) {
      // A circle is the fault of the script at the start of the path.
      const message = `circular dependency: ${[...names, target].join(' -> ')}`
      return new ScriptFault(message, path[0]!.source, path[0]!.at).from(source, at)
    }
    const unit = this.#unit(target)
    const broken = unit.faults[0]?.fault ?? this.#link(unit, path)[0]
    if (broken) return broken.copy().from(source, at)
    reference.script = this.#script(unit)
    return undefined
  }

  /** The script of a unit whose references are linked. */
  #script(unit: Unit): CompiledScript {
    if (unit.script) return unit.script
    const used = unit.references.flatMap(({ script }) => [...script!.called])
    const called = new Set([...unit.called, ...used])
    return (unit.script = {
      name: unit.source.name,
      set: this.#set,
      frame: new Frame(unit.slotCount),
      execute: unit.execute,
      called,
      stateful: [...called].some((f) => STATEFUL.has(f.name)),
    })
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
