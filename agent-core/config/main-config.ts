// Loads datakit.conf: defaults < file < ENV_*. Whatever is wrong with a key, that key falls back and the agent starts.
import { existsSync } from 'node:fs'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { checkValues, unknownKey, type ValueIssue } from './check-values.ts'
import { issueDiagnostic, type FileIssue, type FileText } from './file-diagnostics.ts'
import type { WorkLayout } from './layout.ts'
import { envSettings } from './main-env.ts'
import { moveOldKeys, oldKeyEdits, type OldKeyUse } from './old-keys.ts'
import { readTextFile } from './read-file.ts'
import type { Environment, Platform } from './registry.ts'
import { formatGoDuration } from './duration.ts'
import { rangeText } from './schema-pieces.ts'
import { defaultOf, type Setting, type SettingFacts, type SettingTree } from './setting.ts'
import { SETTINGS, UNSUPPORTED, type DatakitConfig } from './settings.ts'
import { childOf, settingRows } from './settings-tree.ts'
import { shapeOf } from './shape.ts'
import { labelAt, rewrite, sourceText } from './source-text.ts'
import { valueAtPath } from './toml-values.ts'
import {
  isTable,
  newTable,
  parseToml,
  pathText,
  startsWith,
  type KeyPath,
  type Span,
  type TomlDocument,
  type TomlTable,
} from './toml.ts'

export interface MainConfigOptions {
  readonly env: Environment
  readonly platform: Platform
  /** Processors of the machine: old settings are percent of all of them. */
  readonly cores: number
  /** `run -C`: only the environment counts, datakit.conf is not read. */
  readonly container?: boolean
}

type MainFileState = 'loaded' | 'failed' | 'missing' | 'not_read'

export interface MainConfig {
  readonly config: DatakitConfig
  readonly file: {
    readonly file: string
    readonly state: MainFileState
    /** As on disk; undefined when it was not read. */
    readonly text: string | undefined
  }
  /** Where each value that is not a default comes from, by dotted key. */
  readonly sources: ReadonlyMap<string, 'file' | 'env'>
  readonly diagnostics: readonly Diagnostic[]
}

export function loadMainConfig(layout: WorkLayout, options: MainConfigOptions): MainConfig {
  const diagnostics: Diagnostic[] = []
  const values = new Map<string, unknown>()
  const sources = new Map<string, 'file' | 'env'>()
  const read = readMainFile(layout, options, diagnostics)
  const { text } = read
  if (text) collectFile(text, options.cores, values, diagnostics)
  for (const key of values.keys()) sources.set(key, 'file')
  const fromEnv = envSettings(options.env)
  diagnostics.push(...fromEnv.diagnostics)
  for (const [key, value] of fromEnv.values) {
    values.set(key, value)
    sources.set(key, 'env')
  }
  const report = (issue: FileIssue): void => {
    const path = pathText(issue.path)
    const inFile = text && sources.get(path) === 'file'
    diagnostics.push(
      inFile ? issueDiagnostic(text, issue) : diagnostic(issue.code, issue.message, { ...issue, path }),
    )
  }
  const config = buildConfig(values, { platform: options.platform, ...layout }, report)
  const file = layout.shown(layout.mainFile)
  if (config.dataway.urls.length === 0) diagnostics.push(localOnly(text && file))
  return { config, file: { file, state: read.state, text: read.raw }, sources, diagnostics }
}

const localOnly = (file: string | undefined): Diagnostic =>
  diagnostic('CONFIG_LOCAL_ONLY', 'No DataWay is configured: data stays on this machine', {
    severity: 'notice',
    path: 'dataway.urls',
    ...(file === undefined ? {} : { file }),
  })

interface MainFile {
  readonly state: MainFileState
  readonly raw?: string
  readonly text?: FileText
}

function readMainFile(layout: WorkLayout, options: MainConfigOptions, diagnostics: Diagnostic[]): MainFile {
  if (options.container) return { state: 'not_read' }
  if (!existsSync(layout.mainFile)) return { state: 'missing' }
  const file = layout.shown(layout.mainFile)
  const read = readTextFile(layout.mainFile)
  const notes = ['The agent runs with defaults and ENV_* until it can be read.']
  if (!read.ok) {
    const why = read.error.message.replace(/^Cannot read: /, '')
    diagnostics.push(diagnostic('CONFIG_READ', `${file} cannot be read: ${why}`, { file, notes }))
    return { state: 'failed' }
  }
  const raw = read.value.text
  const source = rewrite(sourceText(raw), /^\uFEFF/g, () => '')
  const parsed = parseToml(source.text)
  if (parsed.ok) return { state: 'loaded', raw, text: { file, raw, source, document: parsed.value } }
  const at = source.toRaw(parsed.error.offset)
  const labels = [labelAt(raw, at, at + 1, parsed.error.message)]
  diagnostics.push(
    diagnostic('CONFIG_SYNTAX', `TOML syntax error: ${parsed.error.message}`, { file, labels, notes }),
  )
  return { state: 'failed', raw }
}

function collectFile(
  text: FileText,
  cores: number,
  values: Map<string, unknown>,
  diagnostics: Diagnostic[],
): void {
  const moved = moveOldKeys(text.document.values, cores)
  diagnostics.push(...moved.uses.map((use) => oldKeyDiagnostic(text, use, moved.values)))
  const issues: ValueIssue[] = []
  const places: FileText = { ...text, document: movedPlaces(text.document, moved.uses) }
  collect(SETTINGS, moved.values, [], places, { values, issues, diagnostics })
  diagnostics.push(...issues.map((issue) => issueDiagnostic(places, issue)))
}

