// Edits of TOML text that keep comments, order and every line that is not concerned: the smallest patch that sets or
// removes one setting. Each candidate patch is parsed again and taken only if it gives exactly the values wanted.
import { AgentError } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { isTable, parseToml, pathText, startsWith, type KeyPath, type TomlTable } from './toml.ts'
import { find, inlineParent, lastBelow, readTree, sectionAt, type Section, type Tree } from './toml-tree.ts'
import { asParsed, pruned, sameValue, valueAtPath, withValueAt, withoutValueAt } from './toml-values.ts'
import { uncomment } from './toml-uncomment.ts'
import { applyEdits, lineEnd, lineStart, linesBetween, spanEdit, type TextEdit } from './text-lines.ts'
import { writeKey, writeValue, type TomlInput } from './toml-write.ts'

export interface Edited {
  readonly text: string
  /** On the text that was given; offsets are UTF-16. */
  readonly edits: readonly TextEdit[]
}

/**
 * Sets a value: in place when it is there; else a commented `# key = …` is switched on in place; else the key goes to the
 * end of its table, which is made if it is missing. A numeric path item is an index (`inputs.cpu[0]`).
 * Errors: CONFIG_SYNTAX when the text is not TOML, CONFIG_VALUE when something other than a table is in the way.
 */
export function setValue(text: string, path: KeyPath, value: TomlInput): Result<Edited> {
  return edit(text, path, (plain, tree, values) => {
    const wanted = withValueAt(values, path, asParsed(value))
    if (wanted === undefined) return undefined
    const found = find(tree, path)
    const before = valueAtPath(values, path)
    const candidates =
      found.kind === 'table' && isTable(value) && isTable(before)
        ? [setTable(plain, path, value, Object.keys(before))]
        : settingEdits(plain, tree, path, value)
    const edits = firstThatGives(plain, candidates, (after) => sameValue(after, wanted))
    return edits ?? (before === undefined ? undefined : replaceTable(plain, path, value))
  })
}

/** Removes a value with its line, or a table with all below it. Nothing changes when it is not there. */
export function removeValue(text: string, path: KeyPath): Result<Edited> {
  return edit(text, path, (plain, tree, values) => {
    if (valueAtPath(values, path) === undefined) return []
    const wanted = pruned(withoutValueAt(values, path))
    return firstThatGives(plain, [removalEdits(plain, tree, path)], (after) =>
      sameValue(pruned(after), wanted),
    )
  })
}

function edit(
  text: string,
  path: KeyPath,
  make: (plain: string, tree: Tree, values: TomlTable) => readonly TextEdit[] | undefined,
): Result<Edited> {
  const bom = text.startsWith('\uFEFF') ? 1 : 0
  const plain = text.slice(bom)
  const parsed = parseToml(plain)
  if (!parsed.ok) return err(new AgentError('CONFIG_SYNTAX', parsed.error.message))
  let edits: readonly TextEdit[] | undefined
  try {
    edits = make(plain, readTree(plain), parsed.value.values)
  } catch (error) {
    // The span parser refuses a text that the value parser takes.
    if (!(error instanceof Error) || error.name !== 'SyntaxError') throw error
  }
  if (!edits) return err(new AgentError('CONFIG_VALUE', `${pathText(path)} cannot be written into this file`))
  const moved = edits.map(({ from, to, insert }) => ({
    from: from + bom,
    to: to + bom,
    insert: withLineBreaks(plain, from, insert),
  }))
  return ok({ text: applyEdits(text, moved), edits: moved })
}

/** Everything below writes `\n`; a file with CRLF gets CRLF. */
function withLineBreaks(plain: string, from: number, insert: string): string {
  if (!plain.includes('\r\n')) return insert
  return insert.replace(/\n/g, (_, at: number) =>
    (at > 0 ? insert[at - 1] : plain[from - 1]) === '\r' ? '\n' : '\r\n',
  )
}

/** The edit to a text that came about in steps; one of them may have taken the only line break that told of CRLF. */
function rewritten(plain: string, text: string): readonly TextEdit[] {
  const lost = plain.includes('\r\n') && !text.includes('\r\n')
  return spanEdit(plain, lost ? text.replaceAll('\n', '\r\n') : text)
}

