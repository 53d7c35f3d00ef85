// What one setting of datakit.conf is: schema, default, ENV_* name, description. The table is in settings.ts.
import * as v from 'valibot'
import type { GenericSchema } from 'valibot'
import { duration, stringList, tagsTable } from './schema-pieces.ts'
import { parseGoDuration } from './duration.ts'
import type { Platform } from './registry.ts'

/** What defaults may depend on. */
export interface SettingFacts {
  readonly platform: Platform
  /** Absolute paths of the work directory's layout. */
  readonly logFile: string
  readonly ginLogFile: string
  readonly cacheDir: string
}

/**
 * How the text of a variable becomes the value.
 * value    by the setting's type
 * present  any text, even "false", means true
 * absent   any text, even "false", means false
 * words    a list separated by spaces or commas
 */
type EnvParse = 'value' | 'present' | 'absent' | 'words'

export interface EnvVariable {
  readonly name: string
  readonly parse: EnvParse
  /** Counts only while this variable is set too. */
  readonly gate?: string
  /** Smaller numbers are ignored. */
  readonly least?: number
  /** An old name: read when the others are not set. */
  readonly old?: boolean
}

export interface SettingOptions {
  /** One name, or several with their ways of reading; the first that is set wins. */
  readonly env?: string | readonly (string | (Partial<EnvVariable> & { readonly name: string }))[]
  /** Holds a token or a password: never shown. */
  readonly secret?: boolean
  /** Values outside are moved to the limit, with a diagnostic. Durations in ms. */
  readonly clamp?: { readonly min?: number; readonly max?: number; readonly protectOnly?: boolean }
  /** 0 stands for the default. */
  readonly zeroIsDefault?: boolean
  /** Shown for a default that depends on the machine. */
  readonly defaultText?: string
  /** No key in the file, only the environment. */
  readonly envOnly?: boolean
  /** Written without `#` in a new datakit.conf. */
  readonly active?: boolean
}

export interface Setting<Value = unknown> extends Omit<SettingOptions, 'env'> {
  readonly kind: 'setting'
  readonly schema: GenericSchema<unknown, Value>
  readonly default: Value | ((facts: SettingFacts) => Value)
  /** One or two sentences. */
  readonly doc: string
  readonly env: readonly EnvVariable[]
}

export interface SettingGroup<Children = SettingTree> {
  readonly kind: 'group'
  readonly doc: string
  readonly children: Children
}

export interface SettingTree {
  readonly [key: string]: Setting | SettingGroup
}

/** The configuration that a table of settings describes. */
export type ValueOf<T> =
  T extends Setting<infer Value>
    ? Value
    : T extends SettingGroup<infer Children>
      ? ValueOf<Children>
      : { readonly [Key in keyof T]: ValueOf<T[Key]> }

type Default<Value> = Value | ((facts: SettingFacts) => Value)

function setting<Value>(
  schema: GenericSchema<unknown, Value>,
  fallback: Default<Value>,
  doc: string,
  { env = [], ...options }: SettingOptions,
): Setting<Value> {
  const variables = (typeof env === 'string' ? [env] : env).map((variable): EnvVariable =>
    typeof variable === 'string'
      ? { name: variable, parse: 'value' }
      : Object.assign({ parse: 'value' as const }, variable),
  )
  return { kind: 'setting', schema, default: fallback, doc, env: variables, ...options }
}

export const group = <const Children extends SettingTree>(
  doc: string,
  children: Children,
): SettingGroup<Children> => ({
  kind: 'group',
  doc,
  children,
})

export const text = (fallback: Default<string>, doc: string, options: SettingOptions = {}): Setting<string> =>
  setting(v.string(), fallback, doc, options)

export const flag = (fallback: boolean, doc: string, options: SettingOptions = {}): Setting<boolean> =>
  setting(v.boolean(), fallback, doc, options)

export const whole = (
  fallback: Default<number>,
  doc: string,
  options: SettingOptions = {},
): Setting<number> => setting(v.pipe(v.number(), v.safeInteger()), fallback, doc, options)

export const decimal = (fallback: number, doc: string, options: SettingOptions = {}): Setting<number> =>
  setting(v.number(), fallback, doc, options)

/** The default is Go text; the value is ms. */
export const time = (fallback: string, doc: string, options: SettingOptions = {}): Setting<number> =>
  setting(duration(), parseGoDuration(fallback)!, doc, options)

export const texts = (
  fallback: readonly string[],
  doc: string,
  options: SettingOptions = {},
): Setting<readonly string[]> => setting<readonly string[]>(stringList(), fallback, doc, options)

export const tags = (doc: string, options: SettingOptions = {}): Setting<Readonly<Record<string, string>>> =>
  setting<Readonly<Record<string, string>>>(tagsTable(), {}, doc, options)

export const textLists = (
  doc: string,
  options: SettingOptions = {},
): Setting<Readonly<Record<string, readonly string[]>>> =>
  setting<Readonly<Record<string, readonly string[]>>>(v.record(v.string(), stringList()), {}, doc, options)

export const choice = <const Value extends string>(
  values: readonly Value[],
  fallback: NoInfer<Value>,
  doc: string,
  options: SettingOptions = {},
): Setting<Value> => setting(v.picklist(values), fallback, doc, options)

export function defaultOf<Value>(from: Setting<Value>, facts: SettingFacts): Value {
  const { default: fallback } = from
  return typeof fallback === 'function' ? (fallback as (facts: SettingFacts) => Value)(facts) : fallback
}