/** A value that came from an old key stands where the old key stands. */
function movedPlaces(document: TomlDocument, uses: readonly OldKeyUse[]): TomlDocument {
  const old = (path: KeyPath): KeyPath => {
    const use = uses.find(({ to, overruled }) => to && !overruled && startsWith(path, to))
    return use?.to ? [...use.from, ...path.slice(use.to.length)] : path
  }
  return {
    values: document.values,
    keySpan: (path) => document.keySpan(old(path)),
    valueSpan: (path) => document.valueSpan(old(path)),
  }
}

function oldKeyDiagnostic(text: FileText, use: OldKeyUse, moved: TomlTable): Diagnostic {
  const [from, to] = [pathText(use.from), use.to && pathText(use.to)]
  const message = !to
    ? `${from} has no effect any more`
    : use.overruled
      ? `${from} is old and ignored: ${to} is set too`
      : `${from} is old: it counts as ${to}`
  const found = issueDiagnostic(text, {
    code: 'CONFIG_DEPRECATED',
    severity: to ? 'warning' : 'notice',
    message,
    path: use.from,
    atKey: true,
  })
  const span = { key: text.document.keySpan(use.from), value: text.document.valueSpan(use.from) }
  const raw = (place: Span): Span => ({
    from: text.source.toRaw(place.from),
    to: text.source.toRaw(place.to),
  })
  const edits =
    span.key &&
    span.value &&
    oldKeyEdits(
      text.raw,
      use,
      { key: raw(span.key), value: raw(span.value) },
      use.to && valueAtPath(moved, use.to),
    )
  const title = to && !use.overruled ? `Move to ${to}` : 'Remove'
  const notes = to && !use.overruled ? [`Write it as ${to}; it is still obeyed.`] : ['Remove it.']
  return { ...found, notes, fixes: edits ? [{ title, edits }] : [] }
}

interface Collecting {
  readonly values: Map<string, unknown>
  readonly issues: ValueIssue[]
  readonly diagnostics: Diagnostic[]
}

/** Values of known settings by dotted key; everything else becomes an issue. */
function collect(
  tree: SettingTree,
  table: TomlTable,
  base: readonly string[],
  text: FileText,
  into: Collecting,
): void {
  for (const [key, value] of Object.entries(table)) {
    const child = childOf(tree, key)
    // Of two spellings the exact one wins, whatever their order.
    if (child && child.name !== key && Object.hasOwn(table, child.name)) continue
    const path = [...base, child?.name ?? key]
    if (!child) {
      const what = base.length === 0 ? UNSUPPORTED[key] : undefined
      if (what === undefined) into.issues.push(unknownKey(key, settingNames(tree), base))
      else into.diagnostics.push(unsupported(text, key, what))
    } else if (child.node.kind === 'setting') {
      const { result, warnings } = checkValues(child.node.schema, value, path)
      into.issues.push(...warnings)
      if (result.ok) into.values.set(path.join('.'), result.value)
      else into.issues.push(...result.error.map(withDefaultNote))
    } else if (isTable(value)) collect(child.node.children, value, path, text, into)
    else into.issues.push(notATable(path))
  }
}

const settingNames = (tree: SettingTree): string[] => Object.keys(tree).filter((key) => childOf(tree, key))

const withDefaultNote = (issue: ValueIssue): ValueIssue =>
  Object.assign({}, issue, { message: `${issue.message}; its default is used` })

const notATable = (path: readonly string[]): ValueIssue => ({
  code: 'CONFIG_TYPE',
  severity: 'error',
  message: `${pathText(path)} must be a table`,
  path,
})

const unsupported = (text: FileText, key: string, what: string): Diagnostic =>
  issueDiagnostic(text, {
    code: 'CONFIG_UNSUPPORTED',
    severity: 'notice',
    message: `${key} (${what}): known, not supported yet`,
    path: [key],
    atKey: true,
  })

function buildConfig(
  values: ReadonlyMap<string, unknown>,
  facts: SettingFacts,
  report: Report,
): DatakitConfig {
  const root = newTable()
  const protect = values.get('protect_mode') ?? true
  for (const { path, setting } of settingRows(SETTINGS)) {
    const key = path.join('.')
    const fallback = defaultOf(setting, facts)
    let value = values.get(key) ?? fallback
    if (setting.zeroIsDefault && value === 0) value = fallback
    if (typeof value === 'number' && !(setting.clamp?.protectOnly && !protect))
      value = clamp(path, value, setting, report)
    place(root, path, value)
  }
  return root as unknown as DatakitConfig
}

type Report = (issue: FileIssue) => void

function clamp(path: KeyPath, value: number, setting: Setting, report: Report): number {
  const { min = -Infinity, max = Infinity } = setting.clamp ?? {}
  const inside = Math.min(max, Math.max(min, value))
  if (inside === value) return value
  const show = shapeOf(setting.schema).kind === 'duration' ? formatGoDuration : String
  report({
    code: 'CONFIG_CLAMPED',
    severity: 'warning',
    message: `${pathText(path)} must be ${rangeText(setting.clamp!, show)}: ${show(inside)} is used`,
    path,
    notes: [setting.clamp!.protectOnly ? 'Set protect_mode = false to obey the file.' : 'Correct the value.'],
  })
  return inside
}

function place(root: TomlTable, path: readonly string[], value: unknown): void {
  let at = root
  for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as TomlTable
  at[path.at(-1)!] = value
}
