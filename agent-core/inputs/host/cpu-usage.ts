// Shares of processor time between two readings.
import type { CpuTimes } from './ports.ts'

/** Percent; a state that the system does not have is undefined. */
export interface CpuUsage {
  readonly usage_user: number
  readonly usage_nice: number | undefined
  readonly usage_system: number
  readonly usage_idle: number
  readonly usage_iowait: number | undefined
  readonly usage_irq: number | undefined
  readonly usage_softirq: number | undefined
  readonly usage_steal: number | undefined
  readonly usage_guest: number | undefined
  readonly usage_guest_nice: number | undefined
  /** All but idle: waiting for disks and stolen time count as busy. */
  readonly usage_total: number
}

/** `backwards`: the counters as a whole went down; undefined: no time passed. */
export function cpuUsage(now: CpuTimes, before: CpuTimes): CpuUsage | 'backwards' | undefined {
  const delta = (state: Exclude<keyof CpuTimes, 'cpu'>): number => (now[state] ?? 0) - (before[state] ?? 0)
  const idle = delta('idle')
  // Guest time is inside user and nice already.
  const total =
    delta('user') +
    delta('nice') +
    delta('system') +
    idle +
    delta('iowait') +
    delta('irq') +
    delta('softirq') +
    delta('steal')
  if (total < 0) return 'backwards'
  if (total === 0) return undefined
  const share = (ticks: number): number => {
    const percent = (100 * ticks) / total
    // Single counters may step back a little (iowait does): nothing happened there.
    return percent < 0 || percent > 100 ? 0 : percent
  }
  const optional = (state: Exclude<keyof CpuTimes, 'cpu'>): number | undefined =>
    now[state] === undefined ? undefined : share(delta(state))
  return {
    usage_user: share(delta('user') - delta('guest')),
    usage_nice: now.nice === undefined ? undefined : share(delta('nice') - delta('guestNice')),
    usage_system: share(delta('system')),
    usage_idle: share(idle),
    usage_iowait: optional('iowait'),
    usage_irq: optional('irq'),
    usage_softirq: optional('softirq'),
    usage_steal: optional('steal'),
    usage_guest: optional('guest'),
    usage_guest_nice: optional('guestNice'),
    usage_total: share(total - idle),
  }
}
