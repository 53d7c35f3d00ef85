// Loads the collectors under conf.d: one state with reasons a file, one entry an instance that can run. A bad file, table
// or key never stops the others.
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { checkValues, unknownKey } from './check-values.ts'
import { listConfFiles } from './conf-files.ts'
import { applyOverrides, readEnvInputs, type EnvInputs } from './env-inputs.ts'
import type { VirtualFile } from './default-inputs.ts'
import { expandInput, holdsTemplate, mentionsTemplate } from './expand-input.ts'
import { issueDiagnostic, type FileText } from './file-diagnostics.ts'
import type { WorkLayout } from './layout.ts'
import { readTextFile, sha256Of, type TextFile } from './read-file.ts'
import type { Environment, InputEntry, InputRegistry, Platform } from './registry.ts'
import { labelAt } from './source-text.ts'
import { suggest } from '../kernel/suggest.ts'
import { isTable, parseToml, pathText, type KeyPath, type TomlDocument, type TomlTable } from './toml.ts'

/**
 * loaded         every collector of the file runs
 * failed         not readable or not TOML: nothing of it runs
 * type_error     an instance was dropped for a wrong value
 * unknown_input  names a collector that does not exist
 * unsupported    not on this system, or it needs what is not supported yet
 * singleton      another file's instance came first
 * disabled       switched off by `-name` in default_enabled_inputs
 * duplicate      the same bytes as a file before
 * empty          no collector in it
 */
export type FileStateKind =
  | 'loaded'
  | 'failed'
  | 'type_error'
  | 'unknown_input'
  | 'unsupported'
  | 'singleton'
  | 'disabled'
  | 'duplicate'
  | 'empty'

