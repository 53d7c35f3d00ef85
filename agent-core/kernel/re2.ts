// Regular expressions in RE2 syntax (Go's regexp), as users of the Go agent write them, run by the engine of this
// runtime. Most texts have no characters above U+FFFF: they are matched without the engine's unicode mode, which is
// faster; the others by a second translation, made when first needed.
import { parsePattern, Refused, type ParsedPattern } from './re2-parser.ts'
import { err, ok, type Result } from './result.ts'

export interface Re2 {
  readonly pattern: string
  /** Names by group number; group 0 and unnamed ones are undefined. A name may come twice. */
  readonly groups: readonly (string | undefined)[]
  /** One expression that is right for every text, without the flag g. */
  readonly regexp: RegExp
  /**
   * Leftmost match with its groups, or null. `wide` says whether the text has characters above U+FFFF; a caller that
   * asks many expressions about one text finds that out once (`isWide`).
   */
  exec(text: string, wide?: boolean): RegExpExecArray | null
  test(text: string, wide?: boolean): boolean
  /** A regular expression with the flag g for this text: for matchAll, replace and split. */
  all(text: string): RegExp
}

/** The pattern compiled, or Go's words for why not (``error parsing regexp: missing closing ): `(a` ``). */
export function compileRe2(pattern: string): Result<Re2, string> {
  try {
    const plain = parsePattern(pattern, false)
    const first = plain.needsUnicode ? parsePattern(pattern, true) : plain
    return ok(new Compiled(pattern, plain.groups, toRegExp(first), plain.required))
  } catch (error) {
    if (error instanceof Refused) return err(`error parsing regexp: ${error.reason}`)
    // The engine's own limits. Its message would quote the translation.
    if (error instanceof SyntaxError || error instanceof RangeError)
      return err(`error parsing regexp: expression too large: \`${pattern}\``)
    throw error
  }
}

const toRegExp = ({ source, flags }: ParsedPattern): RegExp => new RegExp(source, flags)

const SURROGATE = /[\ud800-\udfff]/

/** True when a text has characters above U+FFFF, or bytes that stand as surrogates. */
export const isWide = (text: string): boolean => SURROGATE.test(text)

const MIN_REQUIRED = 5

class Compiled implements Re2 {
  readonly pattern: string
  readonly groups: readonly (string | undefined)[]
  readonly #plain: RegExp
  #unicode: RegExp | undefined
  #plainAll: RegExp | undefined
  #unicodeAll: RegExp | undefined
  readonly #required: string

  constructor(pattern: string, groups: readonly (string | undefined)[], first: RegExp, required: string) {
    // Looking for a text is many times faster than failing to match around it; a short one is found everywhere.
    this.#required = required.length >= MIN_REQUIRED ? required : ''
    this.pattern = pattern
    this.groups = groups
    this.#plain = first
    if (first.unicode) this.#unicode = first
  }

  get regexp(): RegExp {
    return (this.#unicode ??= toRegExp(parsePattern(this.pattern, true)))
  }

  exec(text: string, wide = isWide(text)): RegExpExecArray | null {
    if (this.#required !== '' && !text.includes(this.#required)) return null
    return (wide ? this.regexp : this.#plain).exec(text)
  }

  test(text: string, wide = isWide(text)): boolean {
    if (this.#required !== '' && !text.includes(this.#required)) return false
    return (wide ? this.regexp : this.#plain).test(text)
  }

  all(text: string): RegExp {
    if (!isWide(text)) return (this.#plainAll ??= global(this.#plain))
    return (this.#unicodeAll ??= global(this.regexp))
  }
}

const global = (regexp: RegExp): RegExp => new RegExp(regexp.source, `${regexp.flags}g`)
