// What happens to a collector file between reading and parsing: BOM off, ${VAR} and $VAR, ENC[...].
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { ENC_PATTERN, resolveSecret } from './enc.ts'
import type { Environment } from './registry.ts'
import { labelAt, rewrite, sourceText, type SourceText } from './source-text.ts'

const VARIABLE = /\$\{(\w+)\}|\$(\w+)/g
const BOM = /^\uFEFF/g

export interface ExpandOptions {
  readonly env: Environment
  readonly aesKey: Buffer | undefined
  /** As diagnostics show it. */
  readonly file: string
}

export interface Expanded {
  readonly source: SourceText
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * A variable that does not exist and an ENC[...] that cannot be resolved stay as they stand. Values are escaped for
 * basic strings ("...").
 */
export function expandInput(raw: string, options: ExpandOptions): Expanded {
  const diagnostics: Diagnostic[] = []
  const plain = rewrite(sourceText(raw), BOM, () => '')
  const withVariables = rewrite(plain, VARIABLE, (match) => {
    const value = options.env[match[1] ?? match[2]!]
    return value === undefined ? undefined : escapeBasic(value)
  })
  const source = rewrite(withVariables, ENC_PATTERN, (match) => {
    if (inComment(withVariables.text, match.index)) return undefined
    const secret = resolveSecret(match[1]!, match[2]!, options.aesKey)
    if (secret.ok) return escapeBasic(secret.value)
    const from = withVariables.toRaw(match.index)
    const to = withVariables.toRaw(match.index + match[0].length)
    diagnostics.push(
      diagnostic('CONFIG_SECRET', secret.error.message, {
        file: options.file,
        labels: [labelAt(raw, from, to, 'stays as it stands')],
        notes: [secret.error.hint],
      }),
    )
    return undefined
  })
  return { source, diagnostics }
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r' }

const escapeBasic = (text: string): string =>
  text.replace(/["\\\p{Cc}]/gu, (c) => ESCAPES[c] ?? `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`)

function inComment(text: string, offset: number): boolean {
  return text
    .slice(text.lastIndexOf('\n', offset) + 1, offset)
    .trimStart()
    .startsWith('#')
}

const TEMPLATE = /\{\{.*\}\}/

/** Whether a value holds a KV template of the Go agent anywhere. */
export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return TEMPLATE.test(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsTemplate)
}

/** Whether a line that is not a comment holds one, quoted or not. */
export const mentionsTemplate = (text: string): boolean =>
  text.split('\n').some((line) => TEMPLATE.test(line) && !line.trimStart().startsWith('#'))
