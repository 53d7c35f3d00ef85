import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../kernel/clock.ts'
import { AgentError } from '../../kernel/errors.ts'
import { darwinProcesses, parseCpuTime } from './darwin/processes.ts'
import { parseCommandLine, parseContainerId, parsePasswd, parseStat } from './linux/processes.ts'
import type { ProcessQuery } from './processes.ts'
import type { CimQuery, CimRow } from './windows/cim-session.ts'
import { windowsProcesses } from './windows/processes.ts'

const testdata = (file: string): string =>
  readFileSync(join(import.meta.dirname, '../host_processes/testdata', file), 'utf8')
const NOW = Date.UTC(2026, 10, 21, 14)
const GIB = 1024 ** 3
const all: ProcessQuery = {
  minAge: 0,
  onlyContainers: false,
  metricsOnly: false,
  matches: () => true,
  details: true,
  listenPorts: true,
}

describe('macOS', () => {
  const calls: string[] = []
  const reader = darwinProcesses({
    clock: new FakeClock(NOW),
    os: { totalmem: () => 8 * GIB },
    run: (file, args) => {
      const call = [file, ...args].join(' ')
      calls.push(call)
      if (call.includes('lsof')) return Promise.resolve(testdata('darwin/lsof.txt'))
      if (call.includes('-axM')) return Promise.resolve(testdata('darwin/threads.txt'))
      return Promise.resolve(testdata(call.includes('ucomm') ? 'darwin/names.txt' : 'darwin/ps.txt'))
    },
  })

  test('reads what ps tells', async () => {
    const { processes, memoryTotal, processors } = await reader.read(all)
    expect([memoryTotal, processors]).toEqual([8 * GIB, 1])
    expect(processes.map((p) => [p.pid, p.name, p.state, p.username])).toEqual([
      [1, 'launchd', 'sleep', 'root'],
      [312, 'WindowServer', 'sleep', '_windowserver'],
      [977, 'login', 'idle', 'nobody'],
      [981, 'Google Chrome He', 'sleep', 'mira'],
      [1204, 'dd', 'blocked', 'mira'],
      [1300, 'node', 'zombie', 'mira'],
      [1301, 'a-very-long-program-name', 'running', 'mira'],
    ])
    expect(processes[3]).toEqual({
      pid: 981,
      name: 'Google Chrome He',
      username: 'mira',
      state: 'sleep',
      commandLine: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome --type=renderer --lang=en',
      startTime: Date.UTC(2026, 10, 21, 12, 59),
      age: 3660,
      userTime: 41,
      systemTime: 18.5,
      rss: 204_800 * 1024,
      vms: 46_000_128 * 1024,
      threads: 2,
      listenPorts: [9222],
    })
    expect(processes[1]?.listenPorts).toEqual([5000, 7000])
    expect(processes[5]).toMatchObject({ commandLine: '', rss: 0 })
    expect(processes[6]?.startTime).toBe(Date.UTC(2026, 10, 7, 13, 59, 59))
  })

  test('asks only what is wanted', async () => {
    calls.length = 0
    const query = {
      ...all,
      metricsOnly: true,
      listenPorts: false,
      minAge: 600,
      matches: (n: string) => n !== 'login',
    }
    const { processes } = await reader.read(query)
    expect(processes.map((p) => p.pid)).toEqual([1, 312, 981, 1301])
    expect(calls).toHaveLength(3)
    expect(calls.every((call) => call.startsWith('/usr/bin/env TZ=UTC0 /bin/ps '))).toBe(true)
  })

  test.each([
    ['0:00.05', 0.05],
    ['112:09.80', 6729.8],
    ['02:03:04', 7384],
    ['1-02:03:04.50', 93_784.5],
  ])('%s is %d s', (text, seconds) => expect(parseCpuTime(text)).toBeCloseTo(seconds, 6))
})

