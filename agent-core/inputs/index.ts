// Every collector of the agent, in the order of the catalog. A collector that is not listed does not exist.
import { cpu } from './cpu/index.ts'
import type { InputDefinition } from './define-input.ts'
import { disk } from './disk/index.ts'
import { diskio } from './diskio/index.ts'
import { dk } from './dk/index.ts'
import { hostobject } from './hostobject/index.ts'
import { hostProcesses } from './host_processes/index.ts'
import { mem } from './mem/index.ts'
import { net } from './net/index.ts'
import { swap } from './swap/index.ts'
import { system } from './system/index.ts'

export const inputs: readonly InputDefinition[] = [
  cpu,
  mem,
  swap,
  disk,
  diskio,
  net,
  system,
  hostProcesses,
  hostobject,
  dk,
]
