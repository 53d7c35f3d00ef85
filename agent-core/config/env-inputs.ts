// ENV_INPUT_<NAME>_<KEY>: settings of collectors from the environment, for every instance that the files configure.
import type { GenericSchema } from 'valibot'
import { diagnostic, type Diagnostic } from '../kernel/diagnostic.ts'
import { checkValues } from './check-values.ts'
import { envExpectation, parseEnvText } from './env-values.ts'
import type { Environment, InputEntry, InputRegistry } from './registry.ts'
import { shapeOf } from './shape.ts'
import { suggest } from '../kernel/suggest.ts'
import { isTable, newTable, type KeyPath, type TomlTable } from './toml.ts'

export interface EnvOverride {
  readonly variable: string
  readonly path: KeyPath
  /** As parseToml would give it. */
  readonly value: unknown
}

export interface EnvInputs {
  readonly overrides: ReadonlyMap<string, readonly EnvOverride[]>
  readonly diagnostics: readonly Diagnostic[]
}

const envPrefixOf = (entry: InputEntry): string => entry.envPrefix ?? `ENV_INPUT_${entry.name.toUpperCase()}`

/** Every setting of a collector that a variable can set: variable name to key path. */
function envNames(entry: InputEntry): ReadonlyMap<string, { path: KeyPath; schema: GenericSchema }> {
  const names = new Map<string, { path: KeyPath; schema: GenericSchema }>()
  const add = (schema: GenericSchema, path: readonly string[]): void => {
    const shape = shapeOf(schema)
    if (path.length > 0) names.set(envName(entry, path), { path, schema })
    if (shape.kind === 'table') for (const [key, child] of shape.entries) add(child, [...path, key])
  }
  add(entry.schema, [])
  return names
}

const envName = (entry: InputEntry, path: readonly string[]): string =>
  [envPrefixOf(entry), ...path.map((key) => key.toUpperCase().replace(/[^A-Z0-9]/g, '_'))].join('_')

/** Variables that set nothing or hold a wrong value are ignored with a diagnostic; values are never quoted. */
export function readEnvInputs(env: Environment, registry: InputRegistry): EnvInputs {
  const overrides = new Map<string, EnvOverride[]>()
  const diagnostics: Diagnostic[] = []
  const entries = [...registry.values()].sort((a, b) => envPrefixOf(b).length - envPrefixOf(a).length)
  for (const [variable, text] of Object.entries(env)) {
    if (!text || !variable.startsWith('ENV_')) continue
    const owners = entries.filter((entry) => variable.startsWith(`${envPrefixOf(entry)}_`))
    if (owners.length === 0) continue
    const owner = owners.find((entry) => envNames(entry).has(variable))
    if (!owner) {
      diagnostics.push(unknownVariable(variable, owners[0]!))
      continue
    }
    const { path, schema } = envNames(owner).get(variable)!
    const value = parseEnvText(schema, text)
    if (value === undefined || !checkValues(schema, value, path).result.ok)
      diagnostics.push(envIgnored(variable, `it must be ${envExpectation(schema)}`))
    else overrides.set(owner.name, [...(overrides.get(owner.name) ?? []), { variable, path, value }])
  }
  return { overrides, diagnostics }
}

function unknownVariable(variable: string, entry: InputEntry): Diagnostic {
  const nearest = suggest(variable, envNames(entry).keys())
  return envIgnored(
    variable,
    `the collector ${entry.name} has no such setting${nearest ? `; did you mean ${nearest}?` : ''}`,
  )
}

export const envIgnored = (variable: string, why: string): Diagnostic =>
  diagnostic('CONFIG_ENV', `${variable} is ignored: ${why}`, { severity: 'warning', path: variable })

/** The instance's table with the overrides in it; the input is not changed. */
export function applyOverrides(table: TomlTable, overrides: readonly EnvOverride[]): TomlTable {
  let out = table
  for (const { path, value } of overrides) out = withValue(out, path as readonly string[], value)
  return out
}

function withValue(table: TomlTable, path: readonly string[], value: unknown): TomlTable {
  const out = Object.assign(newTable(), table)
  const [head = '', ...rest] = path
  // The file may spell the key in another case: one setting, one key.
  for (const key of Object.keys(out)) {
    if (key === head || key.toLowerCase() !== head.toLowerCase()) continue
    if (!Object.hasOwn(out, head)) out[head] = out[key]
    delete out[key]
  }
  const child = out[head]
  out[head] = rest.length === 0 ? value : withValue(isTable(child) ? child : newTable(), rest, value)
  return out
}
