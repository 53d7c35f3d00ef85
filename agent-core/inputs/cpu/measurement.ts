// What the cpu collector emits.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const percent = (desc: string, platforms?: readonly NodeJS.Platform[]): FieldInfo => ({
  type: 'float',
  unit: 'percent',
  desc,
  ...(platforms ? { platforms } : {}),
})

export const cpuMeasurement: MeasurementInfo = {
  name: 'cpu',
  category: 'metric',
  desc: 'Shares of processor time since the last round.',
  tags: { cpu: 'cpu-total, or cpu0, cpu1, ... with percpu' },
  fields: {
    usage_user: percent('In user programs, without guests.'),
    usage_nice: percent('In user programs of lowered priority, without guests.', ['linux', 'darwin']),
    usage_system: percent('In the kernel.'),
    usage_idle: percent('Doing nothing.'),
    usage_iowait: percent('Idle while a disk is waited for.', ['linux']),
    usage_irq: percent('Serving interrupts; on Windows for single processors only.', ['linux', 'win32']),
    usage_softirq: percent('Serving soft interrupts.', ['linux']),
    usage_steal: percent('Taken by the hypervisor for others.', ['linux']),
    usage_guest: percent('Running virtual machines.', ['linux']),
    usage_guest_nice: percent('Running virtual machines of lowered priority.', ['linux']),
    usage_total: percent('All but idle; iowait and steal count as busy.'),
    core_temperature: {
      type: 'float',
      unit: 'degC',
      desc: 'Mean of the core sensors, on cpu-total only.',
      platforms: ['linux'],
    },
    load5s: {
      type: 'int',
      unit: 'count',
      desc: 'Load of the last 5 seconds, derived from the load average.',
    },
  },
}
