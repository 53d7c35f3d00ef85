// A found issue becomes a diagnostic: with its file, its place in the text on disk, and a fix where one is certain.
import { diagnostic, type Diagnostic, type Severity } from '../kernel/diagnostic.ts'
import { ERROR_CODES } from '../kernel/error-codes.ts'
import type { ValueIssue } from './check-values.ts'
import { labelAt, type SourceText } from './source-text.ts'
import { pathText, type TomlDocument } from './toml.ts'

/** One parsed file: its name as shown, its text on disk, what was parsed, and the result. */
export interface FileText {
  readonly file: string
  readonly raw: string
  readonly source: SourceText
  readonly document: TomlDocument
}

export type FileIssue = Omit<ValueIssue, 'severity'> & {
  readonly severity: Severity
  /** Instead of the code's remedy. */
  readonly notes?: readonly string[]
}

export function issueDiagnostic(text: FileText, issue: FileIssue): Diagnostic {
  const { document, raw, source } = text
  const span = issue.atKey ? document.keySpan(issue.path) : document.valueSpan(issue.path)
  const from = span && source.toRaw(span.from)
  const to = span && source.toRaw(span.to)
  const edit = from !== undefined && to !== undefined && issue.rename !== undefined
  return diagnostic(issue.code, issue.message, {
    severity: issue.severity,
    file: text.file,
    path: pathText(issue.path),
    ...(issue.notes ? { notes: issue.notes } : {}),
    labels:
      from === undefined || to === undefined ? [] : [labelAt(raw, from, to, ERROR_CODES[issue.code].message)],
    fixes: edit ? [{ title: `Rename to ${issue.rename}`, edits: [{ from, to, insert: issue.rename! }] }] : [],
  })
}
