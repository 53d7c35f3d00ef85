// Finds `# key = value` lines, so that a setting is switched on where its file explains it.
import { parseToml, pathText, type KeyPath } from './toml.ts'
import { parseTree, keyName } from './toml-spans.ts'
import { linesBetween, type Line, type TextEdit } from './text-lines.ts'

const COMMENT = /^(\s*)#+ ?(.*)$/
const HEADER = /^\s*\[([^[\]]+)\]\s*(?:#.*)?$/
const MOST_LINES = 60

/**
 * Edits that take the `#` off a commented setting between two offsets and give it a new value.
 * @param base path of the table that the lines stand in; a commented `# [table]` among them begins another
 */
export function* uncomment(
  text: string,
  region: { readonly from: number; readonly to: number; readonly base: KeyPath },
  path: KeyPath,
  value: string,
): Generator<TextEdit[]> {
  const lines = linesBetween(text, region.from, region.to)
  const names = path.filter((key) => typeof key === 'string')
  let table = region.base.filter((key) => typeof key === 'string')
  let header: TextEdit[] = []
  const below: TextEdit[][] = []
  for (const [index, line] of lines.entries()) {
    const match = COMMENT.exec(line.text)
    if (!match) continue
    const body = match[2]!
    if (HEADER.test(body)) {
      table = headerPath(body) ?? ['']
      header = [dropMark(line)]
      if (pathText(table) === pathText(names.slice(0, -1)))
        below.push([...header, keyBelow(line, names, value)])
      continue
    }
    if (/^\s*\[\[/.test(body)) table = ['']
    const edits = commentedSetting(
      lines,
      index,
      (keys) => pathText([...table, ...keys]) === pathText(names),
      value,
    )
    if (edits) yield [...header, ...edits]
  }
  yield* below
}

function headerPath(body: string): string[] | undefined {
  try {
    const [node] = parseTree(body).top.body
    return node?.type === 'TOMLTable' ? node.key.keys.map(keyName) : undefined
  } catch {
    return undefined
  }
}

function dropMark(line: Line): TextEdit {
  const [, indent = '', body = ''] = COMMENT.exec(line.text)!
  return { from: line.from + indent.length, to: line.to - body.length, insert: '' }
}

function keyBelow(line: Line, names: readonly string[], value: string): TextEdit {
  const indent = COMMENT.exec(line.text)![1]!
  return {
    from: line.to,
    to: line.to,
    insert: `\n${indent}  ${pathText(names.slice(-1))} = ${value}`,
  }
}

/** The setting may go on over several commented lines; what follows its value on the last one stays. */
function commentedSetting(
  lines: readonly Line[],
  index: number,
  wanted: (keys: readonly string[]) => boolean,
  value: string,
): TextEdit[] | undefined {
  let body = ''
  for (let end = index; end < Math.min(lines.length, index + MOST_LINES); end++) {
    const match = COMMENT.exec(lines[end]!.text)
    if (!match) return undefined
    body += `${end > index ? '\n' : ''}${match[2]}`
    if (end === index && !/^\s*["'A-Za-z0-9_.-][^=]*=/.test(body)) return undefined
    if (!parseToml(body).ok) continue
    const [node] = parseTree(body).top.body
    if (node?.type !== 'TOMLKeyValue' || !wanted(node.key.keys.map(keyName))) return undefined
    const first = dropMark(lines[index]!)
    if (end === index) {
      const at = first.to
      return [first, { from: at + node.value.range[0], to: at + node.value.range[1], insert: value }]
    }
    const rest = body.slice(node.value.range[1])
    return [
      { from: first.from, to: lines[end]!.to, insert: body.slice(0, node.value.range[0]) + value + rest },
    ]
  }
  return undefined
}
