// Addresses of interfaces as CIDR texts.
import type { Address } from './identity.ts'

/** Loopback addresses are left out. */
export function cidrs(addresses: readonly Address[] | undefined, family: 'IPv4' | 'IPv6'): string[] {
  return (addresses ?? [])
    .filter((address) => address.family === family && !address.internal)
    .flatMap((address) => address.cidr ?? [])
}
