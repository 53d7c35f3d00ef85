// Collector swap: swap space (spec collectors-host.md section 1).
import * as v from 'valibot'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { swapCollector } from './collect.ts'
import { swapMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const swap = defineInput({
  name: 'swap',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object(commonSettings),
  sample,
  measurements: [swapMeasurement],
  rhythm: hostRhythm,
  create: (config, context) => swapCollector(config, context),
})
