// One timer for every round of every collector. Rounds that fall due together share a wake-up of the processor, yet each
// runs in its own turn of the event loop, so a burst of ten never blocks a window for the sum of them.
import type { Clock } from '../kernel/clock.ts'
import type { Disposable } from '../kernel/disposable.ts'

export interface Schedule extends Disposable {
  /** Calls once when the monotonic clock reaches `due` (ms). */
  at(due: number, run: () => void): Disposable
}

/** A timer may fire up to a millisecond before its time, as the event loop counts whole ones. */
const EARLY_MS = 1

interface Entry {
  readonly due: number
  readonly run: () => void
}

export function createSchedule(clock: Clock): Schedule {
  const entries = new Set<Entry>()
  let timer: Disposable | undefined
  let armedFor = Infinity
  let closed = false

  function earliest(): Entry | undefined {
    let first: Entry | undefined
    for (const entry of entries) if (!first || entry.due < first.due) first = entry
    return first
  }

  function arm(): void {
    const due = earliest()?.due ?? Infinity
    if (due === armedFor) return
    void timer?.dispose()
    timer = undefined
    armedFor = due
    if (due !== Infinity) timer = clock.after(Math.max(0, due - clock.monotonic()), wake)
  }

  function wake(): void {
    timer = undefined
    armedFor = Infinity
    const next = earliest()
    if (next && next.due <= clock.monotonic() + EARLY_MS) {
      entries.delete(next)
      try {
        next.run()
      } finally {
        arm()
      }
    } else arm()
  }

  return {
    at(due, run) {
      const entry: Entry = { due, run }
      if (closed) return { dispose() {} }
      entries.add(entry)
      arm()
      return {
        dispose() {
          if (entries.delete(entry)) arm()
        },
      }
    },
    dispose() {
      closed = true
      entries.clear()
      arm()
    },
  }
}
