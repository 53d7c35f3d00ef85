// JSON as scripts have always accepted it: native parsing first, and for what that refuses a laxer reader that takes
// leading zeros, `1.`, raw control characters in strings, and anything behind a NUL. A number beyond float64 fails.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Where a number might be beyond float64, which native parsing takes for Infinity: by its exponent or its length. */
const BIG_EXPONENT = /\d[eE]\+?\d\d\d/
const LONG = 309
const maybeHuge = (text: string): boolean => BIG_EXPONENT.test(text) || mayHoldLongNumber(text)

/** So many digits in a row cover one place in so many. */
function mayHoldLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    const unit = text.charCodeAt(at)
    if (unit >= 48 && unit <= 57 && /^\d+$/.test(text.slice(at - 9, at))) return true
  }
  return false
}

/** The value, or undefined when the text is no JSON. */
export function parseLaxJson(text: string): Json | undefined {
  // An escaped half of a surrogate pair alone is U+FFFD, which native parsing does not make of it.
  if (text.includes('\\ud') || text.includes('\\uD')) return new LaxReader(text).run()
  try {
    const json = JSON.parse(text) as Json
    return maybeHuge(text) && !isFinite(json) ? undefined : json
  } catch {
    return new LaxReader(text).run()
  }
}

function isFinite(json: Json): boolean {
  if (typeof json === 'number') return Number.isFinite(json)
  return typeof json !== 'object' || json === null || Object.values(json).every(isFinite)
}

/** An escaped surrogate pair (group 1), or half of one. */
const LONE_ESCAPE = /(\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]../g

/** Thrown where the text stops being JSON. */
const BAD = Symbol('no JSON')
const MAX_DEPTH = 10_000

class LaxReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): Json | undefined {
    try {
      const value = this.#value()
      this.#blanks()
      const end = this.#text[this.#at]
      return end === undefined || end === '\0' ? value : undefined
    } catch (error) {
      if (error === BAD) return undefined
      throw error
    }
  }

  #blanks(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #value(): Json {
    this.#blanks()
    const c = this.#text[this.#at]
    if (c === '{') return this.#object()
    if (c === '[') return this.#array()
    if (c === '"') return this.#string()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    return this.#number()
  }

  #number(): number {
    const form = /-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?/y
    form.lastIndex = this.#at
    const digits = form.exec(this.#text)?.[0]
    const value = Number(digits ?? NaN)
    if (!Number.isFinite(value)) throw BAD
    this.#at += digits!.length
    return value
  }

  #enter(): void {
    this.#at++
    if (++this.#depth > MAX_DEPTH) throw BAD
    this.#blanks()
  }

  #array(): Json[] {
    this.#enter()
    const list: Json[] = []
    if (this.#text[this.#at] !== ']')
      do {
        list.push(this.#value())
        this.#blanks()
      } while (this.#text[this.#at] === ',' && ++this.#at)
    this.#close(']')
    return list
  }

  #object(): { [key: string]: Json } {
    this.#enter()
    const entries: [string, Json][] = []
    if (this.#text[this.#at] !== '}')
      do {
        this.#blanks()
        if (this.#text[this.#at] !== '"') throw BAD
        const key = this.#string()
        this.#blanks()
        if (this.#text[this.#at++] !== ':') throw BAD
        entries.push([key, this.#value()])
        this.#blanks()
      } while (this.#text[this.#at] === ',' && ++this.#at)
    this.#close('}')
    return Object.fromEntries(entries)
  }

  #close(bracket: string): void {
    if (this.#text[this.#at++] !== bracket) throw BAD
    this.#depth--
  }

  #string(): string {
    const form = /"((?:[^"\\\0]|\\[^])*)"/y
    form.lastIndex = this.#at
    const match = form.exec(this.#text)
    if (!match) throw BAD
    this.#at = form.lastIndex
    // Control characters are escaped so that native parsing takes the rest of the literal.
    const body = match[1]!
      .replace(/[\u0001-\u001f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .replace(LONE_ESCAPE, (escape, pair?: string) => (pair === undefined ? '\\ufffd' : escape))
    try {
      return JSON.parse(`"${body}"`) as string
    } catch {
      throw BAD
    }
  }
}
