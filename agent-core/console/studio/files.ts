// Scripts as files of the work directory: read, written only over the version that was edited, deleted with their cases.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScriptRef } from '../../contract/pipelines.ts'
import { writeFileAtomic } from '../../config/atomic-write.ts'
import { AgentError, errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { ScriptEntry } from '../../pipeline/scripts/script-store.ts'
import { caseFileOf } from './cases.ts'

const FILE_NAME = /^(?!\.)[^/\\:*?"<>|\p{Cc}]+\.p$/u

export const revisionOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 22)

export const entryOf = (
  { store }: Pipeline,
  { namespace, category, name }: ScriptRef,
): ScriptEntry | undefined => store.get(`${namespace}/${category}/${name}`)

export class ScriptFiles {
  readonly #pipeline: () => Pipeline
  readonly #dir: string

  /** `dir` holds the scripts of the namespace default. */
  constructor(pipeline: () => Pipeline, dir: string) {
    this.#pipeline = pipeline
    this.#dir = dir
  }

  read(script: ScriptRef): Result<{ text: string; revision: string }> {
    const entry = entryOf(this.#pipeline(), script)
    if (!entry) return err(new AgentError('PIPELINE_MISSING', `${script.category}/${script.name}`))
    return ok({ text: entry.source, revision: revisionOf(entry.source) })
  }

  /** Where a script of the namespace default is, or would be. */
  pathOf(script: ScriptRef): Result<string> {
    const { namespace, category, name } = script
    if (namespace !== 'default')
      return err(new AgentError('PIPELINE_READ_ONLY', `${namespace}/${category}/${name}`))
    if (!FILE_NAME.test(name)) return err(new AgentError('PIPELINE_NAME', name))
    return ok(entryOf(this.#pipeline(), script)?.file ?? join(this.#dir, category, name))
  }

  async save(script: ScriptRef, text: string, base: string | null): Promise<Result<string>> {
    const file = this.#writable(script, base)
    if (!file.ok) return file
    const written = writeFileAtomic(file.value, text)
    if (!written.ok) return written
    await this.#pipeline().loadFiles()
    return ok(revisionOf(text))
  }

  async delete(script: ScriptRef, base: string): Promise<Result<null>> {
    const file = this.#writable(script, base)
    if (!file.ok) return file
    try {
      await rm(file.value)
      await rm(caseFileOf(file.value), { force: true })
      await this.#pipeline().loadFiles()
      return ok(null)
    } catch (error) {
      return err(new AgentError('PIPELINE_FILE', `${file.value}: ${errorText(error)}`))
    }
  }

  #writable(script: ScriptRef, base: string | null): Result<string> {
    const entry = entryOf(this.#pipeline(), script)
    const now = entry ? revisionOf(entry.source) : null
    if (now === base) return this.pathOf(script)
    const code = base === null ? 'PIPELINE_EXISTS' : 'PIPELINE_CONFLICT'
    return err(new AgentError(code, `${script.category}/${script.name}`))
  }
}
