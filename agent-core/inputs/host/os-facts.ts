// What node:os tells on every system, replaceable by recorded values in tests.
import { cpus, freemem, loadavg, networkInterfaces, totalmem, uptime } from 'node:os'
import type { CpuReading, CpuTimes } from './ports.ts'

export interface OsFacts {
  cpus(): readonly { readonly times: OsTimes }[]
  totalmem(): number
  freemem(): number
  loadavg(): readonly number[]
  /** Seconds. */
  uptime(): number
  networkInterfaces(): Readonly<Record<string, unknown>>
}

/** ms. On Windows sys includes irq. */
export interface OsTimes {
  readonly user: number
  readonly nice: number
  readonly sys: number
  readonly idle: number
  readonly irq: number
}

export const nodeOs: OsFacts = { cpus, totalmem, freemem, loadavg, uptime, networkInterfaces }

/** `states` picks what the system has out of one processor's times, or out of the sum of all. */
export function cpuReading(
  os: OsFacts,
  perCore: boolean,
  states: (times: OsTimes, cpu: string) => CpuTimes,
): CpuReading {
  const all = os.cpus().map((cpu) => cpu.times)
  const sum = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 }
  for (const times of all) {
    sum.user += times.user
    sum.nice += times.nice
    sum.sys += times.sys
    sum.idle += times.idle
    sum.irq += times.irq
  }
  return {
    total: states(sum, 'cpu-total'),
    cores: perCore ? all.map((times, at) => states(times, `cpu${at}`)) : [],
    count: all.length,
  }
}
