// Chooses the process reader of this machine.
import type { InputContext } from '../define-input.ts'
import { runCommand } from './commands.ts'
import { darwinProcesses } from './darwin/processes.ts'
import { linuxProcesses } from './linux/processes.ts'
import { openCim } from './open-host.ts'
import { nodeOs } from './os-facts.ts'
import type { ProcessReader } from './processes.ts'
import { windowsProcesses } from './windows/processes.ts'

/** The caller disposes it. */
export function openProcesses({ host, clock }: Pick<InputContext, 'host' | 'clock'>): ProcessReader {
  switch (host.platform) {
    case 'linux':
      return linuxProcesses(host.root)
    case 'darwin':
      return darwinProcesses({ run: runCommand, os: nodeOs, clock })
    case 'win32':
      return windowsProcesses({ os: nodeOs, clock, ...openCim(host, clock) })
  }
}
