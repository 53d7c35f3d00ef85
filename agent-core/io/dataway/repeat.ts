// A call that is made again and again until a signal aborts.
import type { Clock } from '../../kernel/clock.ts'

/** Runs at once and then as many ms after each run as it returned. `run` must not reject. */
export async function repeat(clock: Clock, signal: AbortSignal, run: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    const wait = await run()
    await clock.sleep(wait, signal).catch(() => {})
  }
}
