// Linux behind the ports: everything comes from files below `root`.
import type { HostReaders } from '../ports.ts'
import { linuxCpu } from './cpu.ts'
import { linuxDiskIo } from './disk-io.ts'
import { linuxMemory, linuxSwap } from './memory.ts'
import { linuxMounts } from './mounts.ts'
import { linuxNet } from './net.ts'
import { linuxLoad, linuxSystem } from './system.ts'

export function linuxReaders(root: string): HostReaders {
  return {
    cpu: () => linuxCpu(root),
    load: () => linuxLoad(root),
    memory: () => linuxMemory(root),
    swap: () => linuxSwap(root),
    mounts: () => linuxMounts(root),
    diskIo: () => linuxDiskIo(root),
    net: () => linuxNet(root),
    system: () => linuxSystem(root),
    dispose() {},
  }
}
