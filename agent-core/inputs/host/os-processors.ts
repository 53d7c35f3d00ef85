// Processors where only node:os tells of them: one entry a model.
import type { IdentityOs, Processor } from './identity.ts'

const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/intel/i, 'GenuineIntel'],
  [/\bamd\b/i, 'AuthenticAMD'],
  [/apple/i, 'Apple'],
  [/qualcomm|snapdragon/i, 'Qualcomm'],
]

export function describedByOs(os: Pick<IdentityOs, 'cpus'>): Processor[] {
  const groups = Map.groupBy(os.cpus(), (cpu) => cpu.model.trim())
  return [...groups].map(([model, group]) => ({
    model,
    vendorId: VENDORS.find(([pattern]) => pattern.test(model))?.[1] ?? '',
    cores: group.length,
    mhz: group[0]!.speed,
    cacheSize: 0,
  }))
}
