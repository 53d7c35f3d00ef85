// [resource_limit]: this process into a Linux control group of its own (spec config-and-lifecycle.md section 2). Each
// controller is found in /proc, version 1 or 2. As root only, and only out of the root group or a systemd unit: where a
// container runtime or another supervisor has put the process, it stays.
//
//   cpu      v1 cpu.cfs_period_us, cpu.cfs_quota_us   v2 cpu.max
//   memory   v1 memory.limit_in_bytes, oom_control    v2 memory.max
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatakitConfig } from './config/settings.ts'
import { diagnostic, type Diagnostic } from './kernel/diagnostic.ts'
import { errorText } from './kernel/errors.ts'

export interface LimitWorld {
  /** Prefix of /proc and of the control groups' mounts: "/" but in tests. */
  readonly root: string
  readonly platform: NodeJS.Platform
  /** Effective user; undefined on Windows. */
  readonly uid: number | undefined
  readonly pid: number
  readonly cpus: number
}

export interface AppliedLimit {
  /** For people: `cpu 1.5, memory 512 MB`; `-` where nothing limits. */
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
  readonly log: readonly string[]
}

export const NO_LIMIT: AppliedLimit = { text: '-', diagnostics: [], log: [] }

type Controller = 'cpu' | 'memory'

interface Group {
  readonly version: 1 | 2
  /** Where the controller's groups are mounted. */
  readonly mount: string
  /** The process's present group. */
  readonly path: string
}

const PERIOD_US = 100_000
const OWN_UNIT = /^\/$|\.(?:slice|service|scope)$/

/** Cores that a configuration allows: 0 or less means 2, never more than there are. */
export const allowedCores = ({ cpu_cores: cores }: DatakitConfig['resource_limit'], cpus: number): number =>
  Math.min(cpus, cores > 0 ? cores : 2)

const isDefault = (limit: DatakitConfig['resource_limit']): boolean =>
  limit.cpu_cores === 2 && limit.mem_max_mb === 4096 && limit.path === '/datakit'

/** The defaults are tried only: where nobody asked for a limit, its absence is worth a line of the log. */
export function applyResourceLimit(limit: DatakitConfig['resource_limit'], world: LimitWorld): AppliedLimit {
  if (!limit.enable || world.platform !== 'linux' || world.uid !== 0) return NO_LIMIT
  const cores = allowedCores(limit, world.cpus)
  const wanted: { controller: Controller; text: string; files: (group: Group) => readonly File[] }[] = []
  if (cores < world.cpus)
    wanted.push({ controller: 'cpu', text: `cpu ${cores}`, files: (group) => cpuFiles(group, cores) })
  if (limit.mem_max_mb > 0)
    wanted.push({
      controller: 'memory',
      text: `memory ${limit.mem_max_mb} MB`,
      files: (group) => memoryFiles(group, limit.mem_max_mb, limit.disable_oom),
    })
  const applied: string[] = []
  const diagnostics: Diagnostic[] = []
  for (const { controller, text, files } of wanted)
    try {
      const group = findGroup(controller, world.root)
      if (!OWN_UNIT.test(group.path))
        throw new Error(`another supervisor keeps this process in ${group.path}`)
      enter(group, limit.path, files(group), world)
      applied.push(text)
    } catch (error) {
      diagnostics.push(
        diagnostic('KERNEL_LIMIT', `${controller}: ${errorText(error)}`, {
          severity: 'notice',
          path: 'resource_limit',
        }),
      )
    }
  return {
    text: applied.length > 0 ? applied.join(', ') : '-',
    diagnostics: isDefault(limit) ? [] : diagnostics,
    log: diagnostics.map(({ message }) => message),
  }
}

type File = readonly [name: string, text: string]

const cpuFiles = ({ version }: Group, cores: number): readonly File[] => {
  const quota = Math.round(cores * PERIOD_US)
  return version === 2
    ? [['cpu.max', `${quota} ${PERIOD_US}`]]
    : [
        ['cpu.cfs_period_us', String(PERIOD_US)],
        ['cpu.cfs_quota_us', String(quota)],
      ]
}

function memoryFiles({ version }: Group, mb: number, disableOom: boolean): readonly File[] {
  const bytes = String(mb * 1024 * 1024)
  if (version === 2) return [['memory.max', bytes]]
  return [['memory.limit_in_bytes', bytes], ...(disableOom ? [['memory.oom_control', '1'] as const] : [])]
}

function findGroup(controller: Controller, root: string): Group {
  const own = readFileSync(join(root, 'proc/self/cgroup'), 'utf8')
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  const mounts = readFileSync(join(root, 'proc/self/mounts'), 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
  const v1 = own.find((match) => match?.[1]!.split(',').includes(controller))
  const mount1 = mounts.find((m) => m[2] === 'cgroup' && m[3]!.split(',').includes(controller))
  if (v1 && mount1) return { version: 1, mount: mount1[1]!, path: v1[2]! }
  const v2 = own.find((match) => match?.[1] === '')
  const mount2 = mounts.find((m) => m[2] === 'cgroup2')
  if (!v2 || !mount2) throw new Error('this system has no control group for it')
  return { version: 2, mount: mount2[1]!, path: v2[2]! }
}

function enter({ version, mount }: Group, path: string, files: readonly File[], world: LimitWorld): void {
  let dir = join(world.root, mount)
  for (const part of path.split('/').filter((one) => one !== '' && one !== '..')) {
    // Version 2 hands controllers down level by level.
    if (version === 2) writeFileSync(join(dir, 'cgroup.subtree_control'), '+cpu +memory')
    dir = join(dir, part)
    mkdirSync(dir, { recursive: true })
  }
  for (const [name, text] of [...files, ['cgroup.procs', String(world.pid)] as const])
    writeFileSync(join(dir, name), text)
}
