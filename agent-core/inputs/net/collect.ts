// One instance of the net collector.
import { measurementPoint, type FieldInput } from '../../point/measurement.ts'
import type { Integer } from '../../point/point.ts'
import type { Collector, InputContext } from '../define-input.ts'
import { ratePerSecond } from '../host/counter.ts'
import { Elapsed } from '../host/elapsed.ts'
import { NameFilter } from '../host/name-filter.ts'
import { openHost } from '../host/open-host.ts'
import type { HostReaders, InterfaceCounters } from '../host/ports.ts'
import { patternTooSlow, type CommonSettings } from '../host/settings.ts'
import { SourceErrors } from '../host/source.ts'
import { netMeasurement } from './measurement.ts'

export interface NetSettings extends CommonSettings {
  readonly interfaces: readonly RegExp[]
  readonly enable_virtual_interfaces: boolean
  readonly ignore_protocol_stats: boolean
}

type Protocols = ReadonlyMap<string, Integer>
const PROTOCOL_RATES = ['tcp_insegs', 'tcp_outsegs', 'udp_indatagrams', 'udp_outdatagrams']

export function netCollector(
  settings: NetSettings,
  context: InputContext,
  host: HostReaders = openHost(context),
): Collector {
  const reader = host.net()
  const sources = new SourceErrors(context.reportError)
  const elapsed = new Elapsed(context.clock, settings.interval)
  const named = new NameFilter(settings.interfaces, () =>
    context.diagnose(patternTooSlow(context, 'interfaces')),
  )
  const all = settings.interfaces.length === 0
  const wanted = ({ name, virtual }: InterfaceCounters): boolean =>
    (settings.enable_virtual_interfaces || !virtual) && (all || named.matches(name))
  let before: ReadonlyMap<string, InterfaceCounters> = new Map()
  let protocolsBefore: Protocols | undefined

  return {
    async collect(time) {
      const interfaces = await sources.attempt('interfaces', () => reader.read())
      if (!interfaces) return
      const seconds = elapsed.next()
      const point = (name: string, fields: Record<string, FieldInput>) =>
        measurementPoint(netMeasurement, { ...settings.tags, interface: name }, fields, time)
      const points = interfaces
        .filter(wanted)
        .map((now) => point(now.name, interfaceFields(now, before.get(now.name), seconds)))
      before = new Map(interfaces.map((counters) => [counters.name, counters]))

      const protocols = settings.ignore_protocol_stats ? undefined : reader.protocols()
      if (protocols) points.push(point('all', protocolFields(protocols, protocolsBefore, seconds)))
      protocolsBefore = protocols
      if (points.length > 0) await context.feed('metric', points)
    },
    dispose: () => host.dispose(),
  }
}

const interfaceFields = (
  now: InterfaceCounters,
  before: InterfaceCounters | undefined,
  seconds: number | undefined,
): Record<string, FieldInput> => ({
  bytes_sent: now.bytesSent,
  bytes_recv: now.bytesRecv,
  packets_sent: now.packetsSent,
  packets_recv: now.packetsRecv,
  err_in: now.errIn,
  err_out: now.errOut,
  drop_in: now.dropIn,
  drop_out: now.dropOut,
  'bytes_sent/sec': ratePerSecond(now.bytesSent, before?.bytesSent, seconds),
  'bytes_recv/sec': ratePerSecond(now.bytesRecv, before?.bytesRecv, seconds),
  'packets_sent/sec': ratePerSecond(now.packetsSent, before?.packetsSent, seconds),
  'packets_recv/sec': ratePerSecond(now.packetsRecv, before?.packetsRecv, seconds),
})

/** A newer kernel may count more than the measurement knows: that is left out. */
function protocolFields(
  now: Protocols,
  before: Protocols | undefined,
  seconds: number | undefined,
): Record<string, FieldInput> {
  const fields: Record<string, FieldInput> = {}
  for (const [key, value] of now) if (key in netMeasurement.fields) fields[key] = value
  for (const key of PROTOCOL_RATES)
    fields[`${key}/sec`] = ratePerSecond(now.get(key), before?.get(key), seconds)
  return fields
}
