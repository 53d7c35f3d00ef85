// The last good version of each script whose text does not compile: one file, so that it outlives a restart.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { errnoOf, errorText } from '../../kernel/errors.ts'

const kept = v.record(v.string(), v.string())

/** Scripts may hold what an address is opened with. */
const MODE = 0o600

export class LastGood {
  readonly #path: string
  #sources = new Map<string, string>()
  #written = '{}'
  #problem: string | undefined

  /** `path`: a JSON object of script key to text; it exists only while there is something to keep. */
  constructor(path: string) {
    this.#path = path
  }

  /** What is wrong with the file; undefined = nothing. */
  get problem(): string | undefined {
    return this.#problem && `${this.#path}: ${this.#problem}`
  }

  get sources(): ReadonlyMap<string, string> {
    return this.#sources
  }

  get(key: string): string | undefined {
    return this.#sources.get(key)
  }

  async load(): Promise<void> {
    try {
      const text = await readFile(this.#path, 'utf8')
      this.#sources = new Map(Object.entries(v.parse(kept, JSON.parse(text))))
      this.#written = text
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#problem = errorText(error)
    }
  }

  /** Takes what is to be kept now; a crash leaves the file as it was or as it is to be. */
  async save(sources: ReadonlyMap<string, string>): Promise<void> {
    this.#sources = new Map(sources)
    const text = JSON.stringify(Object.fromEntries(sources))
    if (text === this.#written) return
    try {
      if (sources.size === 0) await rm(this.#path, { force: true })
      else await this.#replace(text)
      this.#written = text
      this.#problem = undefined
    } catch (error) {
      this.#problem = errorText(error)
    }
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    const part = `${this.#path}.part`
    const file = await open(part, 'w', MODE)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, this.#path)
  }
}
