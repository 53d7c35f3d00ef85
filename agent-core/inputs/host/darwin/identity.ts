// Who a Mac is: node:os, sw_vers and ifconfig.
import type { Clock } from '../../../kernel/clock.ts'
import { cidrs } from '../addresses.ts'
import type { RunCommand } from '../commands.ts'
import type { HostIdentity, IdentityOs, NetworkInterface } from '../identity.ts'
import { describedByOs } from '../os-processors.ts'

export interface DarwinIdentitySources {
  readonly run: RunCommand
  readonly os: IdentityOs
  readonly clock: Clock
}

export function darwinIdentity({ run, os, clock }: DarwinIdentitySources): HostIdentity {
  return {
    async meta() {
      return {
        bootTime: await bootTime(run, () => clock.now() / 1000 - os.uptime()),
        os: 'darwin',
        platform: 'darwin',
        platformFamily: 'Standalone Workstation',
        platformVersion: (await run('/usr/bin/sw_vers', ['-productVersion'])).trim(),
        kernelRelease: os.release(),
        arch: os.machine(),
      }
    },
    processors: () => describedByOs(os),
    async interfaces() {
      const addresses = os.networkInterfaces()
      return parseIfconfig(await run('/sbin/ifconfig', ['-a'])).map((found): NetworkInterface => ({
        ...found,
        virtual: false,
        ip4: cidrs(addresses[found.name], 'IPv4'),
        ip6: cidrs(addresses[found.name], 'IPv6'),
      }))
    },
    inContainer: () => false,
    dispose() {},
  }
}

/** `{ sec = 1763280723, usec = 12345 } Mon Nov 16 08:12:03 2026` */
async function bootTime(run: RunCommand, otherwise: () => number): Promise<number> {
  const text = await run('/usr/sbin/sysctl', ['-n', 'kern.boottime'])
  return Number(/sec = (\d+)/.exec(text)?.[1] ?? Math.round(otherwise()))
}

const FLAGS: Readonly<Record<string, string>> = {
  UP: 'up',
  BROADCAST: 'broadcast',
  LOOPBACK: 'loopback',
  POINTOPOINT: 'pointtopoint',
  MULTICAST: 'multicast',
}

/** `en0: flags=8863<UP,BROADCAST,...> mtu 1500` and indented lines, of which `ether` holds the MAC. */
function parseIfconfig(text: string): Pick<NetworkInterface, 'name' | 'mac' | 'mtu' | 'flags'>[] {
  return text.split(/\n(?=\S)/).flatMap((block) => {
    const head = /^(\S+): flags=\w+<([^>]*)>(?:.*? mtu (\d+))?/.exec(block)
    if (!head) return []
    return {
      name: head[1]!,
      mtu: Number(head[3] ?? 0),
      mac: /^\s+ether (\S+)/m.exec(block)?.[1] ?? '',
      flags: head[2]!.split(',').flatMap((flag) => FLAGS[flag] ?? []),
    }
  })
}
