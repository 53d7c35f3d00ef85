// What the agent writes under conf.d at each start: samples, a first datakit.conf, files of default collectors.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { writeFileAtomic } from './atomic-write.ts'
import { listConfFiles } from './conf-files.ts'
import type { WorkLayout } from './layout.ts'
import { mainSample } from './main-sample.ts'
import { readTextFile, reason } from './read-file.ts'
import type { InputRegistry, Platform } from './registry.ts'

/** Writes a datakit.conf where there is none. */
export function writeFirstConfig(
  layout: WorkLayout,
  platform: Platform,
): { readonly written: boolean; readonly diagnostics: readonly Diagnostic[] } {
  if (existsSync(layout.mainFile)) return { written: false, diagnostics: [] }
  const result = writeFileAtomic(layout.mainFile, mainSample({ platform, ...layout }))
  return {
    written: result.ok,
    diagnostics: result.ok ? [] : [notWritten(layout, layout.mainFile, result.error.message)],
  }
}

const notWritten = (layout: WorkLayout, path: string, why: string): Diagnostic =>
  diagnostic('CONFIG_WRITE', why, { severity: 'warning', file: layout.shown(path) })

/** Removes every `*.conf.sample` under conf.d with the directories that this empties, and writes those of this version. */
export function writeSamples(
  layout: WorkLayout,
  registry: InputRegistry,
  { version, platform }: { readonly version: string; readonly platform: Platform },
): Diagnostic[] {
  try {
    removeSamples(layout.confDir, layout.confDir)
    mkdirSync(layout.samplesDir, { recursive: true })
    for (const entry of registry.values())
      if (entry.platforms.includes(platform))
        writeFileSync(
          join(layout.samplesDir, `${entry.name}.conf.sample`),
          fingerprinted(entry.sample, version),
        )
    const main = fingerprinted(mainSample({ platform, ...layout }), version)
    writeFileSync(join(layout.confDir, 'datakit.conf.sample'), main)
    return []
  } catch (error) {
    const file = layout.shown(layout.samplesDir)
    return [
      diagnostic('CONFIG_WRITE', `The samples cannot be written: ${reason(error)}`, {
        severity: 'warning',
        file,
      }),
    ]
  }
}

/** True when the directory was emptied and removed. */
function removeSamples(dir: string, top: string): boolean {
  let removed = false
  let left = 0
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory() && entry.name !== '.git' && removeSamples(path, top)) removed = true
    else if (!entry.isDirectory() && entry.name.endsWith('.conf.sample')) {
      rmSync(path, { force: true })
      removed = true
    } else left++
  }
  if (!removed || left > 0 || dir === top) return false
  rmdirSync(dir)
  return true
}

/** Line 1 names version and content, so that a person sees whether a copy is of this version. */
function fingerprinted(text: string, version: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `# datakit-desktop ${version} sample ${hash}\n${text}`
}

export interface EnabledInputs {
  readonly enabled: readonly string[]
  /** Names with a leading `-`: they do not run even with a file. */
  readonly disabled: ReadonlySet<string>
}

/** Splits default_enabled_inputs; `-x` wins over `x`. */
export function enabledInputs(names: readonly string[]): EnabledInputs {
  const trimmed = names.map((name) => name.trim()).filter((name) => name !== '')
  const disabled = new Set(trimmed.filter((name) => name.startsWith('-')).map((name) => name.slice(1)))
  const enabled = [...new Set(trimmed.filter((name) => !name.startsWith('-') && !disabled.has(name)))]
  return { enabled, disabled }
}

export interface VirtualFile {
  /** As diagnostics show it. */
  readonly file: string
  readonly text: string
}

export interface DefaultFiles {
  /** Relative to the work directory. */
  readonly written: readonly string[]
  /** What could not be written (a read-only disk): to be loaded from memory. */
  readonly inMemory: readonly VirtualFile[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Writes `conf.d/<name>.conf` from its sample for each enabled collector, unless that path exists or another file under
 * conf.d has a table for the collector already (else a singleton's default would shadow it).
 */
export function writeDefaultInputs(
  layout: WorkLayout,
  registry: InputRegistry,
  enabled: readonly string[],
  platform: Platform,
): DefaultFiles {
  const diagnostics: Diagnostic[] = []
  const written: string[] = []
  const inMemory: VirtualFile[] = []
  const unknown = enabled.filter((name) => !registry.has(name))
  if (unknown.length > 0) diagnostics.push(unknownNames(unknown))
  const missing = enabled.filter((name) => {
    const entry = registry.get(name)
    return entry?.platforms.includes(platform) && !existsSync(join(layout.confDir, `${name}.conf`))
  })
  const configured = missing.length > 0 ? configuredInputs(layout) : new Set<string>()
  for (const name of missing) {
    if (configured.has(name)) continue
    const path = join(layout.confDir, `${name}.conf`)
    const text = registry.get(name)!.sample
    const result = writeFileAtomic(path, text)
    if (result.ok) written.push(layout.shown(path))
    else {
      inMemory.push({ file: layout.shown(path), text })
      diagnostics.push(
        notWritten(layout, path, `${result.error.message}; ${name} runs with its sample all the same`),
      )
    }
  }
  return { written, inMemory, diagnostics }
}

const unknownNames = (names: readonly string[]): Diagnostic =>
  diagnostic(
    'CONFIG_UNKNOWN_INPUT',
    `default_enabled_inputs names collectors that this agent does not have: ${names.join(', ')}`,
    {
      severity: 'notice',
      path: 'default_enabled_inputs',
    },
  )

/** Collectors with a table in any file, even in one that does not parse. */
function configuredInputs(layout: WorkLayout): Set<string> {
  const names = new Set<string>()
  for (const path of listConfFiles(layout).files) {
    const read = readTextFile(path)
    if (!read.ok) continue
    for (const [, name] of read.value.text.matchAll(/^\s*\[\[?\s*inputs\.([\w-]+)/gm)) names.add(name!)
  }
  return names
}
