// Reads blank-separated words and integers out of a small text, line by line, without splitting it: /proc files are read
// every round, and what is not built need not be collected.
import { parseInteger } from './counter.ts'
import type { Integer } from '../../point/point.ts'

const NEWLINE = 10
const isBlank = (code: number): boolean => code === 32 || code === 9

export class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** False once the text is used up. */
  get more(): boolean {
    return this.#at < this.#text.length
  }

  /** Goes to the start of the next line. */
  nextLine(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#text.length : end + 1
  }

  /** The next word of this line; '' at its end. */
  word(): string {
    const start = this.#skipBlanks()
    const text = this.#text
    let at = start
    while (at < text.length) {
      const code = text.charCodeAt(at)
      if (code === NEWLINE || isBlank(code)) break
      at++
    }
    this.#at = at
    return text.slice(start, at)
  }

  /** The next word of this line as an integer; undefined (and stays) when it is none. */
  integer(): Integer | undefined {
    const start = this.#skipBlanks()
    const value = parseInteger(this.word())
    if (value === undefined) this.#at = start
    return value
  }

  /** The next integer as a plain number, for values that are always small; 0 when there is none. */
  number(): number {
    return Number(this.integer() ?? 0)
  }

  /** Text up to `mark` on this line, without leading blanks, and goes behind it; undefined (and stays) without one. */
  until(mark: string): string | undefined {
    const start = this.#skipBlanks()
    const end = this.#text.indexOf(mark, start)
    const newline = this.#text.indexOf('\n', start)
    if (end < 0 || (newline >= 0 && newline < end)) return undefined
    this.#at = end + mark.length
    return this.#text.slice(start, end)
  }

  #skipBlanks(): number {
    let at = this.#at
    while (isBlank(this.#text.charCodeAt(at))) at++
    this.#at = at
    return at
  }
}
