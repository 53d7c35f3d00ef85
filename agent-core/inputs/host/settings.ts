// Settings that every collector of this machine's own figures has, and their rhythm.
import * as v from 'valibot'
import { duration, tagsTable } from '../../config/schema-pieces.ts'
import { diagnostic, type Diagnostic } from '../../kernel/diagnostic.ts'
import type { ErrorCode } from '../../kernel/error-codes.ts'
import type { InputContext, Rhythm } from '../define-input.ts'

export const commonSettings = {
  interval: v.optional(duration(), '10s'),
  tags: v.optional(tagsTable(), {}),
}

export interface CommonSettings {
  /** ms, before the clamp. */
  readonly interval: number
  readonly tags: Readonly<Record<string, string>>
}

/** The protect-mode clamp 1s to 1m. */
export const hostRhythm = ({ interval }: CommonSettings): Rhythm => ({ interval, min: 1000, max: 60_000 })

/** A notice about one key of this instance. */
export function keyNotice(
  { name, instance }: Pick<InputContext, 'name' | 'instance'>,
  code: ErrorCode,
  key: string,
  message: string,
  note: string,
): Diagnostic {
  const path = `inputs.${name}[${instance}].${key}`
  return diagnostic(code, `${path}: ${message}`, { severity: 'notice', path, notes: [note] })
}

/** A pattern that was switched off because it takes too long. */
export function patternTooSlow({ name, instance }: InputContext, key: string): Diagnostic {
  const path = `inputs.${name}[${instance}].${key}`
  return diagnostic('CONFIG_VALUE', `${path}: the regular expression takes too long and is switched off`, {
    severity: 'warning',
    path,
    notes: ['Write it without nested repetitions such as (a+)+.'],
  })
}
