// Processes of Windows by CIM: one query a scan, and one more for accounts when a new logon session shows up.
import type { Clock } from '../../../kernel/clock.ts'
import { AgentError } from '../../../kernel/errors.ts'
import type { Integer } from '../../../point/point.ts'
import { parseInteger } from '../counter.ts'
import type { OsFacts } from '../os-facts.ts'
import { MAX_COMMAND_LINE, NO_USER, wanted } from '../processes.ts'
import type { ProcessIo, ProcessQuery, ProcessReader, ProcessReading } from '../processes.ts'
import type { Cim, CimRow } from './cim-session.ts'

export interface WindowsProcessSources {
  readonly cim: Cim
  readonly os: Pick<OsFacts, 'totalmem' | 'cpus'>
  readonly clock: Clock
  /** Called by dispose(). */
  release(): void
}

const PROPERTIES = [
  'ProcessId',
  'Name',
  'CommandLine',
  'CreationDate',
  'KernelModeTime',
  'UserModeTime',
  'WorkingSetSize',
  'PageFileUsage',
  'ThreadCount',
  'ReadOperationCount',
  'WriteOperationCount',
  'ReadTransferCount',
  'WriteTransferCount',
] as const
/** Process times count in units of 100 ns. */
const TIME_UNITS = 1e7
/** The idle process's time is what the others left. */
const IDLE_PID = 0
const LISTEN = 2

export function windowsProcesses({ cim, os, clock, release }: WindowsProcessSources): ProcessReader {
  const accounts = new Accounts(cim)
  return {
    async read(query) {
      const rows = await cim.query({ className: 'Win32_Process', properties: PROPERTIES })
      const users = await accounts.byPid()
      const ports = query.listenPorts ? await listenPorts(cim) : undefined
      const now = clock.now()
      const processes = rows.flatMap((row) => toReading(row, now, query, users, ports))
      return { processes, memoryTotal: os.totalmem(), processors: Math.max(1, os.cpus().length) }
    },
    dispose: release,
  }
}

const integer = (row: CimRow, property: string): Integer => parseInteger(row[property] ?? '') ?? 0
const seconds = (row: CimRow, property: string): number => Number(integer(row, property)) / TIME_UNITS

function toReading(
  row: CimRow,
  now: number,
  query: ProcessQuery,
  users: ReadonlyMap<number, string>,
  ports: ReadonlyMap<number, number[]> | undefined,
): ProcessReading[] {
  const pid = Number(integer(row, 'ProcessId'))
  const startTime = Date.parse(row['CreationDate'] ?? '')
  if (pid === IDLE_PID || Number.isNaN(startTime)) return []
  const process: ProcessReading = {
    pid,
    name: row['Name'] ?? '',
    username: users.get(pid) ?? NO_USER,
    commandLine: (row['CommandLine'] ?? '').trim().slice(0, MAX_COMMAND_LINE),
    startTime,
    age: Math.max(0, now - startTime) / 1000,
    userTime: seconds(row, 'UserModeTime'),
    systemTime: seconds(row, 'KernelModeTime'),
    rss: integer(row, 'WorkingSetSize'),
    // KiB of commit charge.
    vms: Number(integer(row, 'PageFileUsage')) * 1024,
    threads: Number(integer(row, 'ThreadCount')),
    io: ioOf(row),
    listenPorts: ports && (ports.get(pid) ?? []),
  }
  return wanted(process, query) ? [process] : []
}

/** Missing for processes that are not ours to look at. */
function ioOf(row: CimRow): ProcessIo | undefined {
  if (row['ReadOperationCount'] === undefined) return undefined
  return {
    readCalls: integer(row, 'ReadOperationCount'),
    writeCalls: integer(row, 'WriteOperationCount'),
    readBytes: integer(row, 'ReadTransferCount'),
    writeBytes: integer(row, 'WriteTransferCount'),
  }
}

async function listenPorts(cim: Cim): Promise<Map<number, number[]>> {
  const rows = await cim.query({
    namespace: 'root/StandardCimv2',
    className: 'MSFT_NetTCPConnection',
    properties: ['OwningProcess', 'LocalPort'],
    filter: `State = ${LISTEN}`,
  })
  const ports = new Map<number, Set<number>>()
  for (const row of rows) {
    const pid = Number(integer(row, 'OwningProcess'))
    const list = ports.get(pid) ?? new Set()
    ports.set(pid, list.add(Number(integer(row, 'LocalPort'))))
  }
  return new Map([...ports].map(([pid, set]) => [pid, [...set].toSorted((a, b) => a - b)]))
}

/** Which account a process belongs to: process -> logon session -> account, both associations as references. */
class Accounts {
  readonly #cim: Cim
  #bySession = new Map<string, string>()

  constructor(cim: Cim) {
    this.#cim = cim
  }

  /** Without the right to look, everybody is nobody. */
  async byPid(): Promise<ReadonlyMap<number, string>> {
    try {
      const sessions = await this.#references('Win32_SessionProcess')
      const pairs = sessions.map((row): [number, string] => [
        Number(keyOf(row['Dependent'], 'Handle') ?? -1),
        keyOf(row['Antecedent'], 'LogonId') ?? '',
      ])
      // Asking for all accounts is slow: only a session that is new makes it worth the while.
      if (pairs.some(([, session]) => !this.#bySession.has(session))) await this.#refresh(pairs)
      return new Map(pairs.map(([pid, session]) => [pid, this.#bySession.get(session) ?? NO_USER]))
    } catch (error) {
      if (error instanceof AgentError && error.code === 'INPUT_SOURCE') return new Map()
      throw error
    }
  }

  async #refresh(pairs: readonly (readonly [number, string])[]): Promise<void> {
    // A session without an account is remembered too, or it would be asked for again in each round.
    const bySession = new Map(pairs.map(([, session]) => [session, NO_USER]))
    for (const row of await this.#references('Win32_LoggedOnUser')) {
      const session = keyOf(row['Dependent'], 'LogonId')
      const name = keyOf(row['Antecedent'], 'Name')
      const domain = keyOf(row['Antecedent'], 'Domain')
      if (session && name) bySession.set(session, domain ? `${domain}\\${name}` : name)
    }
    this.#bySession = bySession
  }

  #references(className: string): Promise<readonly CimRow[]> {
    return this.#cim.query({ className, properties: ['Antecedent', 'Dependent'] })
  }
}

/** A key of a reference as PowerShell writes it: `Win32_Account (Name = "SYSTEM", Domain = "NT AUTHORITY")`. */
function keyOf(reference: string | undefined, key: string): string | undefined {
  return new RegExp(`\\b${key} = "((?:[^"\\\\]|\\\\.)*)"`).exec(reference ?? '')?.[1]
}