export interface FileState {
  /** Relative to the work directory, with `/`. */
  readonly file: string
  /** The worst that happened in it. */
  readonly state: FileStateKind
  /** One sentence; empty when loaded. */
  readonly reason: string
  readonly sha256: string
  /** Each collector table of the file in order. */
  readonly inputs: readonly { readonly name: string; readonly path: string; readonly state: FileStateKind }[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface InputInstance {
  readonly name: string
  /** Counts the instances of this collector over all files, from 0. */
  readonly index: number
  /** Relative to the work directory, with `/`. */
  readonly file: string
  /** Key path of its table in the file, e.g. `inputs.cpu[0]`. */
  readonly path: string
  /** The output of the collector's schema. */
  readonly config: unknown
}

export interface LoadedInputs {
  readonly files: readonly FileState[]
  readonly instances: readonly InputInstance[]
  /** Of all files and of the walk, in order. */
  readonly diagnostics: readonly Diagnostic[]
}

export interface LoadInputsOptions {
  readonly env: Environment
  readonly platform: Platform
  /** Collectors switched off by `-name`. */
  readonly disabled?: ReadonlySet<string>
  readonly aesKey?: Buffer | undefined
  /** A directory other than conf.d (`check --config-dir`). */
  readonly dir?: string
  /** Files that exist in memory only: loaded before the others, in place of a file of the same name. */
  readonly virtual?: readonly VirtualFile[]
}

interface Loading {
  readonly registry: InputRegistry
  readonly options: LoadInputsOptions
  readonly env: EnvInputs
  readonly hashes: Map<string, string>
  readonly counts: Map<string, { count: number; file: string }>
  readonly instances: InputInstance[]
}

export function loadInputs(
  layout: WorkLayout,
  registry: InputRegistry,
  options: LoadInputsOptions,
): LoadedInputs {
  const walk = listConfFiles(layout, options.dir)
  const env = readEnvInputs(options.env, registry)
  const loading: Loading = { registry, options, env, hashes: new Map(), counts: new Map(), instances: [] }
  const files: FileState[] = []
  const virtual = options.virtual ?? []
  for (const { file, text } of virtual) files.push(loadText(file, { text, sha256: sha256Of(text) }, loading))
  for (const path of walk.files) {
    const file = layout.shown(path)
    if (virtual.some((known) => known.file === file)) continue
    const read = readTextFile(path)
    if (read.ok) files.push(loadText(file, read.value, loading))
    else {
      const message = `${file} cannot be read: ${read.error.message.replace(/^Cannot read: /, '')}`
      files.push(fileState(file, '', [], [diagnostic('CONFIG_READ', message, { file })], 'failed'))
    }
  }
  return {
    files,
    instances: loading.instances,
    diagnostics: [...walk.diagnostics, ...env.diagnostics, ...files.flatMap((file) => file.diagnostics)],
  }
}

function loadText(file: string, { text: raw, sha256 }: TextFile, loading: Loading): FileState {
  const first = loading.hashes.get(sha256)
  if (first !== undefined) {
    const message = `${file} has the same content as ${first} and is not loaded again`
    return fileState(
      file,
      sha256,
      [],
      [diagnostic('CONFIG_DUPLICATE', message, { file, severity: 'warning' })],
      'duplicate',
    )
  }
  loading.hashes.set(sha256, file)
  const { aesKey, env } = loading.options
  const expanded = expandInput(raw, { env, aesKey, file })
  const parsed = parseToml(expanded.source.text)
  if (parsed.ok) {
    const text: FileText = { file, raw, source: expanded.source, document: parsed.value }
    return loadDocument(text, sha256, expanded.diagnostics, loading)
  }
  const at = expanded.source.toRaw(parsed.error.offset)
  const fault = diagnostic('CONFIG_SYNTAX', `TOML syntax error: ${parsed.error.message}`, {
    file,
    labels: [labelAt(raw, at, at + 1, parsed.error.message)],
    notes: mentionsTemplate(expanded.source.text)
      ? ['KV templates ({{...}}) are known, but not supported yet; write the value itself.']
      : ['Correct the line; the other files are loaded.'],
  })
  return fileState(file, sha256, [], [...expanded.diagnostics, fault], 'failed')
}

function loadDocument(
  text: FileText,
  sha256: string,
  before: readonly Diagnostic[],
  loading: Loading,
): FileState {
  const diagnostics = [...before]
  const inputs: { name: string; path: string; state: FileStateKind }[] = []
  const { values } = text.document
  for (const key of Object.keys(values))
    if (key !== 'inputs') diagnostics.push(issueDiagnostic(text, unknownKey(key, ['inputs'], [])))
  for (const table of inputTables(text.document, diagnostics, text)) {
    const found: Diagnostic[] = []
    const state = loadTable(table, text, loading, found)
    diagnostics.push(...found)
    inputs.push({ name: table.name, path: pathText(table.path), state })
  }
  return fileState(text.file, sha256, inputs, diagnostics)
}

interface InputTable {
  readonly name: string
  readonly path: KeyPath
  readonly values: TomlTable
}

/** `[[inputs.x]]` gives one a element, `[inputs.x]` one; the tables of a file in their order by name. */
function* inputTables(
  document: TomlDocument,
  diagnostics: Diagnostic[],
  text: FileText,
): Generator<InputTable> {
  const { inputs } = document.values
  if (inputs === undefined) return
  const wrong = (path: KeyPath): void => {
    const message = `${pathText(path)} must be a table`
    diagnostics.push(issueDiagnostic(text, { code: 'CONFIG_TYPE', severity: 'error', message, path }))
  }
  if (!isTable(inputs)) return wrong(['inputs'])
  for (const [name, value] of Object.entries(inputs)) {
    const single = !Array.isArray(value)
    for (const [index, item] of (single ? [value] : value).entries()) {
      const path = single ? ['inputs', name] : ['inputs', name, index]
      if (isTable(item)) yield { name, path, values: item }
      else wrong(path)
    }
  }
}

function loadTable(table: InputTable, text: FileText, loading: Loading, found: Diagnostic[]): FileStateKind {
  const entry = loading.registry.get(table.name)
  if (!entry) {
    found.push(unknownInput(table, text, loading.registry))
    return 'unknown_input'
  }
  const refused = refusal(entry, table, text, loading)
  if (refused) {
    found.push(refused.diagnostic)
    return refused.state
  }
  const overrides = loading.env.overrides.get(entry.name) ?? []
  const checked = checkValues(entry.schema, applyOverrides(table.values, overrides), table.path)
  found.push(...checked.warnings.map((issue) => issueDiagnostic(text, issue)))
  if (!checked.result.ok) {
    found.push(...checked.result.error.map((issue) => issueDiagnostic(text, issue)))
    return 'type_error'
  }
  const count = loading.counts.get(entry.name)
  if (entry.singleton && count) {
    found.push(
      tableDiagnostic(
        text,
        table,
        'CONFIG_SINGLETON',
        `Only one ${entry.name} can run; the one in ${count.file} does`,
      ),
    )
    return 'singleton'
  }
  const index = count?.count ?? 0
  loading.counts.set(entry.name, { count: index + 1, file: count?.file ?? text.file })
  const path = pathText(table.path)
  loading.instances.push({ name: entry.name, index, file: text.file, path, config: checked.result.value })
  return 'loaded'
}

function refusal(
  entry: InputEntry,
  table: InputTable,
  text: FileText,
  loading: Loading,
): { state: FileStateKind; diagnostic: Diagnostic } | undefined {
  const { disabled, platform } = loading.options
  const { name } = entry
  if (disabled?.has(name))
    return {
      state: 'disabled',
      diagnostic: tableDiagnostic(text, table, 'CONFIG_DISABLED', `${name} is switched off`, 'notice'),
    }
  if (!entry.platforms.includes(platform)) {
    const message = `${name} is not available on ${platform}`
    return {
      state: 'unsupported',
      diagnostic: tableDiagnostic(text, table, 'CONFIG_PLATFORM', message, 'notice'),
    }
  }
  if (holdsTemplate(table.values)) {
    const message = `${name} uses a KV template ({{...}}): known, not supported yet`
    return { state: 'unsupported', diagnostic: tableDiagnostic(text, table, 'CONFIG_UNSUPPORTED', message) }
  }
  return undefined
}

function unknownInput(table: InputTable, text: FileText, registry: InputRegistry): Diagnostic {
  const rename = suggest(table.name, registry.keys())
  const message = `There is no collector ${table.name}${rename === undefined ? '' : `; did you mean ${rename}?`}`
  return issueDiagnostic(text, {
    code: 'CONFIG_UNKNOWN_INPUT',
    severity: 'warning',
    message,
    path: table.path.slice(0, 2),
    atKey: true,
    ...(rename === undefined ? {} : { rename }),
  })
}

const tableDiagnostic = (
  text: FileText,
  table: InputTable,
  code: 'CONFIG_DISABLED' | 'CONFIG_PLATFORM' | 'CONFIG_UNSUPPORTED' | 'CONFIG_SINGLETON',
  message: string,
  severity: 'warning' | 'notice' = 'warning',
): Diagnostic => issueDiagnostic(text, { code, severity, message, path: table.path, atKey: true })

const WORST_FIRST: readonly FileStateKind[] = [
  'type_error',
  'unknown_input',
  'singleton',
  'unsupported',
  'disabled',
]

function fileState(
  file: string,
  sha256: string,
  inputs: FileState['inputs'],
  diagnostics: readonly Diagnostic[],
  known?: FileStateKind,
): FileState {
  const worst = WORST_FIRST.find((state) => inputs.some((input) => input.state === state))
  const broken = inputs.length === 0 && diagnostics.some((d) => d.code === 'CONFIG_TYPE')
  const state = known ?? worst ?? (inputs.length > 0 ? 'loaded' : broken ? 'type_error' : 'empty')
  const telling = diagnostics.find((d) => d.severity === 'error') ?? diagnostics[0]
  const reason = state === 'loaded' ? '' : state === 'empty' ? 'no collector in it' : (telling?.message ?? '')
  return { file, state, reason, sha256, inputs, diagnostics }
}
