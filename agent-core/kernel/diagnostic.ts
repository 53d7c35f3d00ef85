// One diagnostic for editor, CLI, HTTP and tests: what is wrong, where, why, and what would put it right.
import { ERROR_CODES, type ErrorCode } from './error-codes.ts'

export type Severity = 'error' | 'warning' | 'notice'

/** A span of the source: byte-free, UTF-16 offsets; line and column are 1-based. */
export interface Label {
  readonly from: number
  readonly to: number
  readonly line: number
  readonly column: number
  readonly text: string
}

/** A text edit that would put it right: replace [from, to) by insert. */
export interface Fix {
  readonly title: string
  readonly edits: readonly { readonly from: number; readonly to: number; readonly insert: string }[]
}

export interface Diagnostic {
  readonly code: ErrorCode
  readonly severity: Severity
  readonly message: string
  /** Path of the file, relative to the work directory where it lies inside. */
  readonly file?: string
  /** Dotted key path inside the file, e.g. `inputs.cpu[0].interval`. */
  readonly path?: string
  readonly labels: readonly Label[]
  readonly notes: readonly string[]
  readonly fixes: readonly Fix[]
}

/** Builds a diagnostic; its first note is the code's remedy unless notes are given. */
export function diagnostic(
  code: ErrorCode,
  message: string,
  rest: Partial<Omit<Diagnostic, 'code' | 'message'>> = {},
): Diagnostic {
  return {
    code,
    severity: rest.severity ?? 'error',
    message,
    ...(rest.file === undefined ? {} : { file: rest.file }),
    ...(rest.path === undefined ? {} : { path: rest.path }),
    labels: rest.labels ?? [],
    notes: rest.notes ?? [ERROR_CODES[code].hint],
    fixes: rest.fixes ?? [],
  }
}

/** `file:line:column: message`, as far as known. */
export function formatDiagnostic(d: Diagnostic): string {
  const at = d.labels[0]
  const place = [d.file, at?.line, at?.column].filter((x) => x !== undefined).join(':')
  return place ? `${place}: ${d.message}` : d.message
}