function firstThatGives(
  plain: string,
  candidates: Iterable<readonly TextEdit[]>,
  right: (values: TomlTable) => boolean,
): readonly TextEdit[] | undefined {
  for (const edits of candidates) {
    const after = parseToml(applyEdits(plain, edits))
    if (after.ok && right(after.value.values)) return edits
  }
  return undefined
}

/** A table with its own header or dotted keys: key by key, so that its comments stay. */
function setTable(
  plain: string,
  path: KeyPath,
  value: TomlTable,
  old: readonly string[],
): readonly TextEdit[] {
  let text = plain
  const take = (result: Result<Edited>): void => {
    if (result.ok) text = result.value.text
  }
  for (const key of old) if (!Object.hasOwn(value, key)) take(removeValue(text, [...path, key]))
  for (const [key, item] of Object.entries(value)) take(setValue(text, [...path, key], item as TomlInput))
  return rewritten(plain, text)
}

/** A table makes room for something that is none. */
function replaceTable(plain: string, path: KeyPath, value: TomlInput): readonly TextEdit[] | undefined {
  const without = removeValue(plain, path)
  if (!without.ok || valueThere(without.value.text, path)) return undefined
  const result = setValue(without.value.text, path, value)
  return result.ok ? rewritten(plain, result.value.text) : undefined
}

function valueThere(text: string, path: KeyPath): boolean {
  const parsed = parseToml(text)
  return !parsed.ok || valueAtPath(parsed.value.values, path) !== undefined
}

function* settingEdits(
  plain: string,
  tree: Tree,
  path: KeyPath,
  value: TomlInput,
): Generator<readonly TextEdit[]> {
  const found = find(tree, path)
  const written = writeValue(value)
  if (found.kind === 'value') {
    const [from, to] = found.node.range
    yield [{ from, to, insert: written }]
    return
  }
  const parent = path.slice(0, -1)
  // Its own tables first; then all, for a commented header may stand behind any other table.
  const own = tree.sections.filter((section) => startsWith(path, section.path)).toReversed()
  for (const section of [...own, ...tree.sections])
    yield* uncomment(plain, { ...region(plain, tree, section), base: section.path }, path, written)
  const inline = inlineParent(tree, path)
  if (inline) yield [intoInlineTable(inline.node, keyText(inline.rest), written)]
  const section = sectionAt(tree, parent)
  if (section) yield [intoSection(plain, tree, section, keyText(path.slice(-1)), written)]
  for (const sibling of dottedSiblings(tree, path))
    yield [intoSection(plain, tree, sibling, keyText(path.slice(sibling.path.length)), written)]
  if (parent.length > 0) yield [newSection(plain, tree, parent, `${keyText(path.slice(-1))} = ${written}`)]
}

const keyText = (path: KeyPath): string => path.map((key) => writeKey(String(key))).join('.')

/** Sections that hold dotted keys beside the wanted one: `[a]` with `b.c = 1` for `a.b.d`. */
function* dottedSiblings(tree: Tree, path: KeyPath): Generator<Section> {
  for (let length = path.length - 1; length > 0; length--) {
    const prefix = path.slice(0, length)
    for (const section of tree.sections)
      if (
        section.path.length < length &&
        startsWith(path, section.path) &&
        section.entries.some((entry) => startsWith(entry.path, prefix))
      )
        yield section
  }
}

/** From behind a section's header to the next header's line. */
function region(plain: string, tree: Tree, section: Section): { from: number; to: number } {
  const next = tree.sections[tree.sections.indexOf(section) + 1]?.header
  return {
    from: section.header ? lineEnd(plain, section.header.key.range[1]) : 0,
    to: next ? lineStart(plain, next.range[0]) : plain.length,
  }
}

/** Where the next section may begin: before the comment block that belongs to the next header. */
function sectionEnd(plain: string, tree: Tree, section: Section): number {
  const { from, to } = region(plain, tree, section)
  const last = section.entries.at(-1)
  const start = last ? lineEnd(plain, last.node.range[1]) : from
  if (to === plain.length) return to
  const lines = linesBetween(plain, start, to)
  const blank = lines.findLastIndex((line) => line.text.trim() === '')
  return blank < 0 ? (section.header ? to : start) : (lines[blank + 1]?.from ?? to)
}

