// Reads a pattern in RE2's own grammar, refuses what RE2 refuses, in Go's words, and writes it again for this runtime's
// engine with the differences spelled out:
//
//   .  anything but \n      \s  [\t\n\f\r ]      ^ $  the text, or lines that end in \n under (?m)
//   (?i) (?m) (?s) (?U) hold to the end of their group; (?P<n>) may repeat a name: groups are numbered here
import {
  classText,
  CLASSES,
  codeText,
  complement,
  folded,
  propertyName,
  type CodeRange,
} from './re2-classes.ts'

export interface ParsedPattern {
  readonly source: string
  readonly flags: string
  readonly groups: readonly (string | undefined)[]
  /** The engine's unicode mode is the only one that can run this pattern. */
  readonly needsUnicode: boolean
  /** The longest text that every match holds; '' when none is known. */
  readonly required: string
}

/** Why a pattern is refused: never leaves this room. */
export class Refused {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** A part of the output; `fold` tells whether it folds case, undefined where there is nothing to fold. */
interface Piece {
  readonly text: string
  readonly fold?: boolean
  /** A word boundary: never folded. */
  readonly plain?: true
  /** Matches exactly this text. */
  readonly literal?: string
  /** Opens or closes a group, repeats what stands before, or parts alternatives. */
  readonly role?: 'open' | 'close' | 'repeat' | 'or'
}

/** The longest run of literal characters outside of groups: a match cannot do without it. */
function requiredText(pieces: readonly Piece[]): string {
  let best = ''
  let run = ''
  let depth = 0
  for (const { role, literal } of pieces) {
    if (role === 'or' && depth === 0) return ''
    if (role === undefined && literal !== undefined && depth === 0) {
      run += literal
      continue
    }
    // What is repeated may be there no times at all.
    if (role === 'repeat' && depth === 0) run = run.slice(0, -1)
    if (run.length > best.length) best = run
    run = ''
    if (role === 'open') depth++
    if (role === 'close') depth--
  }
  return run.length > best.length ? run : best
}

function render(piece: Piece, all: boolean): string {
  if (piece.plain) return all ? `(?-i:${piece.text})` : piece.text
  return piece.fold && !all ? `(?i:${piece.text})` : piece.text
}

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly u: boolean
}

/** What the last item was, for the repetition that may follow. */
interface Item {
  /** Index of its first piece. */
  readonly start: number
  /** Largest product of counted repetitions inside. */
  readonly repeats: number
  /** An assertion or something repeated already: the engine wants a group around it. */
  readonly needsGroup: boolean
  /** A group that holds nothing but one repeated character: that repetition. */
  readonly loop?: '+' | '*' | undefined
}

interface Group {
  readonly flags: Flags
  readonly start: number
  readonly repeats: number
}

const MAX_REPEAT = 1000
const MAX_DEPTH = 1000

const quoted = (reason: string, text: string): Refused => new Refused(`${reason}: \`${text}\``)

/** `unicode` writes for the flag u; otherwise for texts without surrogates. Throws Refused. */
export const parsePattern = (pattern: string, unicode: boolean): ParsedPattern =>
  new Parser(pattern, unicode).parse()

class Parser {
  readonly #pattern: string
  readonly #unicode: boolean
  readonly #top: number
  readonly #names: (string | undefined)[] = [undefined]
  readonly #pieces: Piece[] = []
  readonly #groups: Group[] = []
  #at = 0
  #flags: Flags = { i: false, m: false, s: false, u: false }
  /** Largest product of counted repetitions in the open group. */
  #repeats = 1
  #last: Item | undefined
  /** Where the repetition operator that has just been read began. */
  #lastRepeat: number | undefined
  #needsUnicode = false

  constructor(pattern: string, unicode: boolean) {
    this.#pattern = pattern
    this.#unicode = unicode
    this.#top = unicode ? 0x10_ff_ff : 0xff_ff
  }

