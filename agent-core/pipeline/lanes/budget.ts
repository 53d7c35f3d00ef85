// Runs a function with an end: the engine itself stops it, in a loop or in the middle of a regular expression.
import { Script } from 'node:vm'
import { err, ok, type Result } from '../../kernel/result.ts'

const TASK = 'datakitLaneTask'
const call = new Script(`${TASK}()`)

/** The time-out reaches code that was called, however deep; nothing in it can catch it. Not reentrant. */
export function underBudget<T>(ms: number, run: () => T): Result<T, 'over_budget'> {
  const scope = globalThis as unknown as Record<string, unknown>
  scope[TASK] = run
  try {
    return ok(call.runInThisContext({ timeout: Math.max(1, Math.ceil(ms)) }) as T)
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return err('over_budget')
    throw thrown
  } finally {
    delete scope[TASK]
  }
}
