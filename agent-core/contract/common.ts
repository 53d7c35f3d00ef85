// Shapes that several pages use.
import * as v from 'valibot'

/** ms since the Unix epoch. */
export const timestamp = v.number()
export const nothing = v.strictObject({})

export const label = v.object({
  from: v.number(),
  to: v.number(),
  line: v.number(),
  column: v.number(),
  text: v.string(),
})

/** Mirrors kernel Diagnostic. */
export const diagnostic = v.object({
  code: v.string(),
  severity: v.picklist(['error', 'warning', 'notice']),
  message: v.string(),
  file: v.optional(v.string()),
  path: v.optional(v.string()),
  labels: v.array(label),
  notes: v.array(v.string()),
  fixes: v.array(
    v.object({
      title: v.string(),
      edits: v.array(v.object({ from: v.number(), to: v.number(), insert: v.string() })),
    }),
  ),
})
export type DiagnosticView = v.InferOutput<typeof diagnostic>
