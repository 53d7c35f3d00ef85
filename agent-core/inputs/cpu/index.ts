// Collector cpu: shares of processor time (spec collectors-host.md section 1).
import * as v from 'valibot'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { cpuCollector } from './collect.ts'
import { cpuMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const cpu = defineInput({
  name: 'cpu',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object({
    ...commonSettings,
    percpu: v.optional(v.boolean(), false),
    enable_temperature: v.optional(v.boolean(), true),
    enable_load5s: v.optional(v.boolean(), false),
  }),
  sample,
  measurements: [cpuMeasurement],
  rateBased: true,
  rhythm: hostRhythm,
  create: (config, context) => cpuCollector(config, context),
})
