// The order and the place of configuration problems.
import type { DiagnosticView } from '../../../agent-core/contract/index.ts'

const RANK = { error: 0, warning: 1, notice: 2 } as const

/** Said by the DataWay section already: it is a way to run, no problem. */
const SAID_ELSEWHERE = new Set(['CONFIG_LOCAL_ONLY'])

/** Errors, then warnings, then notices; within each as the agent sends them. */
export const worstProblemsFirst = (problems: readonly DiagnosticView[]): DiagnosticView[] =>
  problems
    .filter(({ code }) => !SAID_ELSEWHERE.has(code))
    .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])

/** `cpu.conf:3:5`, `datakit.conf io.feed_chan`, or whatever of it is known. */
export function placeOf({ file, path, labels }: DiagnosticView): string {
  const label = labels[0]
  const at = label ? `:${label.line}:${label.column}` : ''
  if (file) return label || !path ? `${file}${at}` : `${file} ${path}`
  return path ?? ''
}

/** What stands at the place, then the notes; nothing that the message says already. */
export function detailsOf({ message, labels, notes }: DiagnosticView): string[] {
  const details = [labels[0]?.text ?? '', ...notes]
  return [...new Set(details)].filter((text) => text !== '' && !message.includes(text))
}
