// A text cut at the edges of grok captures, so that each piece can be marked with the innermost capture it belongs to.
import type { GrokResult } from '../../../agent-core/contract/index.ts'

export interface Piece {
  readonly text: string
  /** Index into the captures; undefined outside of them. */
  readonly capture: number | undefined
  /** Inside of the whole match. */
  readonly matched: boolean
}

export function grokPieces(text: string, result: GrokResult | undefined): Piece[] {
  if (!result?.matched) return text === '' ? [] : [{ text, capture: undefined, matched: false }]
  const spans = result.captures.map(({ from, to }, index) => ({ from, to, index }))
  const edges = new Set([0, text.length, result.from, result.to])
  for (const { from, to } of spans) edges.add(from).add(to)
  const cuts = [...edges].filter((at) => at >= 0 && at <= text.length).toSorted((a, b) => a - b)
  return cuts.slice(0, -1).map((from, n): Piece => {
    const to = cuts[n + 1]!
    const around = spans.filter((span) => span.from <= from && to <= span.to)
    const innermost = around.toSorted((a, b) => a.to - a.from - (b.to - b.from))[0]
    return {
      text: text.slice(from, to),
      capture: innermost?.index,
      matched: result.from <= from && to <= result.to,
    }
  })
}
