// Everything a start needs from the work directory, in order: directories, first datakit.conf, datakit.conf, samples,
// default collectors, collectors. Nothing that is wrong in a file or with the disk stops it.
import type { Diagnostic } from '../kernel/diagnostic.ts'
import { diagnostic } from '../kernel/diagnostic.ts'
import { writeFileAtomic } from './atomic-write.ts'
import {
  enabledInputs,
  writeDefaultInputs,
  writeFirstConfig,
  writeSamples,
  type EnabledInputs,
  type VirtualFile,
} from './default-inputs.ts'
import { readAesKey } from './enc.ts'
import { prepareLayout, type WorkLayout } from './layout.ts'
import { loadInputs, type LoadedInputs } from './load-inputs.ts'
import { loadMainConfig, type MainConfig, type MainConfigOptions } from './main-config.ts'
import type { InputRegistry } from './registry.ts'
import { join } from 'node:path'

export interface ConfigurationOptions extends MainConfigOptions {
  readonly version: string
}

export interface Configuration extends MainConfig {
  readonly inputs: LoadedInputs
  readonly enabled: EnabledInputs
  /** There was no datakit.conf before. */
  readonly firstRun: boolean
  /** Of directories, datakit.conf, ENV_*, samples and collectors, in that order. */
  readonly diagnostics: readonly Diagnostic[]
}

/** For a start. A reload of collectors calls it again: what is there already is left as it is. */
export function loadConfiguration(
  layout: WorkLayout,
  registry: InputRegistry,
  options: ConfigurationOptions,
): Configuration {
  const { platform, env, container = false } = options
  const prepared = prepareLayout(layout)
  const first = container ? { written: false, diagnostics: [] } : writeFirstConfig(layout, platform)
  const main = loadMainConfig(layout, options)
  const enabled = enabledInputs(main.config.default_enabled_inputs)
  const samples = writeSamples(layout, registry, options)
  const fromEnv = envInputs(layout, env['ENV_DATAKIT_INPUTS'], container)
  const defaults = writeDefaultInputs(layout, registry, enabled.enabled, platform)
  const key = readAesKey(main.config.crypto)
  const inputs = loadInputs(layout, registry, {
    env,
    platform,
    disabled: enabled.disabled,
    aesKey: key.ok ? key.value : undefined,
    virtual: [...fromEnv.virtual, ...defaults.inMemory],
  })
  const diagnostics = [
    ...prepared,
    ...first.diagnostics,
    ...main.diagnostics,
    ...samples,
    ...fromEnv.diagnostics,
    ...defaults.diagnostics,
    ...(key.ok ? [] : [diagnostic('CONFIG_SECRET', key.error.message, { path: 'crypto.aes_key_file' })]),
    ...inputs.diagnostics,
  ]
  return { ...main, inputs, enabled, firstRun: first.written, diagnostics }
}

/**
 * ENV_DATAKIT_INPUTS holds collectors as TOML. In a container it is saved under conf.d, as configuration comes from the
 * environment only; on a host no file is written for it. Either way it counts in place of the file.
 */
function envInputs(
  layout: WorkLayout,
  text: string | undefined,
  container: boolean,
): { virtual: readonly VirtualFile[]; diagnostics: readonly Diagnostic[] } {
  if (!text) return { virtual: [], diagnostics: [] }
  const path = join(layout.confDir, 'ENV_DATAKIT_INPUTS.conf')
  const file = layout.shown(path)
  const saved = container ? writeFileAtomic(path, text) : undefined
  const failed = saved && !saved.ok
  return {
    virtual: [{ file, text }],
    diagnostics: failed
      ? [diagnostic('CONFIG_WRITE', saved.error.message, { severity: 'warning', file })]
      : [],
  }
}
