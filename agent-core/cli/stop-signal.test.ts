import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { FakeClock } from '../kernel/clock.ts'
import { onStopSignal } from './stop-signal.ts'

class Process extends EventEmitter {
  readonly codes: number[] = []
  exit(code: number): void {
    this.codes.push(code)
  }
}

test('signals that come together are one wish', async () => {
  const process = new Process()
  const clock = new FakeClock()
  let stops = 0
  onStopSignal(
    process,
    () => {
      stops++
      return Promise.resolve()
    },
    clock,
  )
  process.emit('SIGINT')
  process.emit('SIGINT')
  await clock.advance(900)
  process.emit('SIGTERM')
  expect({ stops, codes: process.codes }).toEqual({ stops: 1, codes: [] })
})

test('a second Ctrl-C, well after the first, leaves at once', async () => {
  const process = new Process()
  const clock = new FakeClock()
  onStopSignal(process, () => new Promise(() => {}), clock)
  process.emit('SIGINT')
  await clock.advance(1500)
  process.emit('SIGINT')
  expect(process.codes).toEqual([130])
})
