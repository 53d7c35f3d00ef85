// Schema checks at both ends: a parsed copy of plain data, or where and why it does not fit.
import * as v from 'valibot'
import type { GenericSchema } from 'valibot'

export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

/** The parsed value is a fresh plain object: proxies and unknown keys do not cross the wire. */
export function check(schema: GenericSchema, input: unknown): Checked {
  const parsed = v.safeParse(schema, input, { abortEarly: true })
  if (parsed.success) return { ok: true, value: parsed.output }
  const issue = parsed.issues[0]
  const path = v.getDotPath(issue)
  return { ok: false, problem: path ? `${path}: ${issue.message}` : issue.message }
}
