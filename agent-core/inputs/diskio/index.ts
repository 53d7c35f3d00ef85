// Collector diskio: traffic of disks and partitions (spec collectors-host.md section 1).
import * as v from 'valibot'
import { regexpList, stringList } from '../../config/schema-pieces.ts'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { diskioCollector } from './collect.ts'
import { diskioMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const diskio = defineInput({
  name: 'diskio',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object({
    ...commonSettings,
    devices: v.optional(regexpList(), []),
    device_tags: v.optional(stringList(), []),
    name_templates: v.optional(stringList(), []),
    skip_serial_number: v.optional(v.boolean(), false),
  }),
  sample,
  measurements: [diskioMeasurement],
  rateBased: true,
  rhythm: hostRhythm,
  create: (config, context) => diskioCollector(config, context),
})
