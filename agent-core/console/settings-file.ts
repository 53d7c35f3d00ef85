// Console settings of the person at this machine: data/console.json. A broken file means defaults, never a failed start.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { consoleSettings, type ConsoleSettings } from '../contract/settings.ts'
import type { Disposable } from '../kernel/disposable.ts'
import { AgentError, errorText } from '../kernel/errors.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export const DEFAULT_SETTINGS: ConsoleSettings = {
  theme: 'system',
  language: 'system',
  keepInTray: true,
  firstRunDone: false,
}

export class SettingsFile {
  #settings: ConsoleSettings
  readonly #path: string
  readonly #watchers = new Set<(settings: ConsoleSettings) => void>()

  constructor(path: string) {
    this.#path = path
    this.#settings = read(path)
  }

  read(): ConsoleSettings {
    return this.#settings
  }

  write(change: Partial<ConsoleSettings>): Result<ConsoleSettings> {
    const next = { ...this.#settings, ...change }
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      writeFileSync(`${this.#path}.tmp`, `${JSON.stringify(next, null, 2)}\n`)
      renameSync(`${this.#path}.tmp`, this.#path)
    } catch (error) {
      return err(new AgentError('CONFIG_WRITE', `${this.#path}: ${errorText(error)}`, { cause: error }))
    }
    this.#settings = next
    for (const watcher of this.#watchers) watcher(next)
    return ok(next)
  }

  watch(changed: (settings: ConsoleSettings) => void): Disposable {
    this.#watchers.add(changed)
    return { dispose: () => void this.#watchers.delete(changed) }
  }
}

function read(path: string): ConsoleSettings {
  try {
    const saved: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const checked = v.safeParse(v.partial(consoleSettings), saved)
    return checked.success ? { ...DEFAULT_SETTINGS, ...checked.output } : DEFAULT_SETTINGS
  } catch {
    return DEFAULT_SETTINGS
  }
}
