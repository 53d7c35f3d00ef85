// Lines of a text and edits on it.

export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Edits of one text, in any order, not overlapping; those at one place apply in the order given. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let out = ''
  let done = 0
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    out += text.slice(done, edit.from) + edit.insert
    done = edit.to
  }
  return out + text.slice(done)
}

/** The one edit that turns `before` into `after`, as short as a common start and end allow. */
export function spanEdit(before: string, after: string): TextEdit[] {
  if (before === after) return []
  const most = Math.min(before.length, after.length)
  let head = 0
  while (head < most && before[head] === after[head]) head++
  let tail = 0
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return [{ from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) }]
}

export const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

/** Behind the line break of the line that holds `offset`, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset)
  return at < 0 ? text.length : at + 1
}

export interface Line {
  readonly from: number
  /** Before the line break. */
  readonly to: number
  readonly text: string
}

/** Whole lines between two offsets; `from` must start a line. */
export function linesBetween(text: string, from: number, to: number): Line[] {
  const lines: Line[] = []
  for (let start = from; start < to;) {
    const end = lineEnd(text, start)
    const content = text.slice(start, end).replace(/\r?\n$/, '')
    lines.push({ from: start, to: start + content.length, text: content })
    start = end
  }
  return lines
}
