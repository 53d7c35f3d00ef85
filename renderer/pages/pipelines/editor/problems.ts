// Diagnostics of the agent as the editor draws them: ranges that lie inside the text, and what would fix them.
import type { DiagnosticView } from '../../../../agent-core/contract/index.ts'

export interface Problem {
  readonly from: number
  readonly to: number
  readonly line: number
  readonly column: number
  readonly severity: 'error' | 'warning' | 'info'
  readonly code: string
  readonly message: string
  readonly notes: readonly string[]
  readonly fixes: DiagnosticView['fixes']
}

const SEVERITY = { error: 'error', warning: 'warning', notice: 'info' } as const

/** In the order of the text. A label outside of the text, as after an edit, moves to its end. */
export const problemsOf = (diagnostics: readonly DiagnosticView[], length: number): Problem[] =>
  diagnostics
    .map(({ code, severity, message, labels, notes, fixes }): Problem => {
      const label = labels[0]
      const from = Math.min(label?.from ?? 0, length)
      const to = Math.min(Math.max(label?.to ?? from, from), length)
      return {
        from,
        to,
        line: label?.line ?? 1,
        column: label?.column ?? 1,
        severity: SEVERITY[severity],
        code,
        message,
        notes,
        fixes,
      }
    })
    .toSorted((a, b) => a.from - b.from)

/** The fix that Alt Enter applies: the first one of the problem at the cursor, else of its line. */
export function fixAt(
  problems: readonly Problem[],
  at: number,
  line: number,
): DiagnosticView['fixes'][number] | undefined {
  const fixable = problems.filter(({ fixes }) => fixes.length > 0)
  const here =
    fixable.find(({ from, to }) => from <= at && at <= to) ?? fixable.find((one) => one.line === line)
  return here?.fixes[0]
}
