// One instance of the mem collector.
import { measurementPoint } from '../../point/measurement.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { percent } from '../host/counter.ts'
import { openHost } from '../host/open-host.ts'
import type { HostReaders } from '../host/ports.ts'
import type { CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { memMeasurement } from './measurement.ts'

export function memCollector(
  settings: CommonSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
): Collector {
  const reader = host.memory()
  const sources = new SourceErrors(context.reportError)
  return {
    async collect(time) {
      const memory = await sources.attempt('memory', () => reader.read())
      if (!memory) return
      const { total, available, used, details } = memory
      const fields = {
        total,
        available,
        used,
        used_percent: percent(used, total),
        available_percent: percent(available, total),
        ...details,
      }
      await context.feed('metric', [measurementPoint(memMeasurement, settings.tags, fields, time)])
    },
    dispose: () => host.dispose(),
  }
}
