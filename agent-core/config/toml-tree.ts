// A TOML text as an editor sees it: tables and keys with their places, to find where a setting stands or belongs.
import type { AST } from 'toml-eslint-parser'
import { startsWith, type KeyPath } from './toml.ts'
import { keyName, parseTree } from './toml-spans.ts'

/** The root of the text or one `[header]`, with what stands under it. */
export interface Section {
  readonly path: KeyPath
  /** Undefined for the root. */
  readonly header: AST.TOMLTable | undefined
  readonly entries: readonly Entry[]
}

interface Entry {
  /** Full path of the value. */
  readonly path: KeyPath
  readonly node: AST.TOMLKeyValue
}

export interface Tree {
  readonly sections: readonly Section[]
}

export type Found =
  /** A value; `holder` is what it stands in. */
  | {
      readonly kind: 'value'
      readonly node: AST.TOMLContentNode
      readonly entry: Entry | undefined
      readonly holder: Holder | undefined
    }
  /** Headers at or below the path, and keys with dots below it. */
  | { readonly kind: 'table'; readonly sections: readonly Section[]; readonly dotted: readonly Entry[] }
  /** Dotted keys below the path inside an inline table. */
  | {
      readonly kind: 'inline'
      readonly node: AST.TOMLInlineTable
      readonly dotted: readonly AST.TOMLKeyValue[]
    }
  | { readonly kind: 'nothing' }

/** Something inside an inline table or a list. */
interface Holder {
  readonly node: AST.TOMLInlineTable | AST.TOMLArray
  readonly child: AST.TOMLKeyValue | AST.TOMLContentNode
}

/** Throws the parser's error where the text is not TOML. */
export function readTree(text: string): Tree {
  const root: Entry[] = []
  const sections: Section[] = [{ path: [], header: undefined, entries: root }]
  for (const node of parseTree(text).top.body) {
    if (node.type === 'TOMLTable')
      sections.push({
        path: node.resolvedKey,
        header: node,
        entries: node.body.map((kv) => entryOf(kv, node.resolvedKey)),
      })
    else root.push(entryOf(node, []))
  }
  return { sections }
}

const entryOf = (node: AST.TOMLKeyValue, base: KeyPath): Entry => ({
  path: [...base, ...node.key.keys.map(keyName)],
  node,
})

export function find(tree: Tree, path: KeyPath): Found {
  for (const section of tree.sections)
    for (const entry of section.entries)
      if (startsWith(path, entry.path)) return findInside(entry, path.slice(entry.path.length))
  const sections = tree.sections.filter((section) => section.header && startsWith(section.path, path))
  const dotted = tree.sections.flatMap((section) =>
    section.entries.filter((entry) => startsWith(entry.path, path)),
  )
  const own = dotted.filter((entry) => !sections.some((section) => section.entries.includes(entry)))
  if (path.length === 0 || sections.length > 0 || own.length > 0)
    return { kind: 'table', sections, dotted: own }
  return { kind: 'nothing' }
}

function findInside(entry: Entry, rest: KeyPath): Found {
  let node = entry.node.value
  let holder: Holder | undefined
  let left = rest
  while (left.length > 0) {
    const [head] = left
    if (node.type === 'TOMLArray' && typeof head === 'number' && node.elements[head]) {
      holder = { node, child: node.elements[head] }
      node = node.elements[head]
      left = left.slice(1)
      continue
    }
    if (node.type !== 'TOMLInlineTable') return { kind: 'nothing' }
    const wanted = left
    const child = node.body.find((kv) => startsWith(wanted, kv.key.keys.map(keyName)))
    if (!child) {
      const dotted = node.body.filter((kv) => startsWith(kv.key.keys.map(keyName), wanted))
      return dotted.length > 0 ? { kind: 'inline', node, dotted } : { kind: 'nothing' }
    }
    holder = { node, child }
    node = child.value
    left = left.slice(child.key.keys.length)
  }
  return { kind: 'value', node, entry: holder ? undefined : entry, holder }
}

/** The inline table nearest above a path that is not there, with the keys that are missing in it. */
export function inlineParent(
  tree: Tree,
  path: KeyPath,
): { node: AST.TOMLInlineTable; rest: KeyPath } | undefined {
  for (let length = path.length - 1; length > 0; length--) {
    const found = find(tree, path.slice(0, length))
    if (found.kind === 'value')
      return found.node.type === 'TOMLInlineTable'
        ? { node: found.node, rest: path.slice(length) }
        : undefined
    if (found.kind === 'table') return undefined
  }
  return undefined
}

/** The section a setting belongs in: the longest that is a prefix of its path and can take it without a dotted key. */
export const sectionAt = (tree: Tree, path: KeyPath): Section | undefined =>
  tree.sections.find((section) => section.path.length === path.length && startsWith(path, section.path))

/** The last section at or below a path, in the order of the text. */
export const lastBelow = (tree: Tree, path: KeyPath): Section | undefined =>
  tree.sections.findLast((section) => section.header && startsWith(section.path, path))
