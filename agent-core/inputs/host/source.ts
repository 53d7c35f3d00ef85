// Reading what the kernel offers as files, and telling once when it cannot be read.
import { readFileSync } from 'node:fs'
import { AgentError, errnoOf, errorText } from '../../kernel/errors.ts'

/** Text of a small (pseudo-)file. Throws AgentError INPUT_SOURCE that names the path. */
export function readSource(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AgentError('INPUT_SOURCE', `${path} (${errnoOf(error) ?? errorText(error)})`, { cause: error })
  }
}

/** Text of a file that need not exist; undefined when it cannot be read. */
export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A trimmed one-line file; undefined when it cannot be read or is empty. */
export const readLine = (path: string): string | undefined => readOptional(path)?.trim() || undefined

/** Reports an unreadable source when it starts to fail, not again until it has worked in between. */
export class SourceErrors {
  readonly #report: (error: unknown) => void
  readonly #failing = new Set<string>()

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  /** What `read` gives; undefined when its source fails. Anything but an unreadable source is a defect and passes. */
  async attempt<T>(source: string, read: () => T | Promise<T>): Promise<T | undefined> {
    try {
      const value = await read()
      this.succeeded(source)
      return value
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'INPUT_SOURCE') throw error
      this.failed(source, error)
      return undefined
    }
  }

  failed(source: string, error: unknown): void {
    if (this.#failing.has(source)) return
    this.#failing.add(source)
    this.#report(error)
  }

  succeeded(source: string): void {
    this.#failing.delete(source)
  }
}
