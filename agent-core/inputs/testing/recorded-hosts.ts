// Hosts made of recorded outputs: a Mac and a Windows PC for tests that run anywhere.
import type { Clock } from '../../kernel/clock.ts'
import { AgentError } from '../../kernel/errors.ts'
import { darwinReaders } from '../host/darwin/readers.ts'
import type { OsFacts, OsTimes } from '../host/os-facts.ts'
import type { HostReaders } from '../host/ports.ts'
import ioreg from '../host/testdata/darwin/ioreg.txt?raw'
import mount from '../host/testdata/darwin/mount.txt?raw'
import netstat from '../host/testdata/darwin/netstat.txt?raw'
import macOs from '../host/testdata/darwin/os.json'
import ps from '../host/testdata/darwin/ps.txt?raw'
import swapusage from '../host/testdata/darwin/swapusage.txt?raw'
import users from '../host/testdata/darwin/users.json'
import vmStat from '../host/testdata/darwin/vm_stat.txt?raw'
import cimRows from '../host/testdata/windows/cim.json'
import windowsOs from '../host/testdata/windows/os.json'
import type { Cim, CimRow } from '../host/windows/cim-session.ts'
import { windowsReaders } from '../host/windows/readers.ts'

interface RecordedOs {
  readonly totalmem: number
  readonly freemem: number
  readonly uptime: number
  readonly loadavg: readonly number[]
  readonly cpus: readonly { readonly times: OsTimes }[]
  readonly cpusLater: readonly { readonly times: OsTimes }[]
}

export interface RecordedHost {
  readonly readers: HostReaders
  /** From now on processors have their later times. */
  later(): void
  /** Outputs by command or CIM class; a test may replace or delete one. */
  readonly outputs: Map<string, unknown>
}

function recordedOs(recorded: RecordedOs): { os: OsFacts; later(): void } {
  let { cpus } = recorded
  return {
    later: () => void (cpus = recorded.cpusLater),
    os: {
      cpus: () => cpus,
      totalmem: () => recorded.totalmem,
      freemem: () => recorded.freemem,
      uptime: () => recorded.uptime,
      loadavg: () => recorded.loadavg,
      networkInterfaces: () => ({}),
    },
  }
}

export function recordedMac(): RecordedHost {
  const { os, later } = recordedOs(macOs)
  const outputs = new Map<string, unknown>([
    ['vm_stat', vmStat],
    ['sysctl -n vm.swapusage', swapusage],
    ['mount', mount],
    ['ioreg -c IOBlockStorageDriver -r -l -w0', ioreg],
    ['netstat -ibdnW', netstat],
    ['ps -axo pid=', ps],
  ])
  const readers = darwinReaders({
    os,
    run(file, args) {
      const command = [file, ...args].join(' ')
      const output = outputs.get(command)
      return typeof output === 'string'
        ? Promise.resolve(output)
        : Promise.reject(new AgentError('INPUT_SOURCE', `${command} (not found)`))
    },
    information: async () => ({ users: async () => users }),
  })
  return { readers, later, outputs }
}

export function recordedWindows(clock: Clock): RecordedHost {
  const { os, later } = recordedOs(windowsOs)
  const outputs = new Map<string, unknown>(Object.entries(cimRows))
  const cim: Cim = {
    async query({ className, filter }) {
      const rows = outputs.get(className) as readonly CimRow[] | undefined
      if (!rows) throw new AgentError('INPUT_SOURCE', `${className} (not found)`)
      const type = /^DriveType = (\d)$/.exec(filter ?? '')?.[1]
      return type === undefined ? rows : rows.filter((row) => row['DriveType'] === type)
    },
  }
  return { readers: windowsReaders({ os, cim, clock, release() {} }), later, outputs }
}
