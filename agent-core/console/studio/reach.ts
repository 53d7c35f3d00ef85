// Which points a script gets: by its name, by relations, as the category's default.
import type { ScriptRef } from '../../contract/pipelines.ts'
import type { Category } from '../../point/category.ts'
import type { Point } from '../../point/point.ts'
import {
  scriptKey,
  type Namespace,
  type Relation,
  type ScriptContext,
} from '../../pipeline/scripts/script.ts'
import { featureOf, matchesWildcard, Selection } from '../../pipeline/scripts/selection.ts'

/** What scripts of the category are named after: its measurement, source, service ... */
export const sourceOf = (category: Category, point: Point): string => featureOf(category, point) ?? point.name

/** Sources that select a script: its own name unless a relation gives that to another, then its relations' patterns. */
export function sourcesOf(
  { category, name }: { readonly category: Category; readonly name: string },
  relations: readonly Relation[],
): string[] {
  const own = name.replace(/\.p$/, '')
  const known = relations.filter((one) => one.category === category)
  const exact = known.filter(({ source }) => source === own)
  const mine = known.filter((one) => one.name === name).map(({ source }) => source)
  const claims = exact.length > 0 ? exact : known.filter(({ source }) => matchesWildcard(source, own))
  const isOwn = claims.length === 0 || claims.some((one) => one.name === name)
  return [...new Set(isOwn ? [own, ...mine] : mine)]
}

/**
 * Tells whether a script gets a point, also one that is not saved yet. Inputs that name a script of their own are not
 * known here.
 */
export function getsPoint(script: ScriptRef, context: ScriptContext): (point: Point) => boolean {
  const { category, name } = script
  const id = { category, name, namespace: script.namespace as Namespace }
  const mine = scriptKey(id)
  const others = context.scripts.filter((one) => scriptKey(one) !== mine)
  const scripts = [...others, { ...id, source: '' }]
  const selection = new Selection({ ...context, scripts, suspended: [] }, scriptKey)
  return (point) => selection.choose(category, point) === mine
}
