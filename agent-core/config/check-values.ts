// TOML values against a schema: keys matched as the configuration matches them (exactly, else by case), unknown keys
// found, integers and floats kept apart, and valibot's verdict as diagnostics with a key path that never quote a value.
import * as v from 'valibot'
import type { BaseIssue, GenericSchema, InferOutput } from 'valibot'
import type { ErrorCode } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { expectedText, kindText, schemaAt, shapeOf } from './shape.ts'
import { suggest } from '../kernel/suggest.ts'
import { isTable, newTable, pathText, plainValue, type KeyPath } from './toml.ts'

export interface ValueIssue {
  readonly code: ErrorCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly path: KeyPath
  /** Point at the key, not the value. */
  readonly atKey?: boolean
  /** The key's right name. */
  readonly rename?: string
}

export interface Checked<T> {
  readonly result: Result<T, readonly ValueIssue[]>
  /** Unknown keys: reported, never fatal. */
  readonly warnings: readonly ValueIssue[]
}

/** Checks `raw` (integers as bigint) against `schema`; `base` is where it stands in its file. */
export function checkValues<S extends GenericSchema>(
  schema: S,
  raw: unknown,
  base: KeyPath,
): Checked<InferOutput<S>> {
  const issues: ValueIssue[] = []
  const value = shape(schema, raw, base, issues)
  const parsed = v.safeParse(schema, value)
  if (!parsed.success)
    for (const issue of parsed.issues) {
      const found = fromValibot(schema, issue, base, raw)
      if (
        !issues.some(
          (known) => known.code !== 'CONFIG_UNKNOWN_KEY' && pathText(known.path) === pathText(found.path),
        )
      )
        issues.push(found)
    }
  const errors = issues.filter((issue) => issue.severity === 'error')
  const warnings = issues.filter((issue) => issue.severity === 'warning')
  return { warnings, result: errors.length > 0 || !parsed.success ? err(errors) : ok(parsed.output) }
}

/** The value as valibot wants it; notes what only TOML knows (unknown keys, a float where an integer belongs). */
function shape(schema: GenericSchema, raw: unknown, path: KeyPath, issues: ValueIssue[]): unknown {
  const expected = shapeOf(schema)
  switch (expected.kind) {
    case 'table':
      if (isTable(raw)) return shapeTable(expected, raw, path, issues)
      // valibot takes a list for an object.
      if (Array.isArray(raw)) issues.push(wrongType(schema, raw, path))
      return plainValue(raw)
    case 'map': {
      if (Array.isArray(raw)) issues.push(wrongType(schema, raw, path))
      if (!isTable(raw)) return plainValue(raw)
      const out = newTable()
      for (const [key, item] of Object.entries(raw))
        out[key] = shape(expected.value, item, [...path, key], issues)
      return out
    }
    case 'list':
      if (!Array.isArray(raw)) return plainValue(raw)
      return raw.map((item, index) => shape(expected.item, item, [...path, index], issues))
    case 'float':
      return typeof raw === 'bigint' ? Number(raw) : plainValue(raw)
    case 'int':
    case 'duration':
      if (typeof raw === 'number') issues.push(wrongType(schema, raw, path))
      return plainValue(raw)
    default:
      return plainValue(raw)
  }
}

function shapeTable(
  table: { readonly entries: ReadonlyMap<string, GenericSchema>; readonly open: boolean },
  raw: Readonly<Record<string, unknown>>,
  path: KeyPath,
  issues: ValueIssue[],
): unknown {
  const out = newTable()
  const names = new Map([...table.entries.keys()].map((name) => [name.toLowerCase(), name]))
  for (const [key, item] of Object.entries(raw)) {
    const name = table.entries.has(key) ? key : names.get(key.toLowerCase())
    // Of two spellings the exact one wins, whatever their order.
    if (name !== undefined && (name === key || !(name in raw)))
      out[name] = shape(table.entries.get(name)!, item, [...path, name], issues)
    else if (table.open) out[key] = plainValue(item)
    else issues.push(unknownKey(key, table.entries.keys(), path))
  }
  return out
}

export function unknownKey(key: string, names: Iterable<string>, path: KeyPath): ValueIssue {
  const rename = suggest(key, names)
  const full = pathText([...path, key])
  return {
    code: 'CONFIG_UNKNOWN_KEY',
    severity: 'warning',
    message: `${full} is not a setting${rename === undefined ? '' : `; did you mean ${rename}?`}`,
    path: [...path, key],
    atKey: true,
    ...(rename === undefined ? {} : { rename }),
  }
}

const wrongType = (schema: GenericSchema, raw: unknown, path: KeyPath): ValueIssue => ({
  code: 'CONFIG_TYPE',
  severity: 'error',
  message: `${pathText(path)} must be ${expectedText(schema)}, not ${kindText(raw)}`,
  path,
})

function fromValibot(
  schema: GenericSchema,
  issue: BaseIssue<unknown>,
  base: KeyPath,
  raw: unknown,
): ValueIssue {
  const local = (issue.path ?? []).map((item) => item.key as string | number)
  const path = [...base, ...local]
  const at = schemaAt(schema, local)
  const value = valueAt(raw, local)
  if (value === undefined && issue.kind === 'schema')
    return { code: 'CONFIG_VALUE', severity: 'error', message: `${pathText(path)} is missing`, path }
  const sameKind = issue.type === 'picklist' || issue.type === 'literal'
  if (issue.kind === 'schema' && at && !(sameKind && typeof value === 'string'))
    return wrongType(at, value, path)
  return {
    code: issue.kind === 'schema' && !sameKind ? 'CONFIG_TYPE' : 'CONFIG_VALUE',
    severity: 'error',
    message: `${pathText(path)} ${verdict(issue, at)}`,
    path,
  }
}

/** valibot's own texts quote what was received; only what was expected and a collector's own words pass. */
function verdict(issue: BaseIssue<unknown>, at: GenericSchema | undefined): string {
  if (issue.kind === 'schema' && at) return `must be ${expectedText(at)}`
  if (issue.type === 'min_value' || issue.type === 'max_value')
    return `must be ${issue.type === 'min_value' ? 'at least' : 'at most'} ${(issue.expected ?? '').replace(/^[<>]=/, '')}`
  if (issue.expected !== null && /received/i.test(issue.message)) return `must be ${issue.expected}`
  if (/received/i.test(issue.message)) return 'is not allowed'
  return issue.message.replace(/^expected /, 'must be ')
}

function valueAt(raw: unknown, path: KeyPath): unknown {
  let at = raw
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)]
    else if (isTable(at))
      at = at[key] ?? at[Object.keys(at).find((k) => k.toLowerCase() === String(key).toLowerCase()) ?? key]
    else return undefined
  }
  return at
}
