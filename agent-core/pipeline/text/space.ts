// White space and character sets as Go's strings package sees them.

/** Unicode White_Space: with U+0085, without U+FEFF, unlike JavaScript's trim. */
const START = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/
const END = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/

export function trimSpace(text: string): string {
  const length = text.length
  if (length === 0) return text
  const first = text.charCodeAt(0)
  const last = text.charCodeAt(length - 1)
  // Most texts begin and end with a visible ASCII character.
  if (first > 32 && first < 127 && last > 32 && last < 127) return text
  return text.replace(START, '').replace(END, '')
}

/** Drops characters of a set from both ends. */
export function trimSet(text: string, set: string): string {
  if (set === '') return text
  const characters = new Set(set)
  const runes = [...text]
  let from = 0
  let to = runes.length
  while (from < to && characters.has(runes[from]!)) from++
  while (to > from && characters.has(runes[to - 1]!)) to--
  return from === 0 && to === runes.length ? text : runes.slice(from, to).join('')
}

/** Upper case rune by rune: a character that would become two stays. */
export const upperRunes = (text: string): string => mapRunes(text, (c) => c.toUpperCase())
export const lowerRunes = (text: string): string => mapRunes(text, (c) => c.toLowerCase())

const ASCII = /^[\0-\x7f]*$/

function mapRunes(text: string, map: (c: string) => string): string {
  if (ASCII.test(text)) return map(text)
  let out = ''
  for (const c of text) {
    const mapped = map(c)
    out += [...mapped].length === 1 ? mapped : single(c, mapped)
  }
  return out
}

/** Greek letters with an iota written below, whose simple capital has it beside. */
const IOTA_BELOW = /[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7]/

/** Where the full mapping has several characters the simple one is the first (İ to i) or the character itself. */
function single(c: string, mapped: string): string {
  if (c === '\u0130') return mapped[0]!
  if (IOTA_BELOW.test(c)) return String.fromCharCode(c.charCodeAt(0) + 8)
  return /[\u1fb3\u1fc3\u1ff3]/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 9) : c
}
