// Processes from /proc: as few files a process as the query needs, and the cheap ones first.
import { readFileSync, readdirSync, readlinkSync, statSync, statfsSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AgentError, errnoOf } from '../../../kernel/errors.ts'
import type { Integer } from '../../../point/point.ts'
import { parseInteger } from '../counter.ts'
import { fullName, MAX_COMMAND_LINE, NO_USER } from '../processes.ts'
import type {
  PageFaults,
  ProcessIo,
  ProcessQuery,
  ProcessReader,
  ProcessReading,
  ProcessScan,
} from '../processes.ts'
import { readOptional, readSource } from '../source.ts'
import { listeners, type Listeners } from './listen-ports.ts'

/** USER_HZ: what /proc counts in, on every architecture that Node runs on. */
const TICKS = 100
/** Processes read before other work of the event loop has its turn: about 2 ms. */
const BATCH = 32
const KERNEL_THREAD = 0x0020_0000
/** The kernel cuts names here; the command line may know the rest. */
const COMM_LENGTH = 15

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleep',
  D: 'blocked',
  I: 'idle',
  T: 'stop',
  t: 'stop',
  Z: 'zombie',
  W: 'wait',
  L: 'lock',
}

export interface ProcStat {
  readonly comm: string
  readonly state: string
  readonly kernelThread: boolean
  readonly faults: PageFaults
  /** Seconds. */
  readonly userTime: number
  readonly systemTime: number
  readonly ioWaitTime: number
  readonly threads: number
  /** Seconds after boot. */
  readonly start: number
  /** Bytes. */
  readonly vms: Integer
}

/**
 * /proc/PID/stat: `pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime …`. The
 * name may hold blanks and parentheses: it ends at the last one.
 */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const words = text.slice(close + 2).split(' ')
  const at = (index: number): Integer => parseInteger(words[index] ?? '') ?? 0
  const seconds = (index: number): number => Number(words[index] ?? 0) / TICKS
  if (words.length < 21) return undefined
  return {
    comm: text.slice(open + 1, close),
    state: STATES[words[0]!] ?? '',
    kernelThread: (Number(words[6]) & KERNEL_THREAD) !== 0,
    faults: { minor: at(7), childMinor: at(8), major: at(9), childMajor: at(10) },
    userTime: seconds(11),
    systemTime: seconds(12),
    threads: Number(words[17]),
    start: seconds(19),
    vms: at(20),
    ioWaitTime: seconds(39),
  }
}

/** The number behind `key` at the start of a line; undefined when there is none. */
function lineValue(text: string, key: string): Integer | undefined {
  const at = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1
  if (at === 0 && !text.startsWith(key)) return undefined
  const digits = /\d+/y
  digits.lastIndex = at + key.length
  while (text[digits.lastIndex] === ' ' || text[digits.lastIndex] === '\t') digits.lastIndex++
  const found = digits.exec(text)
  return found ? parseInteger(found[0]) : undefined
}

function parseIo(text: string): ProcessIo | undefined {
  const readCalls = lineValue(text, 'syscr:')
  const writeCalls = lineValue(text, 'syscw:')
  const readBytes = lineValue(text, 'read_bytes:')
  const writeBytes = lineValue(text, 'write_bytes:')
  if (readCalls === undefined || writeCalls === undefined) return undefined
  if (readBytes === undefined || writeBytes === undefined) return undefined
  return { readCalls, writeCalls, readBytes, writeBytes }
}

/**
 * 64 hexadecimal digits at the end of a line of /proc/PID/cgroup: `…/docker/ID` (v1), `…/docker-ID.scope`,
 * `…/cri-containerd-ID.scope` (v2 or systemd).
 */
export function parseContainerId(text: string): string | undefined {
  return /[/-]([0-9a-f]{64})(?:\.scope)?$/m.exec(text)?.[1]
}

/** Arguments end with NUL; empty ones are left out, as is a name that a process wrote over its arguments. */
export function parseCommandLine(text: string): string {
  return text.split('\0').filter(Boolean).join(' ').slice(0, MAX_COMMAND_LINE)
}

/** uid -> name of `name:password:uid:…` lines; the first name of a uid counts. */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':', 3)
    if (!name || !uid || !/^\d+$/.test(uid)) continue
    if (!names.has(Number(uid))) names.set(Number(uid), name)
  }
  return names
}

interface Moment {
  readonly query: ProcessQuery
  /** Seconds since boot. */
  readonly uptime: number
  /** Unix seconds of the boot. */
  readonly bootTime: number
  readonly users: ReadonlyMap<number, string>
  readonly ports: Listeners | undefined
  /** Whether the folders are the kernel's own. */
  readonly sized: boolean
}

