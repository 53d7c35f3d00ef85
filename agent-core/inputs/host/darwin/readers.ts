// macOS behind the ports: node:os, the system's own tools, systeminformation for what they tell only in prose.
import { AgentError } from '../../../kernel/errors.ts'
import type { RunCommand } from '../commands.ts'
import { cpuReading, type OsFacts } from '../os-facts.ts'
import type { HostReaders, MemoryReading, SystemReader } from '../ports.ts'
import { parseIoreg, parseMount, parseNetstat, parseSwapUsage, parseVmStat } from './parse.ts'

export interface DarwinSources {
  readonly os: OsFacts
  readonly run: RunCommand
  /** systeminformation, loaded on first use. */
  information(): Promise<{ users(): Promise<readonly unknown[]> }>
}

export function darwinReaders(sources: DarwinSources): HostReaders {
  const { os, run } = sources
  return {
    cpu: () => ({
      read: (perCore) =>
        cpuReading(os, perCore, ({ user, nice, sys, idle }, cpu) => ({ cpu, user, nice, system: sys, idle })),
      temperature: () => undefined,
    }),
    load: () => ({
      read() {
        const [load1 = 0, load5 = 0, load15 = 0] = os.loadavg()
        return { load1, load5, load15 }
      },
    }),
    memory: () => ({ read: async () => memoryReading(os.totalmem(), await run('vm_stat', [])) }),
    swap: () => ({
      async read() {
        const swap = parseSwapUsage(await run('sysctl', ['-n', 'vm.swapusage']))
        if (!swap) throw unexpected('sysctl -n vm.swapusage')
        return swap
      },
    }),
    mounts: () => ({ read: async () => parseMount(await run('mount', [])) }),
    diskIo: () => ({
      read: async () => parseIoreg(await run('ioreg', ['-c', 'IOBlockStorageDriver', '-r', '-l', '-w0'])),
      describe: () => ({ serial: undefined, links: [], properties: new Map() }),
    }),
    net: () => ({
      async read() {
        const text = await run('netstat', ['-ibdnW'])
        const interfaces = parseNetstat(text)
        if (interfaces.length === 0 && !text.includes('Ipkts')) throw unexpected('netstat -ibdnW')
        return interfaces
      },
      protocols: () => undefined,
    }),
    system: () => darwinSystem(sources),
    dispose() {},
  }
}

const unexpected = (command: string): AgentError =>
  new AgentError('INPUT_SOURCE', `${command} (unexpected output)`)

function memoryReading(total: number, vmStat: string): MemoryReading {
  const stats = parseVmStat(vmStat)
  const of = (key: string): number => stats.get(key) ?? 0
  if (!stats.has('Pages free')) throw unexpected('vm_stat')
  // The kernel counts speculative pages as free; vm_stat takes them out of its first row.
  const free = of('Pages free') + of('Pages speculative')
  const inactive = of('Pages inactive')
  const available = Math.min(total, free + inactive)
  return {
    total,
    available,
    used: total - available,
    details: { active: of('Pages active'), free, inactive, wired: of('Pages wired down') },
  }
}

function darwinSystem({ os, run, information }: DarwinSources): SystemReader {
  return {
    uptime: () => Math.trunc(os.uptime()),
    async processCount() {
      const pids = await run('ps', ['-axo', 'pid='])
      return pids.split('\n').filter((line) => line.trim() !== '').length
    },
    userCount: async () => (await (await information()).users()).length,
    conntrack: () => undefined,
    fileHandles: () => undefined,
  }
}
