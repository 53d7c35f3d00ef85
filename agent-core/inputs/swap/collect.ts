// One instance of the swap collector.
import { measurementPoint } from '../../point/measurement.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { percent } from '../host/counter.ts'
import { openHost } from '../host/open-host.ts'
import type { HostReaders } from '../host/ports.ts'
import type { CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { swapMeasurement } from './measurement.ts'

export function swapCollector(
  settings: CommonSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
): Collector {
  const reader = host.swap()
  const sources = new SourceErrors(context.reportError)
  return {
    async collect(time) {
      const swap = await sources.attempt('swap', () => reader.read())
      if (!swap) return
      const fields = { ...swap, used_percent: percent(swap.used, swap.total) }
      await context.feed('metric', [measurementPoint(swapMeasurement, settings.tags, fields, time)])
    },
    dispose: () => host.dispose(),
  }
}
