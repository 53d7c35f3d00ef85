// Processor times from /proc/stat and core temperatures from /sys/class/hwmon.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError } from '../../../kernel/errors.ts'
import type { CpuReader, CpuReading, CpuTimes } from '../ports.ts'
import { Scanner } from '../scanner.ts'
import { readLine, readSource } from '../source.ts'

/**
 * cpu[N] user nice system idle [iowait irq softirq steal guest guest_nice]; old kernels end the line earlier.
 * `count` is the number of cpuN lines: the processors that are online.
 */
export function parseProcStat(text: string, perCore: boolean): CpuReading | undefined {
  const scan = new Scanner(text)
  if (scan.word() !== 'cpu') return undefined
  const total = times('cpu-total', scan)
  const cores: CpuTimes[] = []
  let count = 0
  for (scan.nextLine(); scan.more; scan.nextLine()) {
    const name = scan.word()
    if (!name.startsWith('cpu')) break
    count++
    if (perCore) cores.push(times(name, scan))
  }
  return { total, cores, count }
}

const times = (cpu: string, scan: Scanner): CpuTimes => ({
  cpu,
  user: scan.number(),
  nice: scan.number(),
  system: scan.number(),
  idle: scan.number(),
  iowait: scan.number(),
  irq: scan.number(),
  softirq: scan.number(),
  steal: scan.number(),
  guest: scan.number(),
  guestNice: scan.number(),
})

export function linuxCpu(root: string): CpuReader {
  const path = join(root, 'proc/stat')
  let sensors: readonly string[] | undefined
  return {
    read(perCore) {
      const reading = parseProcStat(readSource(path), perCore)
      if (!reading) throw new AgentError('INPUT_SOURCE', `${path} (no cpu line)`)
      return reading
    },
    temperature() {
      sensors ??= coreSensors(join(root, 'sys/class/hwmon'))
      let sum = 0
      let count = 0
      for (const sensor of sensors) {
        const milli = Number(readLine(sensor) ?? Number.NaN)
        if (Number.isNaN(milli)) continue
        sum += milli / 1000
        count++
      }
      return count === 0 ? undefined : sum / count
    },
  }
}

/** Paths of `tempN_input` of every hwmon chip named coretemp; before Linux 3.15 they lie in `device/`. */
function coreSensors(base: string): string[] {
  const found: string[] = []
  for (const chip of list(base)) {
    for (const folder of [join(base, chip), join(base, chip, 'device')]) {
      if (readLine(join(folder, 'name')) !== 'coretemp') continue
      const inputs = list(folder).filter((file) => file.startsWith('temp') && file.endsWith('_input'))
      found.push(...inputs.map((file) => join(folder, file)))
      if (inputs.length > 0) break
    }
  }
  return found
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
