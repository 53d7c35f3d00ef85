// Keys of earlier versions of datakit.conf: obeyed, named, and moved by a fix.
import { removeValue, setValue } from './toml-edit.ts'
import { applyEdits, type TextEdit } from './text-lines.ts'
import { asParsed, sameValue, valueAtPath } from './toml-values.ts'
import { isTable, parseToml, pathText, type KeyPath, type Span, type TomlTable } from './toml.ts'
import { writeValue, type TomlInput } from './toml-write.ts'

interface OldKey {
  readonly from: KeyPath
  readonly to: KeyPath
  readonly convert?: (value: unknown, cores: number) => unknown
}

const move = (from: string, to: string, convert?: OldKey['convert']): OldKey => ({
  from: from.split('.'),
  to: to.split('.'),
  ...(convert ? { convert } : {}),
})

/** A share of all cores in percent becomes a number of cores. */
const cores = (value: unknown, count: number): unknown =>
  typeof value === 'bigint' || typeof value === 'number' ? Math.round(Number(value) * count) / 100 : value

export const OLD_KEYS: readonly OldKey[] = [
  move('log', 'logging.log'),
  move('log_level', 'logging.level'),
  move('gin_log', 'logging.gin_log'),
  move('log_rotate', 'logging.rotate'),
  move('http_listen', 'http_api.listen'),
  move('disable_404page', 'http_api.disable_404page'),
  move('io_cache_count', 'io.max_cache_count'),
  move('interval', 'io.flush_interval'),
  move('global_tags', 'global_host_tags'),
  move('namespace', 'election.namespace'),
  move('election_namespace', 'election.namespace'),
  move('enable_election', 'election.enable'),
  move('enable_election_tag', 'election.enable_namespace_tag'),
  move('global_env_tags', 'election.tags'),
  move('dataway.url', 'dataway.urls', (value) => (typeof value === 'string' ? [value] : value)),
  move('dataway.timeout', 'dataway.timeout_v2'),
  move('resource_limit.cpu_max', 'resource_limit.cpu_cores', cores),
  move('cgroup.enable', 'resource_limit.enable'),
  move('cgroup.path', 'resource_limit.path'),
  move('cgroup.cpu_max', 'resource_limit.cpu_cores', cores),
  move('cgroup.mem_max_mb', 'resource_limit.mem_max_mb'),
  move('cgroup.disable_oom', 'resource_limit.disable_oom'),
  move('recorder.category', 'recorder.categories'),
]

/** Parsed by earlier versions, without any effect in this one. */
export const DEAD_KEYS: readonly KeyPath[] = [
  'uuid',
  'black_lists',
  'white_lists',
  'http_server_addr',
  'output_file',
  'install_version',
  'io.global_blocking',
  'io.max_dynamic_cache_count',
  'pipeline.disable_append_run_info',
  'dataway.host',
  'dataway.scheme',
  'dataway.token',
  'cgroup.cpu_min',
  'resource_limit.cpu_min',
].map((path) => path.split('.'))

export interface OldKeyUse {
  readonly from: KeyPath
  /** Undefined: the key is dead. */
  readonly to: KeyPath | undefined
  /** The new key is there too and wins. */
  readonly overruled: boolean
}

/** Values with old keys in their new places; `uses` names each that was found. The input is not changed. */
export function moveOldKeys(
  values: TomlTable,
  coreCount: number,
): { values: TomlTable; uses: readonly OldKeyUse[] } {
  const out = copyTables(values)
  const uses: OldKeyUse[] = []
  for (const { from, to, convert } of OLD_KEYS) {
    const value = take(out, from)
    if (value === undefined) continue
    const target = tableAt(out, to.slice(0, -1))
    const last = to.at(-1) as string
    const overruled = target === undefined || keyLike(target, last) !== undefined
    if (!overruled) target[last] = convert ? convert(value, coreCount) : value
    uses.push({ from, to, overruled })
  }
  for (const from of DEAD_KEYS)
    if (take(out, from) !== undefined) uses.push({ from, to: undefined, overruled: false })
  if (isTable(out['cgroup']) && Object.keys(out['cgroup']).length === 0) delete out['cgroup']
  return { values: out, uses }
}

const copyTables = (table: TomlTable): TomlTable => {
  const out = Object.assign(Object.create(null) as TomlTable, table)
  for (const [key, value] of Object.entries(out)) if (isTable(value)) out[key] = copyTables(value)
  return out
}

const keyLike = (table: TomlTable, key: string): string | undefined =>
  Object.hasOwn(table, key)
    ? key
    : Object.keys(table).find((name) => name.toLowerCase() === key.toLowerCase())

function take(table: TomlTable, path: KeyPath): unknown {
  const parent = path.length === 1 ? table : table[keyLike(table, path[0] as string) ?? '']
  if (!isTable(parent)) return undefined
  const key = keyLike(parent, path.at(-1) as string)
  if (key === undefined) return undefined
  const value = parent[key]
  delete parent[key]
  return value
}

function tableAt(table: TomlTable, path: KeyPath): TomlTable | undefined {
  let at = table
  for (const key of path as readonly string[]) {
    const name = keyLike(at, key) ?? key
    at[name] ??= Object.create(null) as TomlTable
    const next = at[name]
    if (!isTable(next)) return undefined
    at = next
  }
  return at
}

/**
 * Edits that put an old key right in the text, or undefined where no simple ones do.
 * @param value what its new place holds
 */
export function oldKeyEdits(
  text: string,
  use: OldKeyUse,
  place: { readonly key: Span; readonly value: Span },
  value: unknown,
): readonly TextEdit[] | undefined {
  const edits = use.to && !use.overruled ? movingEdits(text, use.from, use.to, place, value) : undefined
  if (use.to && !use.overruled)
    return edits && gives(applyEdits(text, edits), use.to, value) ? edits : undefined
  const removed = removeValue(text, use.from)
  return removed.ok ? removed.value.edits : undefined
}

function movingEdits(
  text: string,
  from: KeyPath,
  to: KeyPath,
  place: { readonly key: Span; readonly value: Span },
  value: unknown,
): readonly TextEdit[] | undefined {
  // In the same table the line stays where it is. A text that becomes a list is not copied: it may hold a token.
  if (pathText(from.slice(0, -1)) === pathText(to.slice(0, -1))) {
    const rename = { ...place.key, insert: String(to.at(-1)) }
    if (isTable(value)) return [rename]
    if (Array.isArray(value) && text[place.value.from] !== '[')
      return [rename, { ...at(place.value.from), insert: '[' }, { ...at(place.value.to), insert: ']' }]
    return [rename, { ...place.value, insert: writeValue(value as TomlInput) }]
  }
  const removed = removeValue(text, from)
  const set = setValue(text, to, value as TomlInput)
  if (!removed.ok || !set.ok) return undefined
  const apart = removed.value.edits.every((a) =>
    set.value.edits.every((b) => b.to <= a.from || a.to <= b.from),
  )
  return apart ? [...removed.value.edits, ...set.value.edits] : undefined
}

const at = (offset: number): Span => ({ from: offset, to: offset })

function gives(text: string, path: KeyPath, value: unknown): boolean {
  const parsed = parseToml(text.replace(/^\uFEFF/, ''))
  return parsed.ok && sameValue(valueAtPath(parsed.value.values, path), asParsed(value as TomlInput))
}
