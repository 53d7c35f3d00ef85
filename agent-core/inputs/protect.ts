// Protect mode (spec config-and-lifecycle.md section 4): keeps intervals inside the range a collector stands for.
import { formatGoDuration } from '../config/duration.ts'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import type { Rhythm } from './define-input.ts'

/** The floor without protect mode: whatever the file says, a round starts at most once a millisecond. */
export const FLOOR_MS = 1

/**
 * The interval to obey, ms. With protect mode it stays within [min, max], so 0 becomes min; without it the file is
 * obeyed down to FLOOR_MS. What is not a number at all becomes min.
 */
export function protectedInterval(rhythm: Rhythm, protect: boolean): number {
  const { interval, min, max } = rhythm
  if (Number.isNaN(interval)) return Math.max(FLOOR_MS, min)
  return Math.max(FLOOR_MS, protect ? Math.min(Math.max(interval, min), max) : interval)
}

/** The notice for an interval that is not obeyed, or undefined when it is. */
export function clampNotice(
  rhythm: Rhythm,
  used: number,
  where: {
    readonly input: string
    readonly index: number
    readonly key: string
    readonly file: string | null
  },
): Diagnostic | undefined {
  if (used === rhythm.interval) return undefined
  const { min, max } = rhythm
  const range = Number.isFinite(max)
    ? `${formatGoDuration(min)} to ${formatGoDuration(max)}`
    : `at least ${formatGoDuration(min)}`
  const path = `inputs.${where.input}[${where.index}].${where.key}`
  return diagnostic(
    'CONFIG_CLAMPED',
    `${where.input}: ${where.key} = ${formatGoDuration(rhythm.interval)} is outside ${range}; it runs every ${formatGoDuration(used)}`,
    { severity: 'notice', path, ...(where.file === null ? {} : { file: where.file }) },
  )
}
