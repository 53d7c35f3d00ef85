// The scripts as a tree: one branch a category, then the read-only namespaces; only what exists, and what one edits.
import type { ScriptInfo, ScriptRef } from '../../../agent-core/contract/index.ts'

/** Those that people write scripts for first. */
export const CATEGORIES = [
  'logging',
  'metric',
  'tracing',
  'network',
  'keyevent',
  'object',
  'custom_object',
  'object_change',
  'rum',
  'security',
  'profiling',
  'dialtesting',
] as const satisfies readonly ScriptRef['category'][]

export interface TreeScript {
  readonly key: string
  readonly info: ScriptInfo
  readonly edited: boolean
}

export interface TreeBranch {
  /** `logging`, or `remote/logging` where the namespace is not the default one. */
  readonly id: string
  readonly namespace: ScriptRef['namespace']
  readonly category: ScriptRef['category']
  readonly scripts: readonly TreeScript[]
}

export const keyOf = ({ namespace, category, name }: ScriptRef): string => `${namespace}/${category}/${name}`
export const refOf = ({ namespace, category, name }: ScriptRef): ScriptRef => ({ namespace, category, name })

/** The other way round; undefined for what is no key. */
export function refOfKey(key: string): ScriptRef | undefined {
  const [namespace, category, ...name] = key.split('/')
  const known = NAMESPACES.find((one) => one === namespace)
  return known && category && name.length > 0
    ? { namespace: known, category: category as ScriptRef['category'], name: name.join('/') }
    : undefined
}

/** A script that stands in the editor only. */
export const unsavedInfo = (script: ScriptRef): ScriptInfo => ({
  ...script,
  state: 'ok',
  active: true,
  editable: true,
  file: null,
  isDefault: false,
  sources: [],
  points: 0,
  dropped: 0,
  errors: 0,
  avgCostNs: null,
  cases: 0,
  problem: null,
  updatedAt: null,
})

/** The agent's scripts, and those that so far only have a draft here. */
export function withDrafts(scripts: readonly ScriptInfo[], drafts: Iterable<string>): ScriptInfo[] {
  const known = new Set(scripts.map(keyOf))
  const more = [...drafts].filter((key) => !known.has(key)).map(refOfKey)
  return [...scripts, ...more.filter((one) => one !== undefined).map(unsavedInfo)]
}

export const NAMESPACES = ['default', 'gitrepo', 'confd', 'remote', 'built-in'] as const
const CATEGORY_FIRST = ['logging', 'metric', 'tracing']

const rank = (list: readonly string[], value: string): number => {
  const at = list.indexOf(value)
  return at < 0 ? list.length : at
}

/** `filter` matches name, category or a source, in any case. */
export function branchesOf(
  scripts: readonly ScriptInfo[],
  edited: ReadonlySet<string>,
  filter: string,
): TreeBranch[] {
  const wanted = filter.trim().toLowerCase()
  const fits = ({ name, category, sources }: ScriptInfo): boolean =>
    wanted === '' || [name, category, ...sources].some((text) => text.toLowerCase().includes(wanted))
  const groups = Map.groupBy(scripts.filter(fits), ({ namespace, category }) => `${namespace}/${category}`)
  return [...groups]
    .map(([id, group]): TreeBranch => {
      const { namespace, category } = group[0]!
      return {
        id,
        namespace,
        category,
        scripts: group
          .map((info) => ({ key: keyOf(info), info, edited: edited.has(keyOf(info)) }))
          .toSorted((a, b) => a.info.name.localeCompare(b.info.name)),
      }
    })
    .toSorted(
      (a, b) =>
        rank(NAMESPACES, a.namespace) - rank(NAMESPACES, b.namespace) ||
        rank(CATEGORY_FIRST, a.category) - rank(CATEGORY_FIRST, b.category) ||
        a.category.localeCompare(b.category),
    )
}

/** The file name of what somebody typed; undefined when it cannot be one. */
export function scriptFileName(typed: string): string | undefined {
  const name = typed.trim()
  const file = name.endsWith('.p') ? name : `${name}.p`
  return /^[^/\\\u0000-\u001f:*?"<>|]+\.p$/u.test(file) && !file.startsWith('.') && file.length <= 255
    ? file
    : undefined
}