function intoSection(plain: string, tree: Tree, section: Section, key: string, written: string): TextEdit {
  const last = section.entries.at(-1)
  const at = last
    ? lineEnd(plain, last.node.range[1])
    : section.header
      ? lineEnd(plain, section.header.key.range[1])
      : sectionEnd(plain, tree, section)
  return lineAt(plain, at, `${indentOf(plain, tree, section)}${key} = ${written}`)
}

function indentOf(plain: string, tree: Tree, section: Section): string {
  const last = section.entries.at(-1)
  if (last) return plain.slice(lineStart(plain, last.node.range[0]), last.node.range[0])
  const { from, to } = region(plain, tree, section)
  const commented = linesBetween(plain, from, to).find((line) => /^\s*#\s*[\w.-]+\s*=/.test(line.text))
  return /^\s*/.exec(commented?.text ?? '')![0]
}

/** A whole line at an offset that starts a line or ends the text. */
function lineAt(plain: string, at: number, line: string): TextEdit {
  return { from: at, to: at, insert: `${closeLine(plain, at)}${line}\n` }
}

/** The line break that the text before an offset lacks. */
const closeLine = (plain: string, at: number): string => (at > 0 && plain[at - 1] !== '\n' ? '\n' : '')

function newSection(plain: string, tree: Tree, path: KeyPath, line: string): TextEdit {
  let near: Section | undefined
  for (let length = path.length; length > 0 && !near; length--) near = lastBelow(tree, path.slice(0, length))
  const at = near ? sectionEnd(plain, tree, near) : plain.length
  const header = `[${keyText(path.filter((key) => typeof key === 'string'))}]`
  const gapBefore = at > 0 && !/(^|\n)\r?\n$/.test(plain.slice(0, at)) ? '\n' : ''
  const gapAfter = at < plain.length ? '\n' : ''
  return {
    from: at,
    to: at,
    insert: `${closeLine(plain, at)}${gapBefore}${header}\n${line}\n${gapAfter}`,
  }
}

function intoInlineTable(
  node: { readonly range: [number, number]; readonly body: readonly { readonly range: [number, number] }[] },
  key: string,
  written: string,
): TextEdit {
  const last = node.body.at(-1)
  if (last) return { from: last.range[1], to: last.range[1], insert: `, ${key} = ${written}` }
  const [from, to] = node.range
  return { from, to, insert: `{ ${key} = ${written} }` }
}

function removalEdits(plain: string, tree: Tree, path: KeyPath): readonly TextEdit[] {
  const found = find(tree, path)
  if (found.kind === 'nothing') return []
  if (found.kind === 'table')
    return [
      ...found.sections.map((section) => ({
        from: lineStart(plain, section.header!.range[0]),
        to: sectionEnd(plain, tree, section),
        insert: '',
      })),
      ...found.dotted.map((entry) => wholeLines(plain, entry.node.range)),
    ]
  if (found.kind === 'inline') {
    const rest = found.node.body
      .filter((kv) => !found.dotted.includes(kv))
      .map((kv) => plain.slice(...kv.range))
    const [from, to] = found.node.range
    return [{ from, to, insert: rest.length === 0 ? '{}' : `{ ${rest.join(', ')} }` }]
  }
  if (found.entry) return [wholeLines(plain, found.entry.node.range)]
  return found.holder ? [fromHolder(found.holder)] : []
}

const wholeLines = (plain: string, [from, to]: [number, number]): TextEdit => ({
  from: lineStart(plain, from),
  to: lineEnd(plain, to),
  insert: '',
})

/** An item of an inline table or list, with the comma that parts it from its neighbour. */
function fromHolder({ node, child }: { node: HolderNode; child: { range: [number, number] } }): TextEdit {
  const items: readonly { range: [number, number] }[] = node.type === 'TOMLArray' ? node.elements : node.body
  const index = items.indexOf(child)
  const [before, after] = [items[index - 1], items[index + 1]]
  if (after) return { from: child.range[0], to: after.range[0], insert: '' }
  if (before) return { from: before.range[1], to: child.range[1], insert: '' }
  return { from: node.range[0] + 1, to: node.range[1] - 1, insert: '' }
}

type HolderNode = NonNullable<Extract<ReturnType<typeof find>, { kind: 'value' }>['holder']>['node']