  parse(): ParsedPattern {
    while (this.#at < this.#pattern.length) {
      const repeat = this.#item()
      this.#lastRepeat = repeat
    }
    if (this.#groups.length > 0) throw quoted('missing closing )', this.#pattern)
    // One flag for all is what the engine is fastest with; only a mix needs it at each piece.
    const folding = this.#pieces.filter((piece) => piece.fold !== undefined)
    const all = folding.length > 0 && folding.every((piece) => piece.fold)
    return {
      source: this.#pieces.map((piece) => render(piece, all)).join('') || '(?:)',
      flags: `${all ? 'i' : ''}${this.#unicode ? 'u' : ''}`,
      groups: this.#names,
      needsUnicode: this.#needsUnicode || folding.some((piece) => piece.fold),
      required: requiredText(this.#pieces),
    }
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at
    return form.exec(this.#pattern)
  }

  /** The next character, a whole code point; '' at the end. */
  #next(): string {
    const code = this.#pattern.codePointAt(this.#at)
    if (code === undefined) return ''
    const character = String.fromCodePoint(code)
    this.#at += character.length
    return character
  }

  #push(piece: Piece, isAssertion = false): void {
    this.#last = { start: this.#pieces.length, repeats: 1, needsGroup: isAssertion }
    this.#pieces.push(piece)
  }

  #literal(character: string): void {
    const code = character.codePointAt(0)!
    const folds = this.#flags.i && character.toLowerCase() !== character.toUpperCase()
    if (code > this.#top) return this.#push({ text: '[]' })
    const text = /^[A-Za-z0-9_ ,:;<>="'!@#%&~`]$/.test(character) ? character : codeText(code)
    if (folds && !this.#unicode && code < 128)
      return this.#push({ text: `[${classText(folded([[code, code]]), this.#top)}]` })
    const canFold = this.#unicode && character.toLowerCase() !== character.toUpperCase()
    // Half of a character above U+FFFF is no text to look for.
    const literal = folds || code > 0xd7ff ? {} : { literal: character }
    this.#push({ text, ...literal, ...(folds || canFold ? { fold: folds } : {}) })
  }

  /** Reads one item; where it began when it was a repetition operator. */
  #item(): number | undefined {
    const start = this.#at
    const character = this.#next()
    switch (character) {
      case '*':
        return this.#repeat(start, 0, -1)
      case '+':
        return this.#repeat(start, 1, -1)
      case '?':
        return this.#repeat(start, 0, 1)
      case '{':
        return this.#counted(start)
      case '(':
        this.#open(start)
        break
      case ')':
        this.#close()
        break
      case '|':
        this.#pieces.push({ text: '|', role: 'or' })
        this.#last = undefined
        break
      case '.':
        this.#push({ text: this.#flags.s ? '[^]' : '[^\\n]' })
        break
      case '^':
        this.#push({ text: this.#flags.m ? '(?:^|(?<=\\n))' : '^' }, true)
        break
      case '$':
        this.#push({ text: this.#flags.m ? '(?=\\n|$)' : '$' }, true)
        break
      case '[':
        this.#bracket(start)
        break
      case '\\':
        this.#escape()
        break
      default:
        this.#literal(character)
    }
    return undefined
  }

  // --- repetition

  #counted(start: number): number | undefined {
    const match = this.#match(/([0-9]+)(,?)([0-9]*)\}/y)
    if (!match || (match[2] === '' && match[3] !== '')) {
      this.#literal('{')
      return undefined
    }
    this.#at += match[0].length
    const min = Number(match[1])
    const max = match[2] === '' ? min : match[3] === '' ? -1 : Number(match[3])
    if (min > MAX_REPEAT || max > MAX_REPEAT || (max >= 0 && min > max))
      throw quoted('invalid repeat count', `{${match[0]}`)
    return this.#repeat(start, min, max)
  }

  #repeat(start: number, min: number, max: number): number {
    const operator = this.#pattern.slice(start, this.#at)
    const lazy = this.#take('?') !== this.#flags.u
    const text = this.#pattern.slice(start, this.#at)
    const last = this.#last
    if (this.#lastRepeat !== undefined)
      throw quoted('invalid nested repetition operator', this.#pattern.slice(this.#lastRepeat, this.#at))
    if (!last) throw quoted('missing argument to repetition operator', text)
    const repeats = last.repeats * (operator.startsWith('{') ? Math.max(min, max, 1) : 1)
    if (repeats > MAX_REPEAT) throw quoted('invalid repeat count', text)
    this.#repeats = Math.max(this.#repeats, repeats)
    this.#last = { start: last.start, repeats, needsGroup: true }
    if (last.loop && !lazy && (operator === '+' || operator === '*')) {
      // `(a+)+` matches what `(a+)` matches, and a backtracking engine needs exponential time to find that out.
      if (last.loop === '+' && operator === '*') this.#pieces.push({ text: '?', role: 'repeat' })
      return start
    }
    if (last.needsGroup) {
      this.#pieces.splice(last.start, 0, { text: '(?:', role: 'open' })
      this.#pieces.push({ text: ')', role: 'close' })
    }
    this.#pieces.push({ text: lazy ? `${operator}?` : operator, role: 'repeat' })
    return start
  }

  // --- groups

  #open(start: number): void {
    if (this.#groups.length >= MAX_DEPTH) throw quoted('expression nests too deeply', this.#pattern)
    if (this.#pattern[this.#at] !== '?') {
      this.#names.push(undefined)
      return this.#enter('(')
    }
    const named = this.#match(/\?P?<([^>]*)(>?)/y)
    if (!named) return this.#flagGroup(start)
    const name = named[1]!
    if (named[2] === '' || !/^[A-Za-z0-9_]+$/.test(name))
      throw quoted('invalid named capture', `(${named[0]}`)
    this.#names.push(name)
    this.#at += named[0].length
    this.#enter('(')
  }

  #enter(text: string, inside: Flags = this.#flags): void {
    this.#groups.push({ flags: this.#flags, start: this.#pieces.length, repeats: this.#repeats })
    this.#pieces.push({ text, role: 'open' })
    this.#flags = inside
    this.#repeats = 1
    this.#last = undefined
  }

  /** `(?flags)` sets flags to the end of the group, `(?flags:` for a group of its own. */
  #flagGroup(start: number): void {
    const match = this.#match(/\?([imsU]*)(-[imsU]+)?([:)])/y)
    if (!match) {
      const seen = this.#match(/\?[imsU]*(?:-[imsU]*)?[^]?/y)![0]
      throw quoted('invalid or unsupported Perl syntax', this.#pattern.slice(start, this.#at + seen.length))
    }
    this.#at += match[0].length
    const flags = { ...this.#flags }
    for (const flag of match[1]!) flags[flag.toLowerCase() as keyof Flags] = true
    for (const flag of match[2]?.slice(1) ?? '') flags[flag.toLowerCase() as keyof Flags] = false
    if (match[3] === ':') return this.#enter('(?:', flags)
    this.#flags = flags
  }

  #close(): void {
    const group = this.#groups.pop()
    if (!group) throw quoted('unexpected )', this.#pattern)
    const [, inner, repetition, ...rest] = this.#pieces.slice(group.start)
    const loop = inner && rest.length === 0 && (repetition?.text === '+' || repetition?.text === '*')
    this.#pieces.push({ text: ')', role: 'close' })
    this.#flags = group.flags
    this.#last = {
      start: group.start,
      repeats: this.#repeats,
      needsGroup: false,
      loop: loop ? (repetition.text as '+' | '*') : undefined,
    }
    this.#repeats = Math.max(this.#repeats, group.repeats)
  }

  // --- escapes

  #escape(): void {
    if (this.#take('Q')) return this.#quotedText()
    const assertion = ASSERTIONS.get(this.#pattern[this.#at] ?? '')
    if (assertion) {
      this.#at++
      return this.#push(assertion, true)
    }
    const letter = this.#pattern[this.#at] ?? ''
    if (letter === 'p' || letter === 'P') {
      const { name, negated } = this.#property()
      const inside = name === 'Any' ? '' : `\\p{${name}}`
      return this.#push({
        text: `[${negated === (name === 'Any') ? '' : '^'}${inside}]`,
        ...(inside !== '' && { fold: this.#flags.i }),
      })
    }
    const perl = this.#perlClass()
    if (perl !== undefined) return this.#push({ text: `[${perl}]` })
    this.#literal(String.fromCodePoint(this.#charEscape()))
  }

  /** `\Q...\E`, or to the end of the pattern. */
  #quotedText(): void {
    const end = this.#pattern.indexOf('\\E', this.#at)
    const text = this.#pattern.slice(this.#at, end < 0 ? undefined : end)
    this.#at += text.length + (end < 0 ? 0 : 2)
    for (const character of text) this.#literal(character)
  }

  /** The inside of a class for `\d` and its like after the backslash; undefined when it is none. */
  #perlClass(): string | undefined {
    const letter = this.#pattern[this.#at] ?? ''
    if (letter === '' || !'dDsSwW'.includes(letter)) return undefined
    this.#at++
    return this.#members(CLASSES.get(letter.toLowerCase())!, letter < 'a')
  }

