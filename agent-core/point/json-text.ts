// A JSON reader that loses nothing: numbers keep their text (int64 stays exact), objects keep every key in order,
// repeated ones too. It takes what RFC 8259 allows and nothing else.

/** A number as written. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export class JsonObject {
  readonly entries: (readonly [key: string, value: JsonValue])[] = []
}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject

export type JsonText = { readonly value: JsonValue } | { readonly fault: string }

const MAX_DEPTH = 500
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const SPACE = /[ \t\n\r]*/y
/** A string body without escapes ends at the quote; anything else in it is looked at one by one. */
const PLAIN = /[^"\\\u0000-\u001f]*/y

/** Reads a whole text; the fault names what stands where it should not. */
export function parseJson(text: string): JsonText {
  const reader = new JsonReader(text)
  const value = reader.whole()
  return reader.fault === '' ? { value } : { fault: reader.fault }
}

class JsonReader {
  fault = ''
  private readonly text: string
  private at = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  whole(): JsonValue {
    const value = this.value()
    this.space()
    if (this.at < this.text.length) this.fail('after top-level value')
    return value
  }

  private fail(where: string): null {
    if (this.fault !== '') return null
    const { text, at } = this
    this.fault =
      at >= text.length
        ? 'unexpected end of JSON input'
        : `invalid character ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} ${where} at offset ${at}`
    this.at = text.length
    return null
  }

  private space(): void {
    if (this.text.charCodeAt(this.at) > 32) return
    SPACE.lastIndex = this.at
    SPACE.test(this.text)
    this.at = SPACE.lastIndex
  }

  private value(): JsonValue {
    this.space()
    switch (this.text[this.at]) {
      case '{':
        return this.nested(() => this.object())
      case '[':
        return this.nested(() => this.array())
      case '"':
        return this.string()
      case 't':
        return this.word('true', true)
      case 'f':
        return this.word('false', false)
      case 'n':
        return this.word('null', null)
      default:
        return this.number()
    }
  }

  private nested(read: () => JsonValue): JsonValue {
    if (++this.depth > MAX_DEPTH) return this.fail(`nested more than ${MAX_DEPTH} deep`)
    const value = read()
    this.depth--
    return value
  }

  private word<T extends JsonValue>(word: string, value: T): T | null {
    if (!this.text.startsWith(word, this.at)) return this.fail('looking for beginning of value')
    this.at += word.length
    return value
  }

  private number(): JsonNumber | null {
    NUMBER.lastIndex = this.at
    const match = NUMBER.exec(this.text)
    if (!match) return this.fail('looking for beginning of value')
    this.at = NUMBER.lastIndex
    return new JsonNumber(match[0])
  }

  private object(): JsonObject {
    const object = new JsonObject()
    this.at++
    this.space()
    if (this.take('}')) return object
    while (this.fault === '') {
      this.space()
      if (this.text[this.at] !== '"') {
        this.fail('looking for beginning of object key string')
        break
      }
      const key = this.string()
      this.space()
      if (!this.take(':')) this.fail('after object key')
      object.entries.push([key, this.value()])
      this.space()
      if (this.take('}')) break
      if (!this.take(',')) this.fail('after object key:value pair')
    }
    return object
  }

  private array(): JsonValue[] {
    const array: JsonValue[] = []
    this.at++
    this.space()
    if (this.take(']')) return array
    while (this.fault === '') {
      array.push(this.value())
      this.space()
      if (this.take(']')) break
      if (!this.take(',')) this.fail('after array element')
    }
    return array
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at++
    return true
  }

  private string(): string {
    let text = ''
    this.at++
    for (;;) {
      PLAIN.lastIndex = this.at
      PLAIN.test(this.text)
      const end = PLAIN.lastIndex
      const part = this.text.slice(this.at, end)
      text = text === '' ? part : text + part
      this.at = end
      if (this.take('"')) return text
      if (!this.take('\\')) {
        this.fail('in string literal')
        return text
      }
      text += this.escape()
    }
  }

  private escape(): string {
    const character = this.text[this.at] ?? ''
    const named = NAMED.get(character)
    if (named !== undefined) {
      this.at++
      return named
    }
    const unit = this.unicode()
    if (unit < 0) {
      this.fail('in string escape code')
      return ''
    }
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
    if (unit < 0xdc00 && this.text[this.at] === '\\') {
      const mark = this.at++
      const low = this.unicode()
      if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low)
      this.at = mark
    }
    return '\ufffd'
  }

  /** The code of `uXXXX` at the cursor, -1 when there is none. */
  private unicode(): number {
    const digits = this.text.slice(this.at, this.at + 5)
    if (!/^u[0-9a-fA-F]{4}$/.test(digits)) return -1
    this.at += 5
    return Number.parseInt(digits.slice(1), 16)
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
