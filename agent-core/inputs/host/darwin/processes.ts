// Processes of macOS by ps: three calls a scan whatever the number of processes, and lsof when ports are wanted.
import type { Clock } from '../../../kernel/clock.ts'
import type { RunCommand } from '../commands.ts'
import type { OsFacts } from '../os-facts.ts'
import { fullName, MAX_COMMAND_LINE, NO_USER, wanted } from '../processes.ts'
import type { ProcessReader, ProcessReading } from '../processes.ts'

/** First letter of ps's state; U waits without a way to interrupt it. */
const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleep',
  I: 'idle',
  U: 'blocked',
  T: 'stop',
  Z: 'zombie',
}
/** The kernel cuts names to 16 characters. */
const NAME_LENGTH = 15

export interface DarwinProcessSources {
  readonly run: RunCommand
  readonly os: Pick<OsFacts, 'totalmem'>
  readonly clock: Clock
}

export function darwinProcesses({ run, os, clock }: DarwinProcessSources): ProcessReader {
  /** Dates of ps are local time: asked in UTC they can be read whatever the zone. */
  const ps = (...args: string[]): Promise<string> => run('/usr/bin/env', ['TZ=UTC0', '/bin/ps', ...args])
  return {
    async read(query) {
      const [table, names, threads, ports] = await Promise.all([
        ps('-axww', '-o', 'pid=,user=,state=,lstart=,utime=,time=,rss=,vsz=,command='),
        ps('-ax', '-o', 'pid=,ucomm='),
        ps('-axM', '-o', 'pid='),
        // lsof exits with 1 when nothing listens.
        query.listenPorts
          ? run('/usr/sbin/lsof', ['-nP', '-iTCP', '-sTCP:LISTEN', '-Fpn']).catch(() => '')
          : undefined,
      ])
      const now = clock.now()
      const nameOf = parseNames(names)
      const threadsOf = countByPid(threads)
      const portsOf = ports === undefined ? undefined : parseLsof(ports)
      const processes: ProcessReading[] = []
      for (const row of parsePs(table)) {
        const comm = nameOf.get(row.pid)
        if (comm === undefined) continue
        const process: ProcessReading = {
          ...row,
          name: fullName(comm, row.commandLine, NAME_LENGTH),
          age: Math.max(0, now - row.startTime) / 1000,
          threads: threadsOf.get(row.pid),
          listenPorts: portsOf && (portsOf.get(row.pid) ?? []),
        }
        if (wanted(process, query)) processes.push(process)
      }
      return { processes, memoryTotal: os.totalmem(), processors: 1 }
    },
    dispose() {},
  }
}

type PsRow = Omit<ProcessReading, 'name' | 'age' | 'threads' | 'listenPorts'>

const PS_LINE =
  /^\s*(\d+)\s+(\S+)\s+(\S+)\s+\w{3}\s+(\w{3}\s+\d{1,2}\s+[\d:]{8}\s+\d{4})\s+(\S+)\s+(\S+)\s+(\d+)\s+(\d+)\s*(.*)$/

/** pid user state lstart utime time rss(KiB) vsz(KiB) command; the command of a zombie or of the kernel is in (). */
function parsePs(text: string): PsRow[] {
  return text.split('\n').flatMap((line) => {
    const match = PS_LINE.exec(line)
    if (!match) return []
    const [, pid, user, state, start, userTime, time, rss, vms, command] = match as unknown as string[]
    const user_ = parseCpuTime(userTime!)
    return {
      pid: Number(pid),
      username: /^\d+$/.test(user!) ? NO_USER : user!,
      commandLine: /^\(.*\)$/.test(command!) ? '' : command!.trimEnd().slice(0, MAX_COMMAND_LINE),
      state: STATES[state![0]!],
      startTime: Date.parse(`${start!} UTC`),
      userTime: user_,
      systemTime: Math.max(0, Math.round((parseCpuTime(time!) - user_) * 100) / 100),
      rss: Number(rss) * 1024,
      vms: Number(vms) * 1024,
    }
  })
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in seconds; minutes may pass 60. */
export function parseCpuTime(text: string): number {
  const [clock, days] = text.split('-').toReversed()
  const seconds = clock!.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return seconds + Number(days ?? 0) * 86_400
}

/** pid ucomm: the name may hold blanks. */
function parseNames(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(.*?)\s*$/.exec(line)
    if (match) names.set(Number(match[1]), match[2]!)
  }
  return names
}

/** With -M there is a line a thread. */
function countByPid(text: string): Map<number, number> {
  const counts = new Map<number, number>()
  for (const line of text.split('\n')) {
    const pid = Number.parseInt(line, 10)
    if (!Number.isNaN(pid)) counts.set(pid, (counts.get(pid) ?? 0) + 1)
  }
  return counts
}

/** `p<pid>` starts a process, `n<address>:<port>` is one of its sockets, other lines are of no interest. */
function parseLsof(text: string): Map<number, number[]> {
  const ports = new Map<number, number[]>()
  let list: number[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('p')) {
      list = []
      ports.set(Number(line.slice(1)), list)
    } else if (line.startsWith('n')) {
      const port = Number(line.slice(line.lastIndexOf(':') + 1))
      if (!list.includes(port)) list.push(port)
    }
  }
  for (const found of ports.values()) found.sort((a, b) => a - b)
  return ports
}
