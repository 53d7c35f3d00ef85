// ENV_* of datakit.conf, by the table of settings. They apply on every host.
import type { Diagnostic } from '../kernel/diagnostic.ts'
import { diagnostic } from '../kernel/diagnostic.ts'
import { checkValues } from './check-values.ts'
import { envIgnored } from './env-inputs.ts'
import { envExpectation, parseEnvText, splitList } from './env-values.ts'
import type { Environment } from './registry.ts'
import type { EnvVariable, Setting } from './setting.ts'
import { SETTINGS, UNSUPPORTED_ENV } from './settings.ts'
import { settingRows } from './settings-tree.ts'

export interface EnvSettings {
  /** By dotted key. */
  readonly values: ReadonlyMap<string, unknown>
  readonly diagnostics: readonly Diagnostic[]
}

/** A variable that is set but empty counts as not set. A wrong value is ignored with a diagnostic that does not quote it. */
export function envSettings(env: Environment): EnvSettings {
  const values = new Map<string, unknown>()
  const diagnostics: Diagnostic[] = []
  for (const { path, setting } of settingRows(SETTINGS)) {
    for (const variable of setting.env) {
      const text = env[variable.name]
      if (!text) continue
      const read = readVariable(variable, setting, text, env)
      if ('value' in read) {
        values.set(path.join('.'), read.value)
        if (variable.old) diagnostics.push(oldName(variable, setting))
        const useless = misleading(variable, text)
        if (useless) diagnostics.push(useless)
        break
      }
      diagnostics.push(envIgnored(variable.name, read.why))
    }
  }
  for (const name of Object.keys(env).sort())
    if (env[name] && UNSUPPORTED_ENV.some((prefix) => name.startsWith(prefix)))
      diagnostics.push(
        diagnostic('CONFIG_UNSUPPORTED', `${name}: known, not supported yet`, {
          severity: 'notice',
          path: name,
        }),
      )
  return { values, diagnostics }
}

function readVariable(
  variable: EnvVariable,
  setting: Setting,
  text: string,
  env: Environment,
): { value: unknown } | { why: string } {
  if (variable.gate && !env[variable.gate]) return { why: `${variable.gate} is not set` }
  if (variable.parse === 'present' || variable.parse === 'absent')
    return { value: variable.parse === 'present' }
  const raw = variable.parse === 'words' ? splitList(text, /[\s,]+/) : parseEnvText(setting.schema, text)
  const checked = raw === undefined ? undefined : checkValues(setting.schema, raw, [variable.name]).result
  if (!checked?.ok) return { why: `it must be ${envExpectation(setting.schema)}` }
  if (variable.least !== undefined && Number(checked.value) < variable.least)
    return { why: `it must be at least ${variable.least}` }
  return { value: checked.value }
}

const oldName = (variable: EnvVariable, setting: Setting): Diagnostic => {
  const now = setting.env.find((candidate) => !candidate.old)!.name
  return diagnostic('CONFIG_DEPRECATED', `${variable.name} is an old name of ${now}`, {
    severity: 'warning',
    path: variable.name,
    notes: [`Rename it to ${now}; it is still obeyed.`],
  })
}

/** `ENV_DISABLE_X=false` disables X: by the book, but hardly what was meant. */
function misleading(variable: EnvVariable, text: string): Diagnostic | undefined {
  if (variable.parse !== 'present' && variable.parse !== 'absent') return undefined
  if (!/^(0|f|false|no|off)$/i.test(text.trim())) return undefined
  return diagnostic('CONFIG_ENV', `${variable.name} counts as set, whatever its value`, {
    severity: 'warning',
    path: variable.name,
    notes: ['Unset it to switch it off.'],
  })
}
