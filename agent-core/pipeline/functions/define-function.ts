// One record a function: name, parameters, texts, examples and implementation. The checker, the editor's completion
// and hover, and the reference page all read it; every example runs as a test.
import type { Call } from '../language/call.ts'
import type { Frame } from '../language/frame.ts'
import type { TypeName, Value } from '../language/value.ts'

/**
 * key      identifier, attribute path or string literal, used as a name
 * name     identifier, or attribute path where the function allows one, used as a name
 * literal  a literal in the source
 * value    any expression
 */
export type ParameterKind = 'key' | 'name' | 'literal' | 'value'

export interface Parameter {
  readonly name: string
  readonly kind: ParameterKind
  /** Present when the argument may be left out: the default as shown in the documentation. */
  readonly default?: string
  readonly rest?: boolean
}

export interface Example {
  readonly script: string
  /** The message field of the point, other fields beside it. */
  readonly message?: string
  readonly fields?: Readonly<Record<string, string | number | boolean>>
  /** Fields and tags afterwards; null = no such key. Numbers compare by value. */
  readonly expect: Readonly<Record<string, string | number | boolean | null>>
}

export interface FunctionDefinition<Prepared = unknown> {
  readonly name: string
  readonly params: readonly Parameter[]
  /** Arguments may be given by name. `typed`: types are checked, and a name makes a variable (pt_kvs_*, hash, ...). */
  readonly named?: boolean | 'typed'
  /** Any arguments at all are accepted and ignored. */
  readonly anyArguments?: boolean
  /** Type of the result; undefined = returns nothing. */
  readonly returns?: TypeName | 'any'
  readonly doc: { readonly en: string; readonly zh: string }
  readonly examples: readonly Example[]
  /** Judges one call at load (throws through `call.fail`) and keeps what running it needs. */
  check(call: Call): Prepared
  run(frame: Frame, prepared: Prepared): Value
}

/** Keeps the types of `check` and `run` together; the registry sees every function alike. */
export function defineFunction<Prepared>(definition: FunctionDefinition<Prepared>): FunctionDefinition {
  return definition as FunctionDefinition
}

export type FunctionTable = ReadonlyMap<string, FunctionDefinition>
