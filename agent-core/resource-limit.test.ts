import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyResourceLimit, type LimitWorld } from './resource-limit.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'limit-'))
  mkdirSync(join(root, 'proc/self'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const LIMIT = { enable: true, cpu_cores: 1.5, mem_max_mb: 512, path: '/datakit', disable_oom: false }
const world = (rest: Partial<LimitWorld> = {}): LimitWorld => ({
  root,
  platform: 'linux',
  uid: 0,
  pid: 4711,
  cpus: 8,
  ...rest,
})

function tree(mounts: string, groups: string, dirs: readonly string[]): void {
  writeFileSync(join(root, 'proc/self/mounts'), mounts)
  writeFileSync(join(root, 'proc/self/cgroup'), groups)
  for (const dir of dirs) mkdirSync(join(root, dir), { recursive: true })
}
const v2 = (group = '/system.slice/datakit.service'): void =>
  tree('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n', `0::${group}\n`, ['sys/fs/cgroup'])
const v1 = (memory = '/'): void =>
  tree(
    'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
    `5:memory:${memory}\n4:cpu,cpuacct:/\n0::/\n`,
    ['sys/fs/cgroup/cpu,cpuacct', 'sys/fs/cgroup/memory'],
  )
const text = (path: string): string => readFileSync(join(root, 'sys/fs/cgroup', path), 'utf8')

describe('resource_limit', () => {
  it('limits by version 2, level by level', () => {
    v2()
    expect(applyResourceLimit({ ...LIMIT, path: '/agents/datakit' }, world())).toEqual({
      text: 'cpu 1.5, memory 512 MB',
      diagnostics: [],
      log: [],
    })
    expect([text('cgroup.subtree_control'), text('agents/cgroup.subtree_control')]).toEqual([
      '+cpu +memory',
      '+cpu +memory',
    ])
    expect([text('agents/datakit/cpu.max'), text('agents/datakit/memory.max')]).toEqual([
      '150000 100000',
      '536870912',
    ])
    expect(text('agents/datakit/cgroup.procs')).toBe('4711')
  })

  it('limits by version 1, with the OOM killer off where asked', () => {
    v1()
    expect(applyResourceLimit({ ...LIMIT, disable_oom: true }, world()).text).toBe('cpu 1.5, memory 512 MB')
    expect(text('cpu,cpuacct/datakit/cpu.cfs_quota_us')).toBe('150000')
    expect(text('memory/datakit/memory.limit_in_bytes')).toBe('536870912')
    expect(text('memory/datakit/memory.oom_control')).toBe('1')
    expect(text('memory/datakit/cgroup.procs')).toBe('4711')
  })

  it('leaves the process where another supervisor has put it, controller by controller', () => {
    v1('/docker/0123')
    const { text: applied, diagnostics } = applyResourceLimit(LIMIT, world())
    expect(applied).toBe('cpu 1.5')
    expect(diagnostics).toMatchObject([{ code: 'KERNEL_LIMIT', severity: 'notice' }])
    expect(diagnostics[0]!.message).toContain('/docker/0123')
    expect(existsSync(join(root, 'sys/fs/cgroup/memory/datakit'))).toBe(false)
  })

  it('takes 2 cores for 0, and needs no limit where there are no more', () => {
    v2()
    expect(applyResourceLimit({ ...LIMIT, cpu_cores: 0, mem_max_mb: 0 }, world()).text).toBe('cpu 2')
    expect(applyResourceLimit({ ...LIMIT, cpu_cores: 4, mem_max_mb: 0 }, world({ cpus: 4 })).text).toBe('-')
  })

  it('says why it cannot, and the agent runs on', () => {
    tree('', '', [])
    expect(applyResourceLimit(LIMIT, world())).toMatchObject({
      text: '-',
      diagnostics: [
        { code: 'KERNEL_LIMIT', path: 'resource_limit' },
        { code: 'KERNEL_LIMIT', path: 'resource_limit' },
      ],
    })
  })

  it('logs only, where the limits are the defaults that nobody asked for', () => {
    tree('', '', [])
    const defaults = { ...LIMIT, cpu_cores: 2, mem_max_mb: 4096 }
    expect(applyResourceLimit(defaults, world())).toMatchObject({
      diagnostics: [],
      log: [expect.any(String), expect.any(String)],
    })
  })

  it.each([
    ['switched off', { ...LIMIT, enable: false }, {}],
    ['for other users than root', LIMIT, { uid: 1000 }],
    ['on macOS', LIMIT, { platform: 'darwin' as const }],
    ['on Windows', LIMIT, { platform: 'win32' as const, uid: undefined }],
  ])('does nothing %s', (_when, limit, rest) => {
    v2()
    expect(applyResourceLimit(limit, world(rest))).toEqual({ text: '-', diagnostics: [], log: [] })
    expect(existsSync(join(root, 'sys/fs/cgroup/datakit'))).toBe(false)
  })
})
