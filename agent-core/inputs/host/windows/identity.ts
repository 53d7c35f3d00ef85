// Who a Windows machine is: node:os and two CIM classes.
import type { Clock } from '../../../kernel/clock.ts'
import { cidrs } from '../addresses.ts'
import type { HostIdentity, IdentityOs, NetworkInterface } from '../identity.ts'
import { describedByOs } from '../os-processors.ts'
import type { Cim } from './cim-session.ts'

export interface WindowsIdentitySources {
  readonly cim: Cim
  readonly os: IdentityOs
  readonly clock: Clock
  /** Called by dispose(). */
  release(): void
}

const CONNECTED = '1'

export function windowsIdentity({ cim, os, clock, release }: WindowsIdentitySources): HostIdentity {
  return {
    async meta() {
      const [system] = await cim.query({
        className: 'Win32_OperatingSystem',
        properties: ['Caption', 'ProductType', 'Version', 'BuildNumber', 'LastBootUpTime'],
      })
      const version = system?.['Version'] ?? os.release()
      const boot = Date.parse(system?.['LastBootUpTime'] ?? '')
      return {
        bootTime: Math.round(Number.isNaN(boot) ? clock.now() / 1000 - os.uptime() : boot / 1000),
        os: 'windows',
        platform: system?.['Caption']?.trim() ?? os.version(),
        platformFamily: (system?.['ProductType'] ?? '1') === '1' ? 'Standalone Workstation' : 'Server',
        platformVersion: system?.['BuildNumber'] ? `${version} Build ${system['BuildNumber']}` : version,
        kernelRelease: version,
        arch: os.machine(),
      }
    },
    processors: () => describedByOs(os),
    async interfaces() {
      const rows = await cim.query({
        namespace: 'root/StandardCimv2',
        className: 'MSFT_NetIPInterface',
        properties: ['InterfaceAlias', 'NlMtu', 'ConnectionState'],
        filter: 'AddressFamily = 2',
      })
      const addresses = os.networkInterfaces()
      return rows.flatMap((row): NetworkInterface[] => {
        const name = row['InterfaceAlias']
        if (name === undefined) return []
        const own = addresses[name]
        const loopback = own?.some((address) => address.internal) ?? false
        const up = row['ConnectionState'] === CONNECTED
        return [
          {
            name,
            mac: loopback ? '' : (own?.[0]?.mac ?? ''),
            // Loopback's is "all ones".
            mtu: Number(row['NlMtu'] ?? 0),
            flags: [...(up ? ['up'] : []), loopback ? 'loopback' : 'broadcast', 'multicast'],
            virtual: false,
            ip4: cidrs(own, 'IPv4'),
            ip6: cidrs(own, 'IPv6'),
          },
        ]
      })
    },
    inContainer: () => false,
    dispose: release,
  }
}
