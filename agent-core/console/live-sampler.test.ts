import * as v from 'valibot'
import { expect, it } from 'vitest'
import { defineInput, type HostFacts, type InputDefinition } from '../inputs/define-input.ts'
import { FakeClock } from '../kernel/clock.ts'
import { silentLogger } from '../kernel/logger.ts'
import { measurementPoint } from '../point/measurement.ts'
import { LiveSampler, type SampleListener } from './live-sampler.ts'

const measurement = {
  name: 'mem',
  category: 'metric',
  desc: '',
  tags: {},
  fields: { used: { type: 'uint', unit: 'B', desc: '' }, free: { type: 'uint', unit: 'B', desc: '' } },
} as const

it('samples each second while someone listens, keeps an hour, and stops when nobody does', async () => {
  let rounds = 0
  let disposed = 0
  const mem = defineInput({
    name: 'mem',
    catalog: 'host',
    platforms: ['linux', 'darwin', 'win32'],
    election: false,
    singleton: true,
    default: true,
    schema: v.object({}),
    sample: '',
    measurements: [measurement],
    rhythm: () => ({ interval: 10_000, min: 1000, max: 60_000 }),
    create: (_config, context) => ({
      collect(time) {
        rounds++
        return context.feed('metric', [measurementPoint(measurement, {}, { used: rounds, free: 7 }, time)])
      },
      dispose: () => void disposed++,
    }),
  }) as InputDefinition
  const clock = new FakeClock()
  const sampler = new LiveSampler({
    definitions: [mem],
    config: () => ({}),
    host: { platform: 'linux' } as HostFacts,
    clock,
    log: silentLogger,
  })
  const seen: number[] = []
  const listener: SampleListener = (_time, samples) => void seen.push(...samples.map((s) => s.value!))
  const listening = sampler.listen([{ measurement: 'mem', field: 'used' }], listener)
  await clock.advance(3000)
  expect(seen).toEqual([1, 2, 3, 4])
  listening.dispose()
  await clock.advance(5000)
  expect([rounds, disposed, clock.pending]).toEqual([4, 1, 0])
  const [series] = sampler.window.read({
    queries: [{ measurement: 'mem', field: 'used' }],
    from: 0,
    to: clock.now(),
    points: 100,
  }).series
  expect(series!.values.filter((value) => value !== null)).toEqual([1, 2, 3, 4])
  sampler.dispose()
})
