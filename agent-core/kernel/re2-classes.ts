// Character classes of RE2 as code point ranges, and how a class is written for this runtime's engine.

/** Inclusive. */
export type CodeRange = readonly [low: number, high: number]

const DIGIT: CodeRange = [48, 57]
const UPPER: CodeRange = [65, 90]
const LOWER: CodeRange = [97, 122]
const UNDERSCORE: CodeRange = [95, 95]
const BLANK: CodeRange = [32, 32]
const WORD: readonly CodeRange[] = [DIGIT, UPPER, UNDERSCORE, LOWER]

/** Ascending, all of them ASCII. */
export const CLASSES: ReadonlyMap<string, readonly CodeRange[]> = new Map<string, readonly CodeRange[]>([
  ['d', [DIGIT]],
  ['s', [[9, 10], [12, 13], BLANK]],
  ['w', WORD],
  ['alnum', [DIGIT, UPPER, LOWER]],
  ['alpha', [UPPER, LOWER]],
  ['ascii', [[0, 127]]],
  ['blank', [[9, 9], BLANK]],
  [
    'cntrl',
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ['digit', [DIGIT]],
  ['graph', [[33, 126]]],
  ['lower', [LOWER]],
  ['print', [[32, 126]]],
  [
    'punct',
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126],
    ],
  ],
  ['space', [[9, 13], BLANK]],
  ['upper', [UPPER]],
  ['word', WORD],
  ['xdigit', [DIGIT, [65, 70], [97, 102]]],
])

const LONG_S = 0x17f
const KELVIN = 0x212a

/** ASCII ranges with everything that is equal to a member when case does not count, ascending. */
export function folded(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const has = (code: number): boolean => ranges.some(([low, high]) => low <= code && code <= high)
  const codes = new Set<number>()
  for (let code = 0; code < 128; code++) {
    if (!has(code)) continue
    const character = String.fromCharCode(code)
    codes.add(code)
    codes.add(character.toLowerCase().charCodeAt(0))
    codes.add(character.toUpperCase().charCodeAt(0))
    if (character === 's' || character === 'S') codes.add(LONG_S)
    if (character === 'k' || character === 'K') codes.add(KELVIN)
  }
  return [...codes].toSorted((a, b) => a - b).map((code) => [code, code] as const)
}

/** Everything up to `top` but these ascending ranges. */
export function complement(ranges: readonly CodeRange[], top: number): readonly CodeRange[] {
  const out: CodeRange[] = []
  let from = 0
  for (const [low, high] of ranges) {
    if (low > from) out.push([from, low - 1])
    from = high + 1
  }
  out.push([from, top])
  return out
}

/** The inside of a class; what is above `top` is left out. */
export const classText = (ranges: readonly CodeRange[], top: number): string =>
  ranges
    .filter(([low]) => low <= top)
    .map(([low, high]) =>
      low === high ? codeText(low) : `${codeText(low)}-${codeText(Math.min(high, top))}`,
    )
    .join('')

/** A code point as an escape that is valid in and out of classes; above U+FFFF for the flag u only. */
export function codeText(code: number): string {
  if (code > 0xff_ff) return `\\u{${code.toString(16)}}`
  const character = String.fromCharCode(code)
  if (/[A-Za-z0-9]/.test(character)) return character
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

const CATEGORY = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/

/** What the engine calls a Unicode category or script; undefined when there is no such thing. */
export function propertyName(name: string): string | undefined {
  if (name === 'Any' || CATEGORY.test(name)) return name
  try {
    void new RegExp(`\\p{Script=${name}}`, 'u')
    return `Script=${name}`
  } catch {
    return undefined
  }
}
