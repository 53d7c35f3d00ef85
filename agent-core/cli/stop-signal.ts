// Ctrl-C and kill: the first signal stops in order, one that comes well after it leaves at once.
import { systemClock, type Clock } from '../kernel/clock.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
// A terminal signals the whole process group and npm passes the same signal on: these are one wish, not two.
const SAME_WISH_MS = 1000
const IMPATIENT_EXIT = 130

interface SignalSource {
  on(signal: NodeJS.Signals, run: () => void): unknown
  exit(code: number): void
}

export function onStopSignal(
  source: SignalSource,
  stop: () => Promise<void>,
  clock: Clock = systemClock,
): void {
  let first: number | undefined
  const receive = (): void => {
    if (first === undefined) {
      first = clock.monotonic()
      stop().catch((error: unknown) => {
        console.error(error)
        source.exit(1)
      })
    } else if (clock.monotonic() - first > SAME_WISH_MS) source.exit(IMPATIENT_EXIT)
  }
  for (const signal of SIGNALS) source.on(signal, receive)
}