/** @param root prefix of /proc and /etc: "/" but in tests. */
export function linuxProcesses(root: string): ProcessReader {
  const proc = `${root.replace(/\/$/, '')}/proc`
  const passwd = passwdFile(`${root.replace(/\/$/, '')}/etc/passwd`)
  const containers = new ContainerIds()
  const sized = isProcfs(proc)

  return {
    async read(query): Promise<ProcessScan> {
      const moment: Moment = {
        query,
        uptime: Number.parseFloat(readSource(`${proc}/uptime`)),
        bootTime: Number(lineValue(readSource(`${proc}/stat`), 'btime') ?? 0),
        users: passwd(),
        sized,
        ports: query.listenPorts ? listeners() : undefined,
      }
      const memoryTotal = Number(lineValue(readSource(`${proc}/meminfo`), 'MemTotal:') ?? 0) * 1024
      const processes: ProcessReading[] = []
      let count = 0
      for (const name of list(proc)) {
        const first = name.charCodeAt(0)
        if (first < 49 || first > 57) continue
        const found = readProcess(`${proc}/${name}`, Number(name), moment, containers)
        if (found) processes.push(found)
        if (++count % BATCH === 0) await nextTurn()
      }
      containers.sweep()
      return { processes, memoryTotal, processors: 1 }
    },
    dispose() {},
  }
}

/** A process that ends while it is read, or that the query leaves out, gives undefined. */
function readProcess(
  folder: string,
  pid: number,
  moment: Moment,
  containers: ContainerIds,
): ProcessReading | undefined {
  const { query } = moment
  const stat = parseStat(readOptional(`${folder}/stat`) ?? '')
  if (!stat) return undefined
  const age = Math.max(0, moment.uptime - stat.start)
  if (age < query.minAge) return undefined
  if (query.metricsOnly && stat.kernelThread) return undefined
  const containerId = stat.kernelThread ? undefined : containers.of(folder, pid, stat.start)
  if (query.onlyContainers && containerId === undefined) return undefined
  const commandLine = stat.kernelThread ? '' : readCommandLine(folder)
  if (commandLine === undefined || (query.metricsOnly && commandLine === '')) return undefined
  const name = fullName(stat.comm, commandLine, COMM_LENGTH)
  if (query.metricsOnly && !query.matches(name)) return undefined
  const status = readOptional(`${folder}/status`)
  if (status === undefined) return undefined
  const uid = lineValue(status, 'Uid:')
  return {
    pid,
    name,
    commandLine,
    containerId,
    age,
    username: moment.users.get(Number(uid ?? -1)) ?? NO_USER,
    state: stat.state,
    startTime: moment.bootTime * 1000 + Math.round(stat.start * 1000),
    userTime: stat.userTime,
    systemTime: stat.systemTime,
    ioWaitTime: stat.ioWaitTime,
    // Without memory of its own (kernel threads, zombies) there is no such line.
    rss: kibibytes(lineValue(status, 'VmRSS:')),
    vms: stat.vms,
    threads: stat.threads,
    faults: stat.faults,
    switches: switchesOf(status),
    openFiles: countOpenFiles(`${folder}/fd`, moment.sized),
    io: parseIo(readOptional(`${folder}/io`) ?? ''),
    workDirectory: query.details ? link(`${folder}/cwd`) : undefined,
    listenPorts: moment.ports?.of(folder),
  }
}

const kibibytes = (value: Integer | undefined): Integer => Number(value ?? 0) * 1024

function switchesOf(status: string): ProcessReading['switches'] {
  const voluntary = lineValue(status, 'voluntary_ctxt_switches:')
  const involuntary = lineValue(status, 'nonvoluntary_ctxt_switches:')
  return voluntary === undefined || involuntary === undefined ? undefined : { voluntary, involuntary }
}

/** Undefined once the process is gone. */
function readCommandLine(folder: string): string | undefined {
  const text = readOptional(`${folder}/cmdline`)
  return text === undefined ? undefined : parseCommandLine(text)
}

/** Since Linux 6.2 the size of /proc/PID/fd is the number of its entries; before that it is 0. */
function countOpenFiles(path: string, sized: boolean): number | undefined {
  try {
    return (sized && statSync(path).size) || readdirSync(path).length
  } catch {
    return undefined
  }
}

/** Container of each process, by pid and start: it does not change while a process lives. */
class ContainerIds {
  #known = new Map<number, { readonly start: number; readonly id: string | undefined }>()
  #seen = new Map<number, { readonly start: number; readonly id: string | undefined }>()

  of(folder: string, pid: number, start: number): string | undefined {
    const known = this.#known.get(pid)
    const entry =
      known?.start === start ? known : { start, id: parseContainerId(readOptional(`${folder}/cgroup`) ?? '') }
    this.#seen.set(pid, entry)
    return entry.id
  }

  /** Forgets the processes that the last scan did not meet. */
  sweep(): void {
    this.#known = this.#seen
    this.#seen = new Map()
  }
}

/** The accounts, read again when the file changes. */
function passwdFile(path: string): () => ReadonlyMap<number, string> {
  let users = new Map<number, string>()
  let version: number | undefined
  return () => {
    try {
      const { mtimeMs } = statSync(path)
      if (mtimeMs !== version) users = parsePasswd(readFileSync(path, 'utf8'))
      version = mtimeMs
    } catch {
      // No such file: numbers have no names.
    }
    return users
  }
}

const PROC_MAGIC = 0x9fa0

function isProcfs(path: string): boolean {
  try {
    return statfsSync(path).type === PROC_MAGIC
  } catch {
    return false
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    throw new AgentError('INPUT_SOURCE', `${path} (${errnoOf(error) ?? 'unreadable'})`, { cause: error })
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
