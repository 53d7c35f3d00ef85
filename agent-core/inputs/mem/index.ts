// Collector mem: physical memory (spec collectors-host.md section 1).
import * as v from 'valibot'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { memCollector } from './collect.ts'
import { memMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const mem = defineInput({
  name: 'mem',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object(commonSettings),
  sample,
  measurements: [memMeasurement],
  rhythm: hostRhythm,
  create: (config, context) => memCollector(config, context),
})
