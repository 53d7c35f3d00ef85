// Who this host is: its system, processors and network interfaces, for the host object.
import * as os from 'node:os'
import type { InputContext } from '../define-input.ts'
import { runCommand } from './commands.ts'
import { darwinIdentity } from './darwin/identity.ts'
import { linuxIdentity } from './linux/identity.ts'
import { openCim } from './open-host.ts'
import { windowsIdentity } from './windows/identity.ts'

type Maybe<T> = T | Promise<T>

export interface HostMeta {
  /** Unix seconds. */
  readonly bootTime: number
  /** linux, darwin, windows */
  readonly os: string
  readonly platform: string
  readonly platformFamily: string
  readonly platformVersion: string
  readonly kernelRelease: string
  readonly arch: string
}

export interface Processor {
  readonly vendorId: string
  readonly model: string
  readonly cores: number
  readonly mhz: number
  /** KiB; 0 when unknown. */
  readonly cacheSize: number
}

export interface NetworkInterface {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  /** up, broadcast, loopback, pointtopoint, multicast */
  readonly flags: readonly string[]
  /** Without hardware; known on Linux only. */
  readonly virtual: boolean
  /** CIDR texts without loopback addresses. */
  readonly ip4: readonly string[]
  readonly ip6: readonly string[]
}

export interface HostIdentity {
  meta(): Maybe<HostMeta>
  processors(): Maybe<readonly Processor[]>
  interfaces(): Maybe<readonly NetworkInterface[]>
  inContainer(): boolean
  dispose(): void
}

/** What node:os tells, replaceable by recorded values in tests. */
export interface IdentityOs {
  release(): string
  machine(): string
  version(): string
  uptime(): number
  cpus(): readonly { readonly model: string; readonly speed: number }[]
  networkInterfaces(): Readonly<Record<string, readonly Address[] | undefined>>
}

export interface Address {
  readonly family: string
  readonly cidr: string | null
  readonly mac: string
  readonly internal: boolean
}

/** The caller disposes it. */
export function openIdentity({ host, clock }: Pick<InputContext, 'host' | 'clock'>): HostIdentity {
  switch (host.platform) {
    case 'linux':
      return linuxIdentity(host.root, os)
    case 'darwin':
      return darwinIdentity({ run: runCommand, os, clock })
    case 'win32':
      return windowsIdentity({ os, clock, ...openCim(host, clock) })
  }
}
