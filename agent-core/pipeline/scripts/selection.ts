// Which script a point goes to: relation, script map, `<feature>.p`, else the category's default script.
import type { Category } from '../../point/category.ts'
import { Kind, lookup, type Point } from '../../point/point.ts'
import { compareText } from '../../point/text.ts'
import {
  NAMESPACES,
  scriptKey,
  type Relation,
  type ScriptContext,
  type ScriptMap,
  type ScriptSource,
} from './script.ts'

function stringValue(point: Point, key: string): string | undefined {
  const kv = lookup(point, key)
  return kv?.kind === Kind.string && kv.value !== '' ? (kv.value as string) : undefined
}

/** What scripts of a category are named after; undefined: no script at all, not even the default one. */
export function featureOf(category: Category, point: Point): string | undefined {
  switch (category) {
    case 'rum': {
      const app = lookup(point, 'app_id')
      return app?.kind === Kind.string ? `${app.value as string}_${point.name}` : undefined
    }
    case 'security':
      return stringValue(point, 'category')
    case 'tracing':
    case 'profiling':
      return stringValue(point, 'service')
    case 'keyevent':
      return stringValue(point, 'df_source')
    default:
      return point.name === '' ? undefined : point.name
  }
}

const NOTHING: ScriptMap = {}
const MAX_REMEMBERED = 4096

/** Scripts of a context by name, the highest namespace first, and the order of choosing among them. */
export class Selection<T = ScriptSource> {
  readonly #index = new Map<Category, Map<string, T | undefined>>()
  readonly #relations = new Map<Category, CategoryRelations>()
  readonly #defaults: ScriptContext['defaults']

  /** `of` gives what stands for a script; undefined leaves it out, as if it did not exist. */
  constructor(context: ScriptContext, of: (script: ScriptSource) => T | undefined) {
    const suspended = new Set(context.suspended)
    const rank = (script: ScriptSource): number => NAMESPACES.indexOf(script.namespace)
    for (const script of context.scripts.toSorted((a, b) => rank(a) - rank(b))) {
      const names = this.#index.get(script.category) ?? new Map<string, T | undefined>()
      this.#index.set(script.category, names)
      if (names.has(script.name)) continue
      // A suspended script does not give way to another of its name: its points pass as they are.
      const stopped = suspended.has(scriptKey(script))
      const value = stopped ? undefined : of(script)
      if (stopped || value !== undefined) names.set(script.name, value)
    }
    for (const relation of context.relations) {
      const found = this.#relations.get(relation.category) ?? new CategoryRelations()
      found.add(relation)
      this.#relations.set(relation.category, found)
    }
    this.#defaults = context.defaults
  }

  /** False: no point of the category can select a script. */
  has(category: Category): boolean {
    return (this.#index.get(category)?.size ?? 0) > 0
  }

  /** Whatever points of the category may select. */
  all(category: Category): ReadonlySet<T> {
    const found = new Set<T>()
    for (const script of this.#index.get(category)?.values() ?? [])
      if (script !== undefined) found.add(script)
    return found
  }

  choose(category: Category, point: Point, map: ScriptMap = NOTHING): T | undefined {
    const index = this.#index.get(category)
    if (!index || index.size === 0) return undefined
    const feature = featureOf(category, point)
    if (feature === undefined) return undefined
    let name = this.#relations.get(category)?.find(feature)
    if (name === undefined) {
      const mapped = Object.hasOwn(map, feature) ? map[feature]! : ''
      if (mapped === '-') return undefined
      name = mapped === '' ? `${feature}.p` : mapped
    }
    if (index.has(name)) return index.get(name)
    const fallback = this.#defaults[category]
    return fallback === undefined ? undefined : index.get(fallback)
  }
}

class CategoryRelations {
  readonly #exact = new Map<string, string>()
  readonly #wild: Relation[] = []
  readonly #found = new Map<string, string | undefined>()

  add(relation: Relation): void {
    const { source, name } = relation
    // A feature that reads like a pattern finds that very pattern.
    if (!this.#exact.has(source)) this.#exact.set(source, name)
    if (!/[*?]/.test(source)) return
    this.#wild.push(relation)
    this.#wild.sort((a, b) => byPrecision(a.source, b.source))
  }

  find(feature: string): string | undefined {
    const exact = this.#exact.get(feature)
    if (exact !== undefined || this.#wild.length === 0) return exact
    if (this.#found.has(feature)) return this.#found.get(feature)
    if (this.#found.size >= MAX_REMEMBERED) this.#found.clear()
    const name = this.#wild.find(({ source }) => matchesWildcard(source, feature))?.name
    this.#found.set(feature, name)
    return name
  }
}

/** `*` stands for any characters, `?` for one. Linear but for one step back a `*`: a console's pattern cannot stall us. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const p = [...pattern]
  const t = [...text]
  let at = 0
  let star = -1
  let mark = 0
  for (let i = 0; i < t.length;) {
    if (p[at] === '*') {
      star = at++
      mark = i
    } else if (at < p.length && (p[at] === '?' || p[at] === t[i])) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++mark
    } else return false
  }
  while (p[at] === '*') at++
  return at === p.length
}

/** Most literal characters, then fewest `*`, then the longest, then by text. */
function byPrecision(a: string, b: string): number {
  const literals = (text: string): number => [...text.replaceAll(/[*?]/g, '')].length
  const stars = (text: string): number => text.split('*').length
  return (
    literals(b) - literals(a) || stars(a) - stars(b) || [...b].length - [...a].length || compareText(a, b)
  )
}
