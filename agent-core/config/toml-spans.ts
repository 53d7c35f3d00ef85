// Where each key and value of a TOML text stands.
import { parseTOML, type AST } from 'toml-eslint-parser'
import type { KeyPath, Span } from './toml.ts'

export interface SpanIndex {
  key(path: KeyPath): Span | undefined
  value(path: KeyPath): Span | undefined
}

interface Place {
  readonly key: Span
  readonly value: Span
}

/** TOML 1.1, as smol-toml reads. Throws a ParseError where the text is not TOML. */
export function parseTree(text: string): { top: AST.TOMLTopLevelTable; comments: readonly AST.Comment[] } {
  // The parser gives a 0 at the very end of a text an empty range.
  const program = parseTOML(`${text}\n`, { tomlVersion: '1.1' })
  return { top: program.body[0], comments: program.comments }
}

/** Exact keys first; a key that differs only in case is found too, as the configuration matches keys. */
export function indexSpans(text: string): SpanIndex {
  const places = new Map<string, Place>()
  const folded = new Map<string, Place>()
  const add = (path: KeyPath, key: Span, value: Span): void => {
    const id = JSON.stringify(path)
    if (!places.has(id)) places.set(id, { key, value })
    const fold = id.toLowerCase()
    if (!folded.has(fold)) folded.set(fold, { key, value })
  }
  try {
    walkBody(parseTree(text).top.body, [], add)
  } catch {
    // smol-toml read it and this parser does not: values without places are better than none.
  }
  const find = (path: KeyPath): Place | undefined => {
    for (let length = path.length; length > 0; length--) {
      const id = JSON.stringify(path.slice(0, length))
      const place = places.get(id) ?? folded.get(id.toLowerCase())
      if (place) return place
    }
    return undefined
  }
  return { key: (path) => find(path)?.key, value: (path) => find(path)?.value }
}

type Add = (path: KeyPath, key: Span, value: Span) => void

const spanOf = (node: { range: [number, number] }): Span => ({
  from: node.range[0],
  to: node.range[1],
})
export const keyName = (key: AST.TOMLBare | AST.TOMLQuoted): string =>
  key.type === 'TOMLBare' ? key.name : key.value

function walkBody(body: readonly (AST.TOMLKeyValue | AST.TOMLTable)[], base: KeyPath, add: Add): void {
  for (const node of body) {
    if (node.type === 'TOMLTable') {
      addHeader(node, add)
      walkBody(node.body, node.resolvedKey, add)
    } else walkKeyValue(node, base, add)
  }
}

/** Each part of `[a.b]` is the place of its own table; an index shares the place of its name. */
function addHeader(node: AST.TOMLTable, add: Add): void {
  let part = -1
  node.resolvedKey.forEach((key, at) => {
    if (typeof key === 'string') part++
    const span = spanOf(node.key.keys[part]!)
    add(node.resolvedKey.slice(0, at + 1), span, span)
  })
}

function walkKeyValue(node: AST.TOMLKeyValue, base: KeyPath, add: Add): void {
  const path = [...base]
  for (const key of node.key.keys) {
    path.push(keyName(key))
    add([...path], spanOf(key), spanOf(node.value))
  }
  walkValue(node.value, path, add)
}

function walkValue(node: AST.TOMLContentNode, path: KeyPath, add: Add): void {
  if (node.type === 'TOMLInlineTable') for (const item of node.body) walkKeyValue(item, path, add)
  if (node.type === 'TOMLArray') {
    node.elements.forEach((element, index) => {
      add([...path, index], spanOf(element), spanOf(element))
      walkValue(element, [...path, index], add)
    })
  }
}
