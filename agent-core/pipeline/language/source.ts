// A script's text: offsets are UTF-16, lines are 1-based, columns count bytes from 1 as the language reports them.

export class Source {
  readonly name: string
  readonly text: string
  #lineStarts: number[] | undefined

  constructor(name: string, text: string) {
    this.name = name
    this.text = text
  }

  /** Line (1-based) and byte column (1-based) of an offset. */
  place(offset: number): { line: number; column: number } {
    const starts = (this.#lineStarts ??= lineStarts(this.text))
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    const before = this.text.slice(starts[low], offset)
    return { line: low + 1, column: Buffer.byteLength(before, 'utf8') + 1 }
  }

  /** `name:line:column`. */
  at(offset: number): string {
    const { line, column } = this.place(offset)
    return `${this.name}:${line}:${column}`
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
