// Parsed TOML values as data: set and remove by path, and equality, to prove that a text edit did what was wanted.
import { isTable, newTable, type KeyPath, type TomlTable } from './toml.ts'
import type { TomlInput } from './toml-write.ts'

/** What parseToml gives for the text of a value. */
export function asParsed(value: TomlInput): unknown {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map((item: TomlInput) => asParsed(item))
  if (!isTable(value)) return value
  const out = newTable()
  for (const [key, item] of Object.entries(value)) out[key.toWellFormed()] = asParsed(item as TomlInput)
  return out
}

/** A copy with the value in its place; undefined where something other than a table is in the way. */
export function withValueAt(root: unknown, path: KeyPath, value: unknown): unknown {
  const [head, ...rest] = path
  if (head === undefined) return value
  if (Array.isArray(root)) {
    if (typeof head !== 'number' || head >= root.length) return undefined
    const inner = withValueAt(root[head], rest, value)
    return inner === undefined ? undefined : root.with(head, inner)
  }
  if (root !== undefined && !isTable(root)) return undefined
  if (typeof head === 'number') return undefined
  const out: TomlTable = Object.assign(newTable(), root)
  const inner = withValueAt(out[head], rest, value)
  if (inner === undefined) return undefined
  out[head] = inner
  return out
}

/** A copy without the value; the same when it is not there. */
export function withoutValueAt(root: unknown, path: KeyPath): unknown {
  const [head, ...rest] = path
  if (Array.isArray(root) && typeof head === 'number' && head < root.length)
    return rest.length === 0 ? root.toSpliced(head, 1) : root.with(head, withoutValueAt(root[head], rest))
  if (!isTable(root) || head === undefined || !Object.hasOwn(root, head)) return root
  const out: TomlTable = Object.assign(newTable(), root)
  if (rest.length === 0) delete out[head]
  else out[head] = withoutValueAt(out[head], rest)
  return out
}

export function valueAtPath(root: unknown, path: KeyPath): unknown {
  let at = root
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)]
    else at = isTable(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at
}

/** Without empty tables and lists below the top: what has no key left is the same as what is not there. */
export function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned)
  if (!isTable(value)) return value
  const out = newTable()
  for (const [key, item] of Object.entries(value)) {
    const inner = pruned(item)
    const empty = Array.isArray(inner)
      ? inner.length === 0
      : isTable(inner) && Object.keys(inner).length === 0
    if (!empty) out[key] = inner
  }
  return out
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]))
  if (!isTable(a) || !isTable(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  )
}
