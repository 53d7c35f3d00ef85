// Chooses the readers of this machine: the one place that knows about platforms.
import type { Clock } from '../../kernel/clock.ts'
import type { HostFacts, InputContext } from '../define-input.ts'
import { runCommand } from './commands.ts'
import { darwinReaders } from './darwin/readers.ts'
import { linuxReaders } from './linux/readers.ts'
import { nodeOs } from './os-facts.ts'
import type { HostReaders } from './ports.ts'
import { CimSession, startPowerShell, type Cim, type PowerShell } from './windows/cim-session.ts'
import { windowsReaders } from './windows/readers.ts'

/** Readers of the machine that `context` runs on. The caller disposes them. */
export function openHost({ host, clock }: Pick<InputContext, 'host' | 'clock'>): HostReaders {
  switch (host.platform) {
    case 'linux':
      return linuxReaders(host.root)
    case 'darwin':
      return darwinReaders({ os: nodeOs, run: runCommand, information: () => import('systeminformation') })
    case 'win32':
      return windowsReaders({ os: nodeOs, clock, ...openCim(host, clock) })
  }
}

interface SharedSession {
  readonly session: CimSession
  users: number
}
const sessions = new WeakMap<HostFacts, SharedSession>()

/** One PowerShell an agent, however many collectors ask; it ends with the last release(). */
export function openCim(
  host: HostFacts,
  clock: Clock,
  start: () => PowerShell = startPowerShell,
): { cim: Cim; release(): void } {
  const shared = sessions.get(host) ?? { session: new CimSession(start), users: 0 }
  sessions.set(host, shared)
  shared.users++
  let released = false
  return {
    cim: { query: (query) => shared.session.query(query, clock) },
    release() {
      if (released) return
      released = true
      if (--shared.users > 0) return
      sessions.delete(host)
      shared.session.dispose()
    },
  }
}
