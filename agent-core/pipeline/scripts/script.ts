// What a pipeline script is to the agent, besides its language: where it comes from and what refers to it.
import type { Category } from '../../point/category.ts'
import type { GeoFiles } from '../state/geo-database.ts'
import type { ReferSource } from '../state/refer-source.ts'

/** Highest priority first. */
export const NAMESPACES = ['remote', 'confd', 'gitrepo', 'default'] as const
export type Namespace = (typeof NAMESPACES)[number]

export interface ScriptId {
  readonly category: Category
  readonly namespace: Namespace
  /** File name, `.p` included. */
  readonly name: string
}

export interface ScriptSource extends ScriptId {
  readonly source: string
  /** It keeps state between points: all its points go to one lane. */
  readonly stateful?: boolean
}

export const scriptKey = ({ namespace, category, name }: ScriptId): string =>
  `${namespace}/${category}/${name}`

/** A console's rule: points of a category whose feature matches `source` go to script `name`. */
export interface Relation {
  readonly category: Category
  readonly source: string
  readonly name: string
}

/** Feature to script file; `-` = run nothing, an empty text = no entry. */
export type ScriptMap = Readonly<Record<string, string>>

/** Everything that running scripts depends on; immutable, a change makes a new one with the next version. */
export interface ScriptContext {
  readonly version: number
  /** Scripts that compile, of every namespace: a script may only use others of its own category and namespace. */
  readonly scripts: readonly ScriptSource[]
  /** Keys of scripts that may not run. */
  readonly suspended: readonly string[]
  readonly relations: readonly Relation[]
  readonly defaults: Readonly<Partial<Record<Category, string>>>
  /** Global grok patterns from files. */
  readonly patterns: ReadonlyMap<string, string>
  readonly referTables?: ReferSource | undefined
  /** The address database. */
  readonly geo?: GeoFiles | undefined
  /** Adds `_pl_*` tags and fields. */
  readonly debugFields: boolean
  readonly hostTags: Readonly<Record<string, string>>
  readonly httpRequests: boolean
}

export const EMPTY_CONTEXT: ScriptContext = {
  version: 0,
  scripts: [],
  suspended: [],
  relations: [],
  defaults: {},
  patterns: new Map(),
  debugFields: false,
  hostTags: {},
  httpRequests: true,
}