describe('Windows', () => {
  const recorded = JSON.parse(testdata('windows/cim.json')) as Record<string, CimRow[]>
  function open(answers: Record<string, CimRow[]> = recorded) {
    const asked: string[] = []
    let released = false
    const reader = windowsProcesses({
      clock: new FakeClock(NOW),
      os: { totalmem: () => 16 * GIB, cpus: () => [1, 2, 3, 4].map(() => ({ times: ZERO })) },
      cim: {
        query({ className }: CimQuery) {
          asked.push(className)
          const rows = answers[className]
          return rows
            ? Promise.resolve(rows)
            : Promise.reject(new AgentError('INPUT_SOURCE', `${className} (access denied)`))
        },
      },
      release: () => (released = true),
    })
    return { reader, asked, isReleased: () => released }
  }
  const ZERO = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 }

  test('reads what CIM tells, without the idle process', async () => {
    const { reader, asked, isReleased } = open()
    const { processes, processors, memoryTotal } = await reader.read(all)
    expect([processors, memoryTotal]).toEqual([4, 16 * GIB])
    expect(processes.map((p) => [p.pid, p.username])).toEqual([
      [4, 'LAB\\SYSTEM'],
      [4812, 'LAB\\mssql svc'],
      [5100, 'nobody'],
    ])
    expect(processes[1]).toEqual({
      pid: 4812,
      name: 'sqlservr.exe',
      username: 'LAB\\mssql svc',
      commandLine: '"C:\\Program Files\\SQL\\sqlservr.exe" -sMSSQLSERVER',
      startTime: Date.UTC(2026, 10, 21, 13, 43, 20),
      age: 1000,
      userTime: 25,
      systemTime: 15,
      rss: GIB,
      vms: 2 * GIB,
      threads: 61,
      io: { readCalls: 10, writeCalls: 20, readBytes: 30, writeBytes: 40 },
      listenPorts: [1433, 1434],
    })
    expect(processes[0]?.io).toMatchObject({
      writeCalls: 9007199254740993n,
      readBytes: 18446744073709551615n,
    })
    expect(processes[2]?.io).toBeUndefined()

    await reader.read({ ...all, listenPorts: false })
    expect(asked, 'accounts are asked for once').toEqual([
      'Win32_Process',
      'Win32_SessionProcess',
      'Win32_LoggedOnUser',
      'MSFT_NetTCPConnection',
      'Win32_Process',
      'Win32_SessionProcess',
    ])
    reader.dispose()
    expect(isReleased()).toBe(true)
  })

  test('without the right to see sessions everybody is nobody; without processes it fails', async () => {
    const { reader } = open({ Win32_Process: recorded['Win32_Process']! })
    const { processes } = await reader.read({ ...all, listenPorts: false })
    expect(processes.map((p) => p.username)).toEqual(['nobody', 'nobody', 'nobody'])
    await expect(open({}).reader.read(all)).rejects.toMatchObject({ code: 'INPUT_SOURCE' })
  })
})

describe('/proc', () => {
  const tail =
    ' S 1 1 1 0 -1 4194304 9007199254740993 2 3 4 150 50 0 0 20 0 7 0 500 1000 2 18446744073709551615 0 0'
  test.each(['plain', 'two words', 'a) b', '((', '))', 'x) S 9 (y', ''])(
    'finds the end of the name %j',
    (comm) => {
      expect(parseStat(`42 (${comm})${tail}\n`)).toMatchObject({
        comm,
        state: 'sleep',
        userTime: 1.5,
        systemTime: 0.5,
        threads: 7,
        start: 5,
        vms: 1000,
        faults: { minor: 9007199254740993n, childMinor: 2, major: 3, childMajor: 4 },
      })
    },
  )
  test.each(['', '42', '42 (cut', '42 (cut) S 1 2'])('%j is no stat line', (text) =>
    expect(parseStat(text)).toBeUndefined(),
  )

  const id = 'ab'.repeat(32)
  test.each([
    [`12:memory:/docker/${id}\n`, id],
    [`0::/system.slice/docker-${id}.scope\n`, id],
    [`0::/kubepods.slice/x/cri-containerd-${id}.scope\n`, id],
    [`9:name=systemd:/\n0::/libpod-${id}.scope\n`, id],
    [`0::/system.slice/ssh.service\n`, undefined],
    [`0::/docker/${id}/init\n`, undefined],
    [`0::/docker/${id.slice(1)}\n`, undefined],
    ['', undefined],
  ])('container of %j', (text, expected) => expect(parseContainerId(text)).toBe(expected))

  test('command lines and accounts', () => {
    expect(parseCommandLine('a\0\0b c\0')).toBe('a b c')
    expect(parseCommandLine('')).toBe('')
    expect(parseCommandLine('x'.repeat(40_000))).toHaveLength(32_768)
    expect([...parsePasswd('root:x:0:0::/:/sh\nalias:x:0:0\nbad\n+::::\nweb:x:33:33:')]).toEqual([
      [0, 'root'],
      [33, 'web'],
    ])
  })
})
