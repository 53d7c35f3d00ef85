// The clock an instance sees: its timers end with the instance, and what they throw is the instance's crash.
import type { Clock } from '../kernel/clock.ts'
import type { Disposable } from '../kernel/disposable.ts'

/** @param guard runs a timer's callback, which may return a promise, and takes what it throws. */
export function guardedClock(clock: Clock, signal: AbortSignal, guard: (run: () => unknown) => void): Clock {
  const timers = new Set<Disposable>()
  signal.addEventListener(
    'abort',
    () => {
      for (const timer of timers) void timer.dispose()
      timers.clear()
    },
    { once: true },
  )

  function track(start: (done: () => void) => Disposable): Disposable {
    if (signal.aborted) return { dispose() {} }
    const timer = start(() => timers.delete(timer))
    timers.add(timer)
    return {
      dispose() {
        timers.delete(timer)
        return timer.dispose()
      },
    }
  }

  return {
    now: () => clock.now(),
    nowNs: () => clock.nowNs(),
    monotonic: () => clock.monotonic(),
    after: (ms, run) =>
      track((done) =>
        clock.after(ms, () => {
          done()
          guard(run)
        }),
      ),
    every: (ms, run) => track(() => clock.every(ms, () => guard(run))),
    sleep: (ms, own) => clock.sleep(ms, own ? AbortSignal.any([own, signal]) : signal),
  }
}
