// Sending side of the line to the test process, and which guards a negative control took away.
import { Questions, type FromMain, type Guard } from '../wire.ts'

export function tell(message: FromMain): void {
  if (process.connected) process.send!(message)
}

export const questions = new Questions<FromMain>(tell)

const without = new Set((process.env['DOUBLE_WITHOUT'] ?? '').split(',').filter(Boolean) as Guard[])

/** False when this run plays a main that never set the guard. */
export const guarded = (guard: Guard): boolean => !without.has(guard)
