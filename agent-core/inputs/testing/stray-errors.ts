// Run by runner.test.ts in a process of its own: errors that no await of a collector sees, claimed by the runner.
import { EventEmitter } from 'node:events'
import { systemClock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import { silentLogger } from '../../kernel/logger.ts'
import { createMetrics } from '../../kernel/metrics.ts'
import { createRunner } from '../runner.ts'
import { hostFacts, memorySink, testInput } from './fixtures.ts'

const strays: Record<string, () => void> = {
  timer: () =>
    void setTimeout(() => {
      throw 'timer string'
    }, 1),
  promise: () => void Promise.reject(new Error('stray rejection')),
  socket: () =>
    void setImmediate(() => new EventEmitter().emit('error', new Error('event without listener'))),
  good: () => {},
}
const runner = createRunner({
  definitions: Object.entries(strays).map(([name, stray]) => testInput(name, () => ({ collect: stray }))),
  clock: systemClock,
  log: silentLogger,
  metrics: createMetrics(),
  feed: memorySink().feed,
  host: hostFacts(),
})
const claimed: Record<string, boolean> = {}
const onStray = (thrown: unknown): void => {
  claimed[errorText(thrown)] = runner.claim(thrown)
  if (Object.keys(claimed).length === 4) void report()
}
process.on('uncaughtException', onStray)
process.on('unhandledRejection', onStray)

async function report(): Promise<void> {
  const crashes = Object.fromEntries(runner.snapshot().map((s) => [s.name, s.crashes]))
  await runner.stop()
  process.stdout.write(JSON.stringify({ claimed, crashes }))
}

await runner.replace(
  Object.keys(strays).map((name) => ({ name, index: 0, file: null, config: { interval: 10_000 } })),
)
runner.start()
setTimeout(() => {
  throw new Error('foreign')
}, 5)
