// Which commands fit what was typed, and which letters of theirs to light.

export interface Fragment {
  readonly text: string
  readonly lit: boolean
}

/** Every typed word must occur, in any order and case; undefined when one does not. */
export function match(label: string, typed: string): readonly Fragment[] | undefined {
  const lower = label.toLowerCase()
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const lit = Array.from(lower, () => false)
  for (const word of words) {
    const at = lower.indexOf(word)
    if (at === -1) return undefined
    lit.fill(true, at, at + word.length)
  }
  return fragments(label, lit)
}

function fragments(label: string, lit: readonly boolean[]): Fragment[] {
  const result: Fragment[] = []
  let from = 0
  for (let at = 1; at <= label.length; at++) {
    if (at < label.length && lit[at] === lit[from]) continue
    result.push({ text: label.slice(from, at), lit: lit[from] ?? false })
    from = at
  }
  return result
}
