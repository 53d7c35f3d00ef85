// `datakit check --config`: what is right and wrong in a configuration directory, as lines and counts.
import { dirname, join, resolve } from 'node:path'
import { formatDiagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { enabledInputs } from './default-inputs.ts'
import { readAesKey } from './enc.ts'
import { workLayout } from './layout.ts'
import { loadInputs, type FileState, type LoadedInputs } from './load-inputs.ts'
import { loadMainConfig, type MainConfig } from './main-config.ts'
import type { Environment, InputRegistry, Platform } from './registry.ts'

export interface CheckOptions {
  readonly env: Environment
  readonly platform: Platform
  readonly cores: number
}

export interface ConfigCheck {
  /** To print, in order; the summary is the last one. */
  readonly lines: readonly string[]
  /** Nothing failed. */
  readonly ok: boolean
  readonly counts: {
    readonly checked: number
    /** Not loaded on purpose: duplicates, switched off, not for this system. */
    readonly ignored: number
    readonly passed: number
    readonly failed: number
    /** Files with a collector that does not exist. */
    readonly unknown: number
    readonly instances: number
  }
}

/** @param dir a directory such as conf.d, with or without a datakit.conf; nothing in it is changed */
export function checkConfig(dir: string, registry: InputRegistry, options: CheckOptions): ConfigCheck {
  const confDir = resolve(dir)
  const base = workLayout(dirname(confDir), options.platform)
  const layout = { ...base, confDir, mainFile: join(confDir, 'datakit.conf'), shown: (path: string) => path }
  const main = loadMainConfig(layout, { ...options, env: {} })
  const key = readAesKey(main.config.crypto)
  const { disabled } = enabledInputs(main.config.default_enabled_inputs)
  const aesKey = key.ok ? key.value : undefined
  const loaded = loadInputs(layout, registry, {
    env: options.env,
    platform: options.platform,
    disabled,
    aesKey,
  })
  const verdicts = [...loaded.files.map(verdictOf), ...mainVerdict(main)]
  const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length
  const counts = {
    checked: verdicts.length,
    ignored: count('ignored'),
    passed: count('passed'),
    failed: count('failed'),
    unknown: count('unknown'),
    instances: loaded.instances.length,
  }
  const unread = loaded.diagnostics.filter((d) => d.code === 'CONFIG_READ' && d.file === confDir)
  return {
    lines: [
      ...fileLines(loaded),
      ...diagnosticLines([...unread, ...main.diagnostics]),
      '',
      '-'.repeat(24),
      summary(counts),
    ],
    ok: counts.failed === 0 && unread.length === 0,
    counts,
  }
}

type Verdict = 'passed' | 'failed' | 'unknown' | 'ignored'

function verdictOf({ state }: FileState): Verdict {
  switch (state) {
    case 'failed':
    case 'type_error':
      return 'failed'
    case 'unknown_input':
      return 'unknown'
    case 'loaded':
    case 'empty':
      return 'passed'
    default:
      return 'ignored'
  }
}

function mainVerdict({ file, diagnostics }: MainConfig): Verdict[] {
  if (file.state === 'missing') return []
  const wrong = file.state === 'failed' || diagnostics.some((d) => d.severity === 'error')
  return [wrong ? 'failed' : 'passed']
}

function* fileLines(loaded: LoadedInputs): Generator<string> {
  for (const { file, inputs, diagnostics } of loaded.files) {
    const running = inputs.filter((input) => input.state === 'loaded').map((input) => input.name)
    for (const name of new Set(running))
      yield `[I] got ${running.filter((other) => other === name).length} ${name} input in ${file}`
    yield* diagnosticLines(diagnostics)
  }
}

const MARKS = { error: '[E]', warning: '[W]', notice: '[I]' } as const

function* diagnosticLines(diagnostics: readonly Diagnostic[]): Generator<string> {
  for (const d of diagnostics) {
    if (d.code === 'CONFIG_LOCAL_ONLY') continue
    const broken = d.code === 'CONFIG_SYNTAX' || d.code === 'CONFIG_READ'
    yield `${MARKS[d.severity]} ${broken && d.file ? `failed to parse ${formatDiagnostic(d)}` : formatDiagnostic(d)}`
  }
}

const summary = (c: ConfigCheck['counts']): string =>
  `checked ${c.checked} samples, ${c.ignored} ignored, ${c.passed} passed, ${c.failed} failed, ` +
  `${c.unknown} unknown, total input instance ${c.instances}`
