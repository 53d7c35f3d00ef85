// Load, uptime, processes, users, connection tracking and file handles from /proc and utmp.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError, errnoOf } from '../../../kernel/errors.ts'
import { parseInteger } from '../counter.ts'
import type { ConntrackReading, FileHandles, LoadReader, LoadReading, SystemReader } from '../ports.ts'
import { Scanner } from '../scanner.ts'
import { readLine, readOptional, readSource } from '../source.ts'

/** `load1 load5 load15 running/threads last_pid` */
export function parseLoadavg(text: string): LoadReading | undefined {
  const [load1, load5, load15] = text.split(' ', 3).map(Number)
  if (load1 === undefined || load5 === undefined || load15 === undefined) return undefined
  return Number.isNaN(load1 + load5 + load15) ? undefined : { load1, load5, load15 }
}

export function linuxLoad(root: string): LoadReader {
  const path = join(root, 'proc/loadavg')
  return {
    read() {
      const load = parseLoadavg(readSource(path))
      if (!load) throw new AgentError('INPUT_SOURCE', `${path} (not three numbers)`)
      return load
    },
  }
}

/** One line of headings, then a line of hexadecimal counters a processor. Sums by heading. */
export function parseConntrackStat(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const keys = lines.shift()?.trim().split(/\s+/) ?? []
  const sums: Record<string, number> = {}
  for (const line of lines) {
    const values = line.trim().split(/\s+/)
    for (const [at, key] of keys.entries())
      sums[key] = (sums[key] ?? 0) + (Number.parseInt(values[at] ?? '0', 16) || 0)
  }
  return sums
}

const USER_PROCESS = 7
/** sizeof(struct utmp): glibc keeps 32-bit times on most machines, not on ARM64. */
const UTMP_SIZES: Readonly<Record<string, number>> = { arm64: 400 }

/** Records of logged-in users; the record type is the first 16 bits, little endian. */
export function countUsers(utmp: Buffer, recordSize: number): number {
  let users = 0
  for (let at = 0; at + recordSize <= utmp.length; at += recordSize)
    if (utmp.readInt16LE(at) === USER_PROCESS) users++
  return users
}

export function linuxSystem(root: string, arch: string = process.arch): SystemReader {
  const at = (path: string) => join(root, path)
  return {
    uptime() {
      const path = at('proc/uptime')
      const seconds = Number.parseFloat(readSource(path))
      if (Number.isNaN(seconds)) throw new AgentError('INPUT_SOURCE', `${path} (not a number)`)
      return Math.trunc(seconds)
    },
    processCount: () => countProcesses(at('proc')),
    userCount() {
      for (const path of ['run/utmp', 'var/run/utmp']) {
        if (!existsSync(at(path))) continue
        try {
          return countUsers(readFileSync(at(path)), UTMP_SIZES[arch] ?? 384)
        } catch {
          // Not ours to read.
        }
      }
      return countSessions(at('run/systemd'))
    },
    conntrack: () => readConntrack(root),
    fileHandles: () => readFileHandles(at('proc/sys/fs/file-nr')),
  }
}

/** Systems that gave utmp up keep a file a login session, beside pipes that must not be read. */
function countSessions(systemd: string): number | undefined {
  const folder = join(systemd, 'sessions')
  // Its folders may be there without it; this one is the sign that it runs.
  if (!existsSync(join(systemd, 'system')) || !existsSync(folder)) return undefined
  const sessions = readdirSync(folder).filter((name) => /^[a-z]?\d+$/.test(name))
  return sessions.filter((name) => /^CLASS=user$/m.test(readOptional(join(folder, name)) ?? '')).length
}

function countProcesses(folder: string): number {
  let count = 0
  try {
    for (const name of readdirSync(folder)) {
      const first = name.charCodeAt(0)
      if (first >= 49 && first <= 57) count++
    }
  } catch (error) {
    throw new AgentError('INPUT_SOURCE', `${folder} (${errnoOf(error) ?? 'unreadable'})`, { cause: error })
  }
  return count
}

function readConntrack(root: string): ConntrackReading {
  const sysctl = (name: string) =>
    parseInteger(readLine(join(root, 'proc/sys/net/netfilter', name)) ?? '') ?? -1
  // Only root may read it, and it exists only while the module is loaded: both are ordinary.
  const stat = readOptional(join(root, 'proc/net/stat/nf_conntrack'))
  return {
    entries: sysctl('nf_conntrack_count'),
    limit: sysctl('nf_conntrack_max'),
    stats: stat === undefined ? undefined : parseConntrackStat(stat),
  }
}

/** `allocated unused maximum` */
function readFileHandles(path: string): FileHandles {
  const scan = new Scanner(readSource(path))
  const allocated = scan.integer()
  scan.word()
  const maximum = scan.integer()
  if (allocated === undefined || maximum === undefined)
    throw new AgentError('INPUT_SOURCE', `${path} (not three numbers)`)
  return { allocated, maximum }
}
