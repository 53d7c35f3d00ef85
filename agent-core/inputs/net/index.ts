// Collector net: traffic of network interfaces (spec collectors-host.md section 1).
import * as v from 'valibot'
import { regexpList } from '../../config/schema-pieces.ts'
import { defineInput } from '../define-input.ts'
import { commonSettings, hostRhythm } from '../host/settings.ts'
import { netCollector } from './collect.ts'
import { netMeasurement } from './measurement.ts'
import sample from './sample.conf?raw'

export const net = defineInput({
  name: 'net',
  catalog: 'host',
  platforms: ['linux', 'darwin', 'win32'],
  election: false,
  singleton: true,
  default: true,
  schema: v.object({
    ...commonSettings,
    interfaces: v.optional(regexpList(), []),
    enable_virtual_interfaces: v.optional(v.boolean(), false),
    ignore_protocol_stats: v.optional(v.boolean(), false),
  }),
  sample,
  measurements: [netMeasurement],
  rateBased: true,
  rhythm: hostRhythm,
  create: (config, context) => netCollector(config, context),
})
