// Collector system: load, processors, processes, connection tracking, file handles (spec collectors-host.md section 1).
import * as v from 'valibot'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { systemCollector } from './collect.ts'
import { conntrackMeasurement, filefdMeasurement, systemMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const system = defineInput({
  name: 'system',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object(commonSettings),
  sample,
  measurements: [systemMeasurement, conntrackMeasurement, filefdMeasurement],
  rateBased: true,
  rhythm: hostRhythm,
  create: (config, context) => systemCollector(config, context),
})