  #members(ranges: readonly CodeRange[], negated: boolean): string {
    const all = this.#flags.i ? folded(ranges) : ranges
    return classText(negated ? complement(all, this.#top) : all, this.#top)
  }

  /** A Unicode class after the backslash. */
  #property(): { name: string; negated: boolean } {
    const match = this.#match(/([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))/y)
    const name = match ? propertyName(match[3] ?? match[4]!) : undefined
    if (!match || name === undefined)
      throw quoted(
        'invalid character class range',
        `\\${match?.[0] ?? this.#pattern.slice(this.#at, this.#at + 2)}`,
      )
    this.#at += match[0].length
    this.#needsUnicode = true
    return { name, negated: (match[1] === 'P') !== (match[2] === '^') }
  }

  /** The code point of an escape after the backslash. */
  #charEscape(): number {
    const start = this.#at - 1
    const match = this.#match(/x\{([0-9a-fA-F]{1,8})\}|x([0-9a-fA-F]{2})|([1-7][0-7]{1,2}|0[0-7]{0,2})/y)
    if (match) {
      this.#at += match[0].length
      const hex = match[1] ?? match[2]
      const code = hex === undefined ? Number.parseInt(match[3]!, 8) : Number.parseInt(hex, 16)
      if (code <= 0x10_ff_ff) return code
      throw quoted('invalid escape sequence', this.#pattern.slice(start, this.#at - 1))
    }
    const character = this.#next()
    if (character === '') throw quoted('trailing backslash at end of expression', '')
    const named = NAMED.get(character)
    if (named !== undefined) return named
    const code = character.codePointAt(0)!
    if (/^[A-Za-z0-9]$/.test(character) || code >= 0x80)
      throw quoted('invalid escape sequence', this.#pattern.slice(start, this.#at))
    return code
  }

  // --- character classes

  #bracket(start: number): void {
    const negated = this.#take('^')
    let set = ''
    for (let first = true; ; first = false) {
      if (this.#at >= this.#pattern.length) throw quoted('missing closing ]', this.#pattern.slice(start))
      if (!first && this.#take(']')) break
      set += this.#classItem()
    }
    // A class of nothing matches nothing, its negation anything: the engine writes them so too.
    this.#push({ text: `[${negated ? '^' : ''}${set}]`, fold: this.#flags.i })
  }

  #classItem(): string {
    const posix = this.#match(/\[:(\^?)([^:]*):\]/y)
    if (posix) {
      const ranges = posix[2]!.length > 1 ? CLASSES.get(posix[2]!) : undefined
      if (!ranges) throw quoted('invalid character class range', posix[0])
      this.#at += posix[0].length
      return this.#members(ranges, posix[1] !== '')
    }
    if (this.#pattern[this.#at] === '\\') {
      this.#at++
      if (/[pP]/.test(this.#pattern[this.#at] ?? '')) {
        const { name, negated } = this.#property()
        if (name === 'Any') return negated ? '' : classText([[0, this.#top]], this.#top)
        return `\\${negated ? 'P' : 'p'}{${name}}`
      }
      const perl = this.#perlClass()
      if (perl !== undefined) return perl
      this.#at--
    }
    return this.#classRange()
  }

  #classRange(): string {
    const start = this.#at
    const low = this.#classCharacter()
    const next = this.#pattern[this.#at + 1]
    if (this.#pattern[this.#at] !== '-' || next === ']' || next === undefined)
      return classText([[low, low]], this.#top)
    this.#at++
    const high = this.#classCharacter()
    if (high < low) throw quoted('invalid character class range', this.#pattern.slice(start, this.#at))
    return classText([[low, high]], this.#top)
  }

  #classCharacter(): number {
    const character = this.#next()
    return character === '\\' ? this.#charEscape() : character.codePointAt(0)!
  }
}

const ASSERTIONS: ReadonlyMap<string, Piece> = new Map<string, Piece>([
  ['A', { text: '^' }],
  ['z', { text: '$' }],
  ['b', { text: '\\b', plain: true }],
  ['B', { text: '\\B', plain: true }],
])

const NAMED: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
])
