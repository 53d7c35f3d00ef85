// What the editor offers: functions, keywords, names of the script, keys of the selected sample, grok patterns inside
// a pattern. Pure text work here; the editor's types come in at the end.
import type { FunctionDoc } from '../../../../agent-core/contract/index.ts'

export interface Vocabulary {
  readonly functions: readonly FunctionDoc[]
  readonly patterns: readonly { readonly name: string; readonly pattern: string }[]
}

export interface Offer {
  readonly label: string
  readonly kind: 'function' | 'keyword' | 'key' | 'variable' | 'pattern'
  readonly detail: string
  /** What is inserted; `${}` marks where the cursor goes. */
  readonly insert: string
  readonly function?: FunctionDoc
}

export interface Offers {
  readonly from: number
  readonly offers: readonly Offer[]
}

const KEYWORDS = ['if', 'elif', 'else', 'for', 'in', 'break', 'continue', 'true', 'false', 'nil']
const WORD_BEFORE = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*$/
const PATTERN_BEFORE = /%\{(\w*)$/

/** Offers at the end of `before`, the text up to the cursor; undefined where nothing should open by itself. */
export function offersAt(
  text: string,
  at: number,
  keys: readonly string[],
  { functions, patterns }: Vocabulary,
  explicit: boolean,
): Offers | undefined {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const before = text.slice(lineStart, at)
  const pattern = PATTERN_BEFORE.exec(before)
  if (pattern) return { from: at - pattern[1]!.length, offers: patterns.map(patternOffer) }
  if (insideText(before)) return undefined
  const word = WORD_BEFORE.exec(before)?.[0] ?? ''
  if (word === '' && !explicit) return undefined
  const from = at - word.length
  return { from, offers: [...functions.map(functionOffer), ...nameOffers(text, from, keys)] }
}

/** Inside a comment or a string of this line. */
function insideText(line: string): boolean {
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (quote !== '') {
      if (c === '\\') i++
      else if (c === quote) quote = ''
    } else if (c === '#') return true
    else if (c === '"' || c === "'") quote = c
  }
  return quote !== ''
}

function functionOffer(one: FunctionDoc): Offer {
  const needed = one.params.some((param) => param.default === undefined && !param.rest)
  const insert = needed || one.params.length > 0 ? `${one.name}(\${})` : `${one.name}()`
  return { label: one.name, kind: 'function', detail: argumentsOf(one), insert, function: one }
}

/** `(input, pattern, trim = true)` out of the signature. */
const argumentsOf = ({ name, signature }: FunctionDoc): string =>
  signature.startsWith(name) ? signature.slice(name.length) : signature

const patternOffer = ({ name, pattern }: { name: string; pattern: string }): Offer => ({
  label: name,
  kind: 'pattern',
  detail: pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern,
  insert: `${name}:\${}}`,
})

function nameOffers(text: string, from: number, keys: readonly string[]): Offer[] {
  const variables = [...text.matchAll(/^[ \t]*([A-Za-z_][\w]*)\s*[-+*/%]?=(?!=)/gm)]
    .filter(({ index }) => index !== from)
    .map((found) => found[1]!)
  const captures = [...text.matchAll(/%\{\w+:(\w+)(?::\w+)?\}/g)].map((found) => found[1]!)
  const names = new Set([...keys, ...captures])
  const plain = (label: string, kind: Offer['kind']): Offer => ({ label, kind, detail: '', insert: label })
  return [
    ...[...names].map((name) => plain(name, 'key')),
    ...[...new Set(variables)].filter((name) => !names.has(name)).map((name) => plain(name, 'variable')),
    ...KEYWORDS.map((name) => plain(name, 'keyword')),
  ]
}

/** The function name under an offset, for the hover. */
export function wordAt(text: string, at: number): { from: number; to: number; word: string } | undefined {
  const isPart = (c: string | undefined): boolean => c !== undefined && /[\w\u0080-\uffff]/.test(c)
  let from = at
  let to = at
  while (from > 0 && isPart(text[from - 1])) from--
  while (isPart(text[to])) to++
  return to > from ? { from, to, word: text.slice(from, to) } : undefined
}

export interface GrokCall {
  readonly pattern: string
  readonly from: number
  readonly to: number
}

/** The grok pattern literal of the line of an offset, else the script's first: what the grok pane takes over. */
export function grokAt(text: string, at: number): GrokCall | undefined {
  let first: GrokCall | undefined
  const call = /\bgrok\s*\(\s*([^,()]+?)\s*,\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g
  for (const found of text.matchAll(call)) {
    const start = found.index
    const end = start + found[0].length
    const lineEnd = text.indexOf('\n', end)
    const literal = found[2]!
    const here = { pattern: unescape(literal), from: end - literal.length, to: end }
    if (at >= text.lastIndexOf('\n', start) + 1 && at <= (lineEnd < 0 ? text.length : lineEnd)) return here
    first ??= here
  }
  return first
}

const unescape = (literal: string): string =>
  literal.slice(1, -1).replaceAll(/\\(.)/g, (_all, c: string) => ({ n: '\n', t: '\t', r: '\r' })[c] ?? c)

/** A text as a literal of the language. */
export const quote = (text: string): string =>
  `"${text.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`
