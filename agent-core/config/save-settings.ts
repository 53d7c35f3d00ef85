// Changes datakit.conf by smallest text patches: comments, order and untouched lines stay.
import { readFileSync } from 'node:fs'
import { AgentError, errnoOf, errorText } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { writeFileAtomic } from './atomic-write.ts'
import { removeValue, setValue } from './toml-edit.ts'

export interface SettingChange {
  readonly path: readonly string[]
  /** undefined removes the setting. */
  readonly value: string | number | boolean | readonly string[] | undefined
}

/** Fails with CONFIG_READ, CONFIG_SYNTAX (a file that does not parse is not touched) or CONFIG_WRITE. */
export function saveSettings(file: string, changes: readonly SettingChange[]): Result<void> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT')
      return err(new AgentError('CONFIG_READ', `${file}: ${errorText(error)}`, { cause: error }))
    text = ''
  }
  for (const { path, value } of changes) {
    const edited = value === undefined ? removeValue(text, path) : setValue(text, path, value)
    if (!edited.ok) return edited
    text = edited.value.text
  }
  const written = writeFileAtomic(file, text)
  return written.ok ? ok(undefined) : written
}
