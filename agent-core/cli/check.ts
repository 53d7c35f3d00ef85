// `datakit check --config`: prints what DataKit prints; false when a file failed.
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { checkConfig } from '../config/check-config.ts'
import type { Platform } from '../config/registry.ts'
import { workLayout } from '../config/layout.ts'
import { inputs } from '../inputs/index.ts'
import { chooseWorkdir } from './workdir.ts'

export interface CheckCommandOptions {
  readonly configDir?: string
  readonly workdir?: string
}

export function checkCommand(options: CheckCommandOptions): boolean {
  const platform = process.platform as Platform
  const dir = options.configDir
    ? resolve(options.configDir)
    : workLayout(chooseWorkdir(options.workdir), platform).confDir
  const check = checkConfig(dir, new Map(inputs.map((input) => [input.name, input])), {
    env: process.env,
    platform,
    cores: availableParallelism(),
  })
  for (const line of check.lines) console.log(line)
  return check.ok
}
