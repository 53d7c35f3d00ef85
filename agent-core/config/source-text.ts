// The text of a file while it is rewritten before parsing (BOM, ${VAR}, ENC[...]): every place in the new text still
// knows its place in the file, so that a diagnostic points where a person would look.
import type { Label } from '../kernel/diagnostic.ts'

interface Segment {
  readonly from: number
  readonly to: number
  readonly rawFrom: number
  readonly rawTo: number
}

export interface SourceText {
  readonly text: string
  /** Offset in `text` to offset in the file's text. */
  toRaw(offset: number): number
}

export const sourceText = (text: string): SourceText => ({ text, toRaw: (offset) => offset })

/** Replaces matches; `replace` returns undefined to leave one as it stands. */
export function rewrite(
  source: SourceText,
  pattern: RegExp,
  replace: (match: RegExpExecArray) => string | undefined,
): SourceText {
  let text = ''
  let done = 0
  const segments: Segment[] = []
  for (const match of source.text.matchAll(pattern)) {
    const insert = replace(match)
    if (insert === undefined) continue
    const rawTo = match.index + match[0].length
    text += source.text.slice(done, match.index)
    segments.push({ from: text.length, to: text.length + insert.length, rawFrom: match.index, rawTo })
    text += insert
    done = rawTo
  }
  if (segments.length === 0) return source
  return { text: text + source.text.slice(done), toRaw: (offset) => source.toRaw(mapBack(segments, offset)) }
}

function mapBack(segments: readonly Segment[], offset: number): number {
  const before = segments.findLast((segment) => segment.from <= offset)
  if (!before) return offset
  if (offset < before.to) return before.rawFrom
  return offset - before.to + before.rawTo
}

/** Line and column of an offset, both 1-based. */
function lineColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lastBreak = before.lastIndexOf('\n')
  return { line: before.split('\n').length, column: offset - lastBreak }
}

/** A label over [from, to) of the file's text. A BOM has no column. */
export function labelAt(raw: string, from: number, to: number, text: string): Label {
  const { line, column } = lineColumn(raw, from)
  const bom = line === 1 && raw.startsWith('\uFEFF') ? 1 : 0
  return { from, to: Math.max(from, to), line, column: Math.max(1, column - bom), text }
}
